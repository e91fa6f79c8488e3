/** The example for Tomcat and the one for Spring Boot as servers of fleets, at a store with the users of the fleets. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildTomcatRelease } from '../../../cli/releases/tomcat/build-release.ts';
import { parseConfig } from '../../../infra/config.ts';
import { ensureJava, ensureMavenOutput } from '../../../setup/java.mjs';
import { addClasses } from '../spring-snippets.ts';
import { type JavaServer, startJava } from './java-server.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../../../examples');
/** They start sooner, and take less memory. */
const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx192m'];

export interface AppsStore {
  readonly port: number;
  readonly caPem: string;
}

/** The credentials of one user of the store. */
export interface AppLogin {
  readonly user: string;
  readonly password: string;
  readonly keyPrefix: string;
}

export interface JavaApps {
  /** @param change edits the release's folder before its server starts */
  startTomcat(login: AppLogin, name: string, change?: (release: string) => Promise<void>): Promise<JavaServer>;
  /** @param words of its command line: `--spring.session.timeout=60s` */
  startSpring(login: AppLogin, ...words: string[]): Promise<JavaServer>;
  /** The Spring example with these classes in the place of its own of the same names. */
  springWith(name: string, sources: readonly string[]): (login: AppLogin, ...words: string[]) => Promise<JavaServer>;
  /** Ends the servers that still run. */
  stop(): Promise<void>;
}

/** The fleet's `app` for the example, as docs/tomcat.md has it. */
export async function tomcatApp(): Promise<{
  kind: 'tomcat';
  home: string;
  libraries: string;
  health: { loadBalancer: string; ready: string };
  session: { cookie: string };
}> {
  const out = await ensureMavenOutput('tomcat-app');
  return {
    kind: 'tomcat',
    home: path.join(out, 'tomcat'),
    libraries: path.join(out, 'libraries'),
    health: { loadBalancer: '/live', ready: '/health' },
    session: { cookie: 'SID' },
  };
}

/** Builds both examples, or finds them built. */
export async function prepareJavaApps(store: AppsStore): Promise<JavaApps> {
  const { home } = ensureJava();
  const folder = mkdtempSync(path.join(tmpdir(), 'java-apps-'));
  const caFile = path.join(folder, 'ca.pem');
  writeFileSync(caFile, store.caPem);
  const [app, spring] = [await tomcatApp(), path.join(folder, 'spring')];
  const build = (name: string, out: string) =>
    promisify(execFile)(process.execPath, [path.join(EXAMPLES, name, 'build.mjs'), '--version', '1.0.0', '--out', out]);
  await Promise.all([build('spring-app', spring), build('tomcat-app', folder)]);
  const { fleets } = parseConfig(
    JSON.stringify({ fleets: { web: { allowPlainHttp: true, app: { ...app, javaOptions: JAVA_OPTIONS } } } }),
    'the test',
  );
  const started: JavaServer[] = [];
  const start = async (...[server]: Parameters<typeof startJava>) => {
    const running = await startJava(server);
    started.push(running);
    return running;
  };
  const environmentOf = ({ user, password, keyPrefix }: AppLogin) => ({
    JAVA_HOME: home,
    NODE_EXTRA_CA_CERTS: caFile,
    SESSION_STORE_HOST: 'localhost',
    SESSION_STORE_PORT: `${store.port}`,
    SESSION_STORE_TLS: 'true',
    SESSION_STORE_USER: user,
    SESSION_STORE_PASSWORD: password,
    SESSION_STORE_KEY_PREFIX: keyPrefix,
  });
  const springIn =
    (release: string) =>
    (login: AppLogin, ...words: string[]) =>
      start({
        command: [path.join(home, 'bin', 'java'), ...JAVA_OPTIONS, '-jar', 'app.jar', ...words],
        folder: release,
        logFile: `${release}.log`,
        environment: environmentOf(login),
      });
  return {
    async startTomcat(login, name, change) {
      const [release, data] = [path.join(folder, `release-${name}`), path.join(folder, `data-${name}`)];
      await buildTomcatRelease({ war: path.join(folder, 'app.war'), fleet: fleets['web'] as never, folder: release });
      await change?.(release);
      await mkdir(data);
      return start({
        command: ['python3', '-I', 'bin/start-tomcat.py'],
        folder: release,
        logFile: path.join(folder, `${name}.log`),
        environment: { ...environmentOf(login), HOLDFAST_DATA: data, HOLDFAST_INSTANCE_ID: name },
      });
    },
    startSpring: springIn(spring),
    springWith(name, sources) {
      const release = path.join(folder, name);
      addClasses(sources, spring, release);
      return springIn(release);
    },
    async stop() {
      await Promise.all(started.map((server) => server.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
