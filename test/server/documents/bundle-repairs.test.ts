/** What two readings of the server's side of bundles found: each is a rule of its own. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lchownSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveOf, release } from '#local-aws/test/instances/fixture-release.ts';
import { scriptOf } from '../../../server/documents/join-python.ts';
import { BundleServer, hook, type Revision, traced } from './bundle-server.ts';

let server: BundleServer;
beforeEach(() => {
  server = new BundleServer();
});
afterEach(() => server.remove());

const app = (version: string): Revision => ({
  appspec: {
    files: [{ source: 'app', destination: '/srv/app' }],
    hooks: { BeforeInstall: [hook('x.sh')], ApplicationStart: [hook('x.sh')] },
  },
  files: { 'app/a': 'a', 'x.sh': traced(version) },
});

describe('a server whose placeholder answers', () => {
  it('adopts nothing, at a launch neither: it is installed', async () => {
    server.withPlaceholder(1).write('srv/app/a', 'a');
    for (const mode of ['adopt', 'adoptDifferences'] as const) {
      const message = expect.stringContaining('would be taken for the application; nothing was changed');
      expect(await server.install('1', app('1'), { mode })).toMatchObject({ error: 'InvalidRelease', message });
    }
    server.nextDeploy();
    expect(await server.install('1', app('1'), { mode: 'launch' })).toMatchObject({ result: 'installed' });
    expect([server.trace(), server.read('unit-holdfast-placeholder')]).toEqual([['BeforeInstall 1', 'ApplicationStart 1'], undefined]);
  });
});

describe('a server with a release of another kind', () => {
  it.each([
    ['a bundle', 'install_bundle', '{"start":["x"]}'],
    ['a release with a contract', 'install_release', '{"start":["x"],"bundle":{}}'],
  ] as const)('is refused %s, and stays as it is', async (_what, script, contract) => {
    server.write('opt/holdfast/releases/0/holdfast.app.json', contract);
    symlinkSync('releases/0', server.path('opt/holdfast/current'));
    const revision = script === 'install_bundle' ? app('1') : await release();
    const { stdout } = await server.run('1', revision, {}, scriptOf(script));
    expect(JSON.parse(stdout)).toMatchObject({
      error: 'InvalidRelease',
      message: expect.stringMatching('release of another kind, 0; nothing was changed: .* docs/uninstall.md'),
    });
    expect([server.trace(), server.read('calls'), server.state()]).toEqual([[], undefined, null]);
  });
});

it('a restart of a bundle whose install did not end is a whole install', async () => {
  const fails = app('1');
  await server.install('1', { ...fails, files: { ...fails.files, 'x.sh': traced('0', 'test $LIFECYCLE_EVENT = BeforeInstall') } });
  server.trace();
  server.nextDeploy();
  expect(await server.install('1', app('1'), { mode: 'restart' })).toMatchObject({ result: 'installed' });
  expect(server.trace()).toEqual(['BeforeInstall 1', 'ApplicationStart 1']);
});

it('what the disk refuses is removed at once, and what an earlier Install did not bring stays', async () => {
  mkdirSync(server.path('srv/app/b/own'), { recursive: true });
  const both = { ...app('1'), files: { ...app('1').files, 'app/b': 'b' } };
  const overwrites = { ...both, appspec: { ...both.appspec, fileExists: 'OVERWRITE' as const } };
  expect(await server.install('1', overwrites)).toMatchObject({ error: 'HookFailed', message: expect.stringContaining('1: Install: ') });
  expect(server.files('srv')).toEqual(['srv/app/b/own/']);
});

const start = (script: string, more: object = {}): Revision => ({
  appspec: { hooks: { ApplicationStart: [{ ...hook('start.sh'), ...more }] } },
  files: { 'start.sh': script },
});

it.skipIf(process.getuid?.() !== 0)('with a runas nobody else than root can change a file of the release', async () => {
  chmodSync(server.folder, 0o755);
  const revision = start('#!/bin/sh\ntrue', { runas: 'nobody' });
  await server.install('1', { ...revision, files: { ...revision.files, open: { body: '', mode: 0o666 } } });
  expect(statSync(server.path('opt/holdfast/releases/1/bundle/open')).mode & 0o777).toBe(0o644);
});

it('locks are for root alone, also those that were not', async () => {
  for (const name of ['install.lock', 'fencing-token']) server.write(`opt/holdfast/etc/${name}`, '');
  await server.install('1', {});
  for (const name of ['install.lock', 'fencing-token']) expect(statSync(server.path(`opt/holdfast/etc/${name}`)).mode & 0o777).toBe(0o600);
});

it('the last lines of a script have no command of set -x, and no password of one', async () => {
  const script = [
    '#!/bin/bash',
    'set -x',
    'echo \'curl -u deploy:hunter-2 failed, --db-password tomato4 --api-token=on3 -storepass "two words" refused\'',
    "echo 'mysql -h db -pcarrot8 shop; sshpass -p onion9; docker login -u me -p leek77 registry'",
    'exit 1',
  ].join('\n');
  expect(await server.install('1', start(script))).toMatchObject({
    journal: [
      'curl -u deploy:*** failed, --db-password *** --api-token=*** -storepass *** refused',
      'mysql -h db -p*** shop; sshpass -p *** docker login -u me -p *** registry',
    ],
  });
});

it.skipIf(!existsSync('/proc'))('what a script has started ends before the next order, if its own order was cut off', async () => {
  const script = '#!/bin/bash\n(trap "" TERM; echo $BASHPID >"$SERVER/child"; exec sleep 60) &\nwait';
  expect(await server.killed(() => (server.read('child') ?? '') !== '', '1', start(script))).toBe(true);
  const stat = `/proc/${server.read('child')?.trim()}/stat`;
  expect(existsSync(stat)).toBe(true);
  server.nextDeploy();
  await server.install('2', {});
  // Nothing may collect it here.
  const isAlive = () => existsSync(stat) && !/\) Z/.test(readFileSync(stat, 'utf8'));
  await expect.poll(isAlive, { timeout: 60_000 }).toBe(false);
  expect(existsSync(server.path('opt/holdfast/etc/bundle-script'))).toBe(false);
});

it.each(['true', 'NaN', '"60"', '0', '86401', '1.5'])('a timeout of %s is refused before anything is stopped', async (timeout) => {
  const bundle = `{"files":[],"permissions":[],"fileExists":"DISALLOW","hooks":{"ApplicationStart":[{"location":"x.sh","timeout":${timeout}}]}}`;
  const archive = await archiveOf([{ name: 'holdfast.app.json', body: `{"start":["appspec.yml"],"bundle":${bundle}}` }]);
  const message = expect.stringContaining('a timeout is not a whole number of seconds from 1 to 86400; nothing was changed');
  expect(await server.install('1', archive)).toMatchObject({ error: 'InvalidRelease', message });
  expect(server.state()).toBeNull();
});

describe('a path', () => {
  const bundle = { 'app/sub/a': 'a', 'app/b': 'b', 'x.sh': '#!/bin/sh\ntrue' };
  const files = [{ source: 'app', destination: '/srv/app' }];
  const permissions = [{ object: '/srv/app', mode: '4755' }];
  const other = () => [server.read('own/a'), statSync(server.path('own/a')).mode & 0o7777];
  const linked = (path: string) => {
    symlinkSync(server.path('own'), server.path(path));
    lchownSync(server.path(path), 65534, 65534);
  };
  beforeEach(() => {
    server.write('own/a', 'own', 0o600);
    mkdirSync(server.path('srv/app'), { recursive: true });
  });

  it.skipIf(process.getuid?.() !== 0)('with a link of another user is refused before the stop; one of root alone is followed', async () => {
    const revision = { appspec: { files, permissions, fileExists: 'OVERWRITE' }, files: bundle } as const;
    linked('srv/app/sub');
    const message = expect.stringMatching("srv/app/sub'.*; nothing was changed$");
    expect(await server.install('1', revision)).toMatchObject({ error: 'InvalidRelease', message });
    unlinkSync(server.path('srv/app/sub'));
    expect([other(), server.state()]).toEqual([['own', 0o600], null]);
    symlinkSync(server.path('own'), server.path('srv/app/sub'));
    server.nextDeploy();
    expect(await server.install('1', revision)).toMatchObject({ result: 'installed' });
    expect(other()).toEqual(['a', 0o644]);
  });

  it.skipIf(process.getuid?.() !== 0)('of permissions behind a link of another user gives nobody anything', async () => {
    server.write('etc/cron.d/.keep', '');
    const cron = { ...bundle, 'cron/shop': '* * * * * root true' };
    const both = [...files, { source: 'cron', destination: '/etc/cron.d' }];
    symlinkSync(server.path('etc/cron.d'), server.path('srv/app/storage'));
    lchownSync(server.path('srv/app/storage'), 65534, 65534);
    const given = [{ object: '/srv/app/storage', owner: 'nobody', mode: '666' }];
    expect(await server.install('1', { appspec: { files: both, permissions: given }, files: cron })).toMatchObject({ result: 'installed' });
    expect(statSync(server.path('etc/cron.d/shop'))).toMatchObject({ uid: 0, mode: 0o100644 });
  });

  it.skipIf(process.getuid?.() !== 0).each([
    ['a folder where a file goes', 'mkdir b; echo own >b/x', /^srv\/app\/b\.holdfast-2\/x$/],
    ['a file where a folder goes', 'echo own >sub', /^srv\/app\/sub\.holdfast-2$/],
    ['a link where a folder goes', 'ln -s "$SERVER/own" sub; chown -h nobody sub', /^srv\/app\/sub\.holdfast-2 -> .*\/own$/],
  ])('with %s keeps no server from the release that it had, and nothing is lost', async (_, obstruct, aside) => {
    await server.install('1', { appspec: { files }, files: bundle });
    server.nextDeploy();
    const failing = { 'app/c': 'c', 'x.sh': `#!/bin/sh\ncd "$SERVER/srv/app" || exit\n${obstruct}\nexit 1` };
    const second = { appspec: { files, hooks: { AfterInstall: [hook('x.sh')] } }, files: failing };
    expect(await server.install('2', second)).toMatchObject({ error: 'HookFailed' });
    expect(await server.install('1', { appspec: { files }, files: bundle }, { mode: 'restore' })).toMatchObject({ result: 'installed' });
    expect([server.read('srv/app/b'), server.read('srv/app/sub/a')]).toEqual(['b', 'a']);
    expect(server.files('srv/app').filter((path) => path.includes('.holdfast-'))).toEqual([expect.stringMatching(aside)]);
    expect(other()).toEqual(['own', 0o600]);
  });

  it.skipIf(process.getuid?.() !== 0)('that becomes a link after the plan leads no write elsewhere', async () => {
    const hooks = { BeforeInstall: [hook('link.sh')] };
    const link = '#!/bin/sh\nln -s "$SERVER/own" "$SERVER/srv/app/sub"; chown -h nobody "$SERVER/srv/app/sub"';
    const output = await server.install('1', { appspec: { files, permissions, hooks }, files: { ...bundle, 'link.sh': link } });
    expect(output).toMatchObject({ error: 'HookFailed', message: expect.stringContaining('1: Install: ') });
    expect(other()).toEqual(['own', 0o600]);
  });

  it('of a pipe, or of a file with two names, is not kept; what is kept has no set-id bits', async () => {
    const adopt = () => server.install('1', { appspec: { files }, files: bundle }, { mode: 'adoptDifferences' });
    execFileSync('sh', ['-c', 'mkfifo "$0"', server.path('srv/app/b')]);
    const refused = { error: 'InvalidRelease', message: expect.stringMatching('is not a file of its own.*; nothing was changed') };
    expect(await adopt()).toMatchObject(refused);
    unlinkSync(server.path('srv/app/b'));
    linkSync(server.path('own/a'), server.path('srv/app/b'));
    server.nextDeploy();
    expect(await adopt()).toMatchObject(refused);
    expect([server.state(), server.files('opt/holdfast/etc/adopted')]).toEqual([null, ['opt/holdfast/etc/adopted/']]);
    unlinkSync(server.path('srv/app/b'));
    server.write('srv/app/b', 'B');
    chmodSync(server.path('srv/app/b'), 0o4755);
    server.nextDeploy();
    expect(await adopt()).toMatchObject({ result: 'installed' });
    expect(statSync(server.path(`opt/holdfast/etc/adopted/1${server.path('srv/app/b')}`)).mode & 0o7777).toBe(0o755);
  });
});
