/** The examples: how each is built, and what its servers need. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { readContract } from '../../../cli/releases/read-contract.ts';
import { buildTomcatRelease } from '../../../cli/releases/tomcat/publish-war.ts';
import { tomcatApp as appSchema } from '../../../infra/config/app-kind.ts';
import { ensureJava, ensureMavenOutput } from '../../../setup/java.mjs';
import { INSTANCES } from '../listed-instances.ts';
import type { FleetInput } from '../local-settings.ts';
import { freeRow, withCluster } from './cluster-release.ts';
import { type Build, healthKeys, type PrepareExample } from './local-app.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../examples');

const nodeExample =
  (name: string): PrepareExample =>
  async () => {
    const folder = path.join(FOLDER, name);
    const { port, health } = await readContract(folder);
    return {
      server: { port, ...healthKeys(health) },
      build: (build) => runBuild(folder, build),
    };
  };

export const NODE_EXAMPLE = nodeExample('node-app');

/** An example in Java. Its first use downloads and builds what all of its releases share. */
const javaExample =
  (name: string, more: FleetInput = {}): PrepareExample =>
  async () => {
    const { home } = ensureJava();
    const folder = path.join(FOLDER, name);
    const { port, health } = await readContract(folder);
    await ensureMavenOutput(name);
    return {
      javaHome: home,
      server: { port, ...healthKeys(health), ...more },
      build: (build) => runBuild(folder, build),
    };
  };

/** Small and quick to start, since three run at once next to the rest of the cloud. */
const LOCAL_JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'];

/** A WAR in a Tomcat that belongs to the machine: with Redisson's session manager, or with its sessions in memory by the fleet's strategy. */
const tomcatExample: PrepareExample = async ({ strategy = 'redis' } = {}) => {
  const { home: javaHome } = ensureJava();
  const made = await ensureMavenOutput('tomcat-app');
  const app = {
    kind: 'tomcat',
    home: path.join(made, 'tomcat'),
    libraries: path.join(made, 'libraries'),
    health: { loadBalancer: '/live', ready: '/health' },
    session: { cookie: 'SID', page: '/internal/session' },
    sameSite: 'strict',
    javaOptions: LOCAL_JAVA_OPTIONS,
  } as const;
  const port = 8080;
  const isCluster = strategy === 'tomcat-cluster';
  // The same for each release: servers with the one before and the one after copy sessions to each other.
  const cluster = isCluster && { firstPort: await freeRow(INSTANCES), servers: INSTANCES, key: randomBytes(32).toString('hex') };
  return {
    javaHome,
    server: { port, healthPath: app.health.loadBalancer, app },
    async build(build) {
      const folder = await runBuild(path.join(FOLDER, 'tomcat-app'), build);
      const release = { war: path.join(folder, 'app.war'), fleet: { app: appSchema.parse(app), port, strategy } };
      const made = cluster ? await withCluster(release, cluster, path.join(folder, 'cluster')) : release;
      return buildTomcatRelease({ ...made, folder: path.join(folder, 'release') });
    },
  };
};

/** The examples by the name that `--app` takes. */
export const EXAMPLES: Readonly<Record<string, PrepareExample>> = {
  'hardened-node-app': nodeExample('hardened-node-app'),
  tomcat: tomcatExample,
  spring: javaExample('spring-app', { sessions: { channels: ['spring-session-indexed'] } }),
};

/** Runs an example's own `build.mjs`; gives the folder that it wrote. */
async function runBuild(example: string, { version, folder, temporary, signal }: Build): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  await promisify(execFile)(process.execPath, [path.join(example, 'build.mjs'), '--version', version, '--out', folder], {
    env: { ...process.env, TMPDIR: temporary },
    timeout: 60_000,
    signal,
  });
  return folder;
}
