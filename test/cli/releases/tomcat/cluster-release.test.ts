/** The release of a WAR for a Tomcat cluster: what is written from the fleet's nodes, and what is refused. */

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

const NODES = [
  { nodeId: 'mi-1', ip: '10.0.0.1', port: 8080 },
  { nodeId: 'mi-2', ip: '10.0.0.2', port: 8080, clusterPort: 4001 },
];
const DISTRIBUTABLE = '<web-app><distributable/></web-app>';
let made = 0;

async function build(
  content: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>> = {},
  tomcat: { home: string } | { archive: string } = { home: '/opt/tomcat' },
): Promise<string> {
  made += 1;
  const at = path.join(folder, `${made}`);
  await mkdir(path.join(at, 'own'), { recursive: true });
  for (const [name, text] of Object.entries(own)) writeFileSync(path.join(at, 'own', name), text);
  const war = await writeWar(path.join(at, 'shop.war'), content);
  const conf = Object.keys(own).length > 0 ? { conf: path.join(at, 'own') } : {};
  const app = appSchema.parse({ kind: 'tomcat', ...tomcat, ...conf });
  const fleet = { app, port: 8080, strategy: 'tomcat-cluster', existing: { nodes: NODES } } as const;
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
    await expect(build(content, {}, await archiveOf(manifest('10.1.53')))).rejects.toThrow(
      'app.archive is Tomcat 10.1.53, and a cluster needs 9.0.119, 10.1.56, 11.0.23 or a later one of these branches',
    );
    await expect(build(content, {}, await archiveOf('Manifest-Version: 1.0\r\n'))).rejects.toThrow(
      'app.archive does not show its version in lib/catalina.jar',
    );
    const release = await build(content, {}, await archiveOf(manifest('10.1.56')));
    expect(JSON.parse(await readFile(path.join(release, 'bin/tomcat.json'), 'utf8')).leastTomcats).toEqual([
      '9.0.119',
      '10.1.56',
      '11.0.23',
    ]);
  });
});

describe('the release of a cluster', () => {
  it('has its nodes as members, a manager that counts what it cannot read, and the probe of its copies', async () => {
    const release = await build({ 'WEB-INF/web.xml': DISTRIBUTABLE });
    const read = (file: string) => readFile(path.join(release, file), 'utf8');
    const server = await read('conf/server.xml');
    expect([...server.matchAll(/<Member [^>]*host="([^"]+)" port="([0-9]+)" uniqueId="([^"]+)"/g)].map(([, ...found]) => found)).toEqual([
      ['10.0.0.1', '4000', '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1}'],
      ['10.0.0.2', '4001', '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2}'],
    ]);
    expect(server).toMatch(/StaticMembershipService" useThread="true"/);
    expect(server).toMatch(/SimpleTcpCluster" channelSendOptions="6"/);
    expect(server).not.toContain('JvmRouteBinderValve');
    const manager = /<Manager [^>]*>/.exec(await read('conf/context.xml'))?.[0];
    for (const setting of [
      'className="holdfast.CopiedSessions"',
      'notifyListenersOnReplication="false"',
      // A member that starts gets all sessions: in messages that arrive in time, and with what changes meanwhile, whatever the clocks are.
      'sendAllSessions="false"',
      'stateTimestampDrop="false"',
    ])
      expect(manager).toContain(setting);
    const contract = JSON.parse(await read('holdfast.app.json'));
    expect(contract.copies.members).toEqual(['10.0.0.1:4000', '10.0.0.2:4001']);
    expect(contract.copies.sessionsAlone).toEqual({ path: '/status?copies', port: 'STATUS_PORT', field: 'sessionsAlone' });
    expect(contract).not.toHaveProperty('sessions');
  });

  it.each([
    '<web-app><distributable></distributable></web-app>',
    '<web-app>\n  <distributable id="copied">\n  </distributable>\n</web-app>',
    '<ee:web-app xmlns:ee="https://jakarta.ee/xml/ns/jakartaee"><ee:distributable /></ee:web-app>',
  ])('is made of a WAR that is distributable as %j', async (webXml) => {
    await expect(build({ 'WEB-INF/web.xml': webXml })).resolves.toMatch(/release$/);
  });

  it.each<[string, Record<string, string>, Record<string, string>, RegExp]>([
    ['a WAR that is not distributable', { 'WEB-INF/web.xml': '<web-app/>' }, {}, /has no <distributable\/>/],
    ['one that says so in a comment', { 'WEB-INF/web.xml': '<web-app><!-- <distributable/> --></web-app>' }, {}, /no <distributable\/>/],
    [
      'a WAR with a manager of its own',
      { 'WEB-INF/web.xml': DISTRIBUTABLE, 'META-INF/context.xml': '<Context><Manager pathname=""/></Context>' },
      {},
      /META-INF\/context\.xml .* has a <Manager>/,
    ],
    [
      'a WAR whose context stands alone',
      { 'WEB-INF/web.xml': DISTRIBUTABLE, 'META-INF/context.xml': '<Context path="" override="true"/>' },
      {},
      /override="true", with which Tomcat leaves out the cluster's <Manager>, .*: remove the attribute\.$/,
    ],
    [
      'another manager in conf',
      { 'WEB-INF/web.xml': DISTRIBUTABLE },
      { 'context.xml': '<Context/>' },
      /no holdfast\.CopiedSessions manager/,
    ],
    [
      'another server.xml',
      { 'WEB-INF/web.xml': DISTRIBUTABLE },
      { 'server.xml': '<Server>"holdfast.StatusValve" "holdfast.DeployGuard" "holdfast.LiveValve"</Server>' },
      /server\.xml in app\.conf has no StaticMembershipService, holdfast\.ClusterKey, holdfast\.SessionCopies/,
    ],
  ])('is refused for %s', async (_what, content, own, sentence) => {
    await expect(build(content, own)).rejects.toThrow(sentence);
  });
});
