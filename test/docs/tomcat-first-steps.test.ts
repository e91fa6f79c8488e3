/** The first configuration and command of docs/tomcat.md, as a reader copies them. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRelease } from '../../cli/releases/package-release.ts';
import { withReleaseOfWar } from '../../cli/releases/tomcat/publish-war.ts';
import { parseConfig } from '../../infra/config.ts';
import { whyNoJava } from '../../setup/java.mjs';
import { REPOSITORY } from '../run-node.ts';
import { writeZip } from '../zip.ts';

let folder: string;
let json: string;
let command: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'first-steps-'));
  const page = await readFile(path.join(REPOSITORY, 'docs/tomcat.md'), 'utf8');
  json = /```\n(\{.*?)```/s.exec(page)?.[1] ?? '';
  command = /\.\/holdfast releases publish ([^\n]* --region [^\n]*)/.exec(page)?.[1] ?? '';
  await writeFile(path.join(folder, 'holdfast.config.json'), json);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the page's pom.xml fetches, without its content. */
async function plantTarget(): Promise<void> {
  await mkdir(path.join(folder, 'target/redisson'), { recursive: true });
  await writeZip(path.join(folder, 'target/redisson/redisson-tomcat-10-3.52.0.jar'), {});
  const tar = pack();
  for (const name of ['bin/bootstrap.jar', 'conf/web.xml', 'lib/catalina.jar']) tar.entry({ name: `apache-tomcat-10.1.59/${name}` }, '');
  tar.finalize();
  await writeFile(path.join(folder, 'target/tomcat.tar.gz'), gzipSync(await buffer(tar)));
}

describe('docs/tomcat.md begins with', () => {
  it('five lines of configuration that are a fleet of Tomcat servers', () => {
    expect(json.trimEnd().split('\n')).toHaveLength(5);
    expect(parseConfig(json, 'the page').fleets['web']).toMatchObject({
      strategy: 'redis',
      healthPath: '/holdfast/live',
      healthStatus: '200',
      app: { kind: 'tomcat' },
    });
  });

  it.skipIf(whyNoJava() !== undefined)('a command that publishes a WAR which has no health page', async () => {
    const [version = '', war = ''] = command.split(' ');
    expect([version, war]).toEqual(['1.0.0', 'app.war']);
    await plantTarget();
    await writeZip(path.join(folder, war), { 'index.html': '<h1>Welcome</h1>' });
    const files = { war: path.join(folder, war), configFile: path.join(folder, 'holdfast.config.json') };
    const published = await withReleaseOfWar({ ...files, fleet: 'web', workFolder: path.join(folder, 'work') }, (release) =>
      packageRelease(release, version, path.join(folder, 'packed')),
    );
    expect(published.app.health).toEqual({
      loadBalancer: '/holdfast/live',
      status: '200',
      ready: { path: '/health', port: 'STATUS_PORT' },
    });
  });
});
