/** Asks Maven for each version that docs/tomcat-cluster.md rests on, and Tomcat's own classes whether they drop repeated messages. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canJoinCluster } from '../../../../cli/releases/tomcat/check-tomcat-cluster.ts';
import { whyNoJava } from '../../../../setup/java.mjs';
import { type Artifact, newestSeen, SEEN_VERSIONS } from './versions-to-have.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
const run = promisify(execFile);
let folder: string;

const copy = (artifact: string, to: string) =>
  run('mvn', ['-q', '-B', COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${to}`], { timeout: 120_000, cwd: folder });

describe.skipIf(whyNoJava() !== undefined)('Maven Central', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'versions-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(
    Object.entries(SEEN_VERSIONS).flatMap(([artifact, versions]) => versions.map((version) => [artifact as Artifact, version] as const)),
  )(
    'has %s %s',
    async (artifact, version) => {
      await copy(`${artifact}:${version}:pom`, folder);
    },
    150_000,
  );

  it.each(['9.0', '10.1', '11.0'])(
    'has a Tomcat %s that drops repeated messages just if it can join a cluster',
    async (branch) => {
      const version = newestSeen(branch) as string;
      await copy(`org.apache.tomcat:tomcat:${version}:tar.gz`, folder);
      const archive = path.join(folder, `tomcat-${version}.tar.gz`);
      const jar = `${branch}.jar`;
      await run('sh', ['-c', `tar -xzOf '${archive}' --wildcards '*/lib/catalina-tribes.jar' > ${jar}`], { cwd: folder, timeout: 60_000 });
      await run('unzip', ['-qo', jar, '*EncryptInterceptor*', '-d', branch], { cwd: folder, timeout: 60_000 });
      const { stdout } = await run(
        'sh',
        [
          '-c',
          `cat ${branch}/org/apache/catalina/tribes/group/interceptors/EncryptInterceptor*.class > ${branch}.all; wc -c < ${branch}.all`,
        ],
        { cwd: folder },
      );
      expect(Number(stdout)).toBeGreaterThan(1_000);
      const text = await readFile(path.join(folder, `${branch}.all`), 'latin1');
      expect(/replay/i.test(text)).toBe(canJoinCluster(version));
    },
    200_000,
  );
});
