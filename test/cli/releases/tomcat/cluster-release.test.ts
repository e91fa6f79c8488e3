/** The release of a WAR for a Tomcat cluster: what is in it, and what is refused. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildTomcatRelease } from '../../../../cli/releases/tomcat/build-release.ts';
import { canJoinCluster } from '../../../../cli/releases/tomcat/check-tomcat-cluster.ts';
import { packJar } from '../../../../cli/releases/tomcat/compile-valves.ts';
import { tomcatApp as appSchema } from '../../../../infra/config/app-kind.ts';
import { writeWar } from '../../../examples/java/tomcat-releases.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'cluster-release-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVER_XML = '<Server>"holdfast.StatusValve" "holdfast.DeployGuard" "holdfast.LiveValve" <Cluster className="x"/></Server>';
const DISTRIBUTABLE = '<web-app><distributable/></web-app>';
let made = 0;

async function build(
  content: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>> = { 'server.xml': SERVER_XML },
  tomcat: { home: string } | { archive: string } = { home: '/opt/tomcat' },
): Promise<string> {
  made += 1;
  const at = path.join(folder, `${made}`);
  await mkdir(path.join(at, 'own'), { recursive: true });
  for (const [name, text] of Object.entries(own)) writeFileSync(path.join(at, 'own', name), text);
  const war = await writeWar(path.join(at, 'shop.war'), content);
  const conf = Object.keys(own).length > 0 ? { conf: path.join(at, 'own') } : {};
  const app = appSchema.parse({ kind: 'tomcat', ...tomcat, ...conf });
  const fleet = { app, port: 8080, strategy: 'tomcat-cluster' } as const;
  return buildTomcatRelease({ war, fleet, folder: path.join(at, 'release') });
}

/** What Tomcat's own archive is made of, as far as publishing looks. */
async function archiveOf(manifest: string): Promise<{ archive: string }> {
  made += 1;
  const jar = await packJar([{ name: 'META-INF/MANIFEST.MF', content: Buffer.from(manifest) }]);
  const archive = path.join(folder, `tomcat-${made}.zip`);
  await writeWar(archive, { 'bin/bootstrap.jar': '', 'conf/web.xml': '<web-app/>', 'lib/catalina.jar': jar });
  return { archive };
}

describe('the Tomcat of a cluster', () => {
  it.each([
    ['9.0.119', true],
    ['9.0.118', false],
    ['9.0.116', false],
    ['10.1.56', true],
    ['10.1.59', true],
    ['10.1.55', false],
    ['10.1.53', false],
    ['11.0.23', true],
    ['11.0.20', false],
    ['10.0.27', false],
    ['8.5.100', false],
    ['12.0.99', false],
  ])('can be %s: %s', (version, can) => {
    expect(canJoinCluster(version)).toBe(can);
  });

  it('is refused at publishing when it passes on what it cannot decrypt, and when it does not show its version', async () => {
    const content = { 'WEB-INF/web.xml': DISTRIBUTABLE };
    const manifest = (version: string) => `Manifest-Version: 1.0\r\nImplementation-Version: ${version}\r\n`;
    await expect(build(content, undefined, await archiveOf(manifest('10.1.53')))).rejects.toThrow(
      'app.archive is Tomcat 10.1.53, and a cluster needs 9.0.119, 10.1.56, 11.0.23 or a later one of these branches',
    );
    await expect(build(content, undefined, await archiveOf('Manifest-Version: 1.0\r\n'))).rejects.toThrow(
      'app.archive does not show its version in lib/catalina.jar',
    );
    const release = await build(content, undefined, await archiveOf(manifest('10.1.56')));
    expect(JSON.parse(await readFile(path.join(release, 'bin/tomcat.json'), 'utf8')).leastTomcats).toEqual([
      '9.0.119',
      '10.1.56',
      '11.0.23',
    ]);
  });
});

describe('the release of a cluster', () => {
  it('has the server.xml of app.conf, and leaves the manager of sessions to its cluster', async () => {
    const release = await build({ 'WEB-INF/web.xml': DISTRIBUTABLE });
    expect(await readFile(path.join(release, 'conf/server.xml'), 'utf8')).toBe(SERVER_XML);
    expect(await readFile(path.join(release, 'conf/context.xml'), 'utf8')).not.toMatch(/<Manager[\s/>]/);
  });

  it.each([
    '<web-app><distributable></distributable></web-app>',
    '<web-app>\n  <distributable id="copied">\n  </distributable>\n</web-app>',
    '<ee:web-app xmlns:ee="https://jakarta.ee/xml/ns/jakartaee"><ee:distributable /></ee:web-app>',
  ])('is made of a WAR that is distributable as %j', async (webXml) => {
    await expect(build({ 'WEB-INF/web.xml': webXml })).resolves.toMatch(/release$/);
  });

  it.each<[string, Record<string, string>, Record<string, string> | undefined, RegExp]>([
    ['a WAR that is not distributable', { 'WEB-INF/web.xml': '<web-app/>' }, undefined, /has no <distributable\/>/],
    [
      'one that says so in a comment',
      { 'WEB-INF/web.xml': '<web-app><!-- <distributable/> --></web-app>' },
      undefined,
      /no <distributable\/>/,
    ],
    [
      'a WAR with a manager of its own',
      { 'WEB-INF/web.xml': DISTRIBUTABLE, 'META-INF/context.xml': '<Context><Manager pathname=""/></Context>' },
      undefined,
      /META-INF\/context\.xml .* has a <Manager>, which would replace the cluster's, .*: remove it from that file\.$/,
    ],
    ['no server.xml of its own', { 'WEB-INF/web.xml': DISTRIBUTABLE }, {}, /no server\.xml in app\.conf has a <Cluster>/],
    [
      'a server.xml with the cluster in a comment',
      { 'WEB-INF/web.xml': DISTRIBUTABLE },
      { 'server.xml': SERVER_XML.replace(/<Cluster[^>]*>/, '<!-- $& -->') },
      /no server\.xml in app\.conf has a <Cluster>.*tomcat-cluster/,
    ],
  ])('is refused for %s', async (_what, content, own, sentence) => {
    await expect(build(content, own)).rejects.toThrow(sentence);
  });
});
