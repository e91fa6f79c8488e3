/** What runs already becomes a release: at an adoption, and on a new server whose image brought it. */
import { lchownSync, lstatSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstallParameters } from '../../../functions/instance/document-contract.ts';
import { BundleServer, hook, type Revision, traced } from './bundle-server.ts';

let server: BundleServer;
beforeEach(() => {
  server = new BundleServer();
});
afterEach(() => server.remove());

const EVENTS = ['ApplicationStop', 'BeforeInstall', 'ApplicationStart'] as const;
const app = (version: string, files: Revision['files'] = {}): Revision => ({
  appspec: {
    files: [{ source: 'app', destination: '/srv/app' }],
    hooks: Object.fromEntries(EVENTS.map((event) => [event, [hook('trace.sh')]])),
  },
  files: {
    'app/a': 'a',
    'app/b': 'b',
    'app/sub/c': 'c',
    'app/now': { type: 'symlink', linkname: 'a' },
    ...files,
    'trace.sh': traced(version),
  },
});
/** The server has what {@link app} brings. */
function runs(changes: Readonly<Record<string, string>> = {}) {
  for (const [name, content] of Object.entries({ a: 'a', b: 'b', 'sub/c': 'c', ...changes }))
    server.write(`srv/app/${name}`, content, 0o600);
  symlinkSync('a', server.path('srv/app/now'));
}
const adopt = (version: string, more: Partial<InstallParameters> = {}) => server.install(version, app(version), { mode: 'adopt', ...more });
const content = () => server.files('srv').map((path) => `${path}: ${/>|\/$/.test(path) ? '' : server.read(path)}`);

describe('adopt', () => {
  it('takes equal files for the release: no script runs, nothing is touched, and the next Install removes them', async () => {
    runs({ 'of-users': 'own' });
    const state = () => {
      const { ino, ctimeMs } = lstatSync(server.path('srv/app/a'));
      return [ino, ctimeMs];
    };
    const before = state();
    expect(await adopt('1')).toEqual({ result: 'installed', version: '1', previousVersion: 'none' });
    expect([server.trace(), state()]).toEqual([[], before]);
    expect(server.state()).toEqual({ installed: '1', complete: true });
    server.nextDeploy();
    expect(await adopt('1')).toEqual({ result: 'alreadyInstalled', version: '1' });
    expect(await server.install('2', { ...app('2'), files: { 'app/d': 'd', 'trace.sh': traced('2') } })).toMatchObject({
      result: 'installed',
      previousVersion: '1',
    });
    expect(server.trace()).toEqual(['ApplicationStop 1', 'BeforeInstall 2', 'ApplicationStart 2']);
    expect(server.files('srv')).toEqual(['srv/app/d', 'srv/app/of-users', 'srv/app/sub/']);
    expect(server.read('calls')).toBeUndefined();
  });

  it.each<[string, () => void, string]>([
    [
      'a file that differs',
      () => server.write('srv/app/b', 'B'),
      '1 of 4 files of 1 are not those of this server: PATH/b differs; nothing',
    ],
    ['a file that is missing', () => unlinkSync(server.path('srv/app/b')), 'PATH/b is missing'],
    ['a link to another file', () => server.write('srv/app/now', 'a'), 'PATH/now differs'],
    [
      'a link in the place of a file',
      () => {
        server.write('srv/app/a2', 'a');
        unlinkSync(server.path('srv/app/a'));
        symlinkSync('a2', server.path('srv/app/a'));
      },
      'PATH/a differs',
    ],
  ])('refuses %s, and changes nothing', async (_what, change, message) => {
    runs();
    if (_what === 'a link to another file') unlinkSync(server.path('srv/app/now'));
    change();
    const before = server.files('');
    const output = await adopt('1');
    expect(output).toMatchObject({
      error: 'FilesDiffer',
      message: expect.stringContaining(message.replace('PATH', server.path('srv/app'))),
    });
    const etc = /opt\/holdfast\/(etc\/(failed-install.json|fencing-token|install.lock)|releases)|command-/;
    expect(server.files('').filter((path) => !etc.test(path))).toEqual(before);
    expect(server.state()).toBeNull();
  });

  it('names ten of many', async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`app/${10 + at}`, 'x']));
    const output = await server.install('1', app('1', files), { mode: 'adopt' });
    expect(output).toMatchObject({ message: expect.stringContaining('34 of 34 files') });
    expect(JSON.stringify(output).match(/is missing/g)).toHaveLength(10);
  });

  it('with differences keeps them: a rollback brings what differed, and of the bundle what was missing, which scripts can need', async () => {
    runs({ b: 'B of this server' });
    unlinkSync(server.path('srv/app/sub/c'));
    const before = content();
    expect(await adopt('1', { mode: 'adoptDifferences' })).toMatchObject({ result: 'installed' });
    expect(content()).toEqual(before);
    expect(statSync(server.path('opt/holdfast/etc/adopted')).mode & 0o777).toBe(0o700);
    server.nextDeploy();
    await server.install('2', app('2', { 'app/b': 'new', 'app/d': 'd' }));
    expect(server.read('srv/app/b')).toBe('new');
    await server.install('1', app('1'));
    expect(content().filter((line) => !line.includes('/sub'))).toEqual(before.filter((line) => !line.includes('/sub')));
    expect(server.files('srv')).toContain('srv/app/sub/c');
    expect(statSync(server.path('srv/app/b')).mode & 0o777).toBe(0o600);
  });

  it('again after one that a kill cut: compares with the archive, and not with what it had kept', async () => {
    runs({ b: 'B' });
    await adopt('1', { mode: 'adoptDifferences' });
    unlinkSync(server.path('opt/holdfast/etc/bundle.json'));
    server.nextDeploy();
    expect(await adopt('1')).toMatchObject({ error: 'FilesDiffer' });
    expect(await adopt('1', { mode: 'adoptDifferences' })).toMatchObject({ result: 'installed' });
    server.nextDeploy();
    await server.install('2', app('2'));
    await server.install('1', app('1'));
    expect(server.read('srv/app/b')).toBe('B');
  });
});

describe('a folder in the place of which a script made a link', () => {
  const linking: Revision = {
    appspec: {
      files: [{ source: 'app', destination: '/srv/app' }],
      hooks: { BeforeInstall: [hook('unlink.sh')], AfterInstall: [hook('link.sh')] },
    },
    files: {
      'app/a': 'a',
      'app/storage/.keep': 'of the bundle',
      'unlink.sh': '#!/bin/sh\nrm -f "$SERVER/srv/app/storage"',
      'link.sh':
        '#!/bin/sh\nrm -r "$SERVER/srv/app/storage"; ln -s "$SERVER/shared" "$SERVER/srv/app/storage"; chown -h nobody "$SERVER/srv/app/storage"',
    },
  };
  it('is a difference; accepted, the next deploy and a rollback go through, and leave what is behind the link', async () => {
    server.write('srv/app/a', 'a');
    server.write('shared/.keep', 'of users');
    symlinkSync(server.path('shared'), server.path('srv/app/storage'));
    lchownSync(server.path('srv/app/storage'), 65534, 65534);
    expect(await server.install('1', linking, { mode: 'adopt' })).toMatchObject({
      error: 'FilesDiffer',
      message: expect.stringMatching(/storage\/\.keep differs, .*storage differs;/),
    });
    expect(await server.install('1', linking, { mode: 'adoptDifferences' })).toMatchObject({ result: 'installed' });
    server.nextDeploy();
    const withoutUnlink = { ...linking, appspec: { ...linking.appspec, hooks: {} } };
    expect(await server.install('2', withoutUnlink)).toMatchObject({
      error: 'InvalidRelease',
      message: expect.stringContaining('remove it in BeforeInstall'),
    });
    server.nextDeploy();
    for (const [version, mode] of [
      ['2', 'install'],
      ['1', 'restore'],
    ] as const) {
      expect(await server.install(version, linking, { mode })).toMatchObject({ result: 'installed' });
      expect([server.read('shared/.keep'), server.files('srv/app')]).toEqual([
        'of users',
        ['srv/app/a', `srv/app/storage -> ${server.path('shared')}`],
      ]);
    }
  });
});

it('a folder that CodeDeploy made of a link to one is equal to it', async () => {
  runs();
  server.write('srv/app/two/c', 'c');
  const linked = app('1', { 'app/two': { type: 'symlink', linkname: 'sub' } });
  expect(await server.install('1', linked, { mode: 'adopt' })).toMatchObject({ result: 'installed' });
});

describe('launch', () => {
  const launch = (revision: Revision, version = '1') => server.install(version, revision, { mode: 'launch' });

  it('runs all scripts also if the image brought equal files: it can lack what they make', async () => {
    runs();
    expect(await launch(app('1'))).toMatchObject({ result: 'installed' });
    expect([server.trace(), server.state()]).toEqual([['BeforeInstall 1', 'ApplicationStart 1'], { installed: '1', complete: true }]);
  });

  it('replaces what the image brought, if it differs: also with DISALLOW, once', async () => {
    runs({ b: 'old' });
    expect(await launch(app('1'))).toMatchObject({ result: 'installed' });
    expect(server.trace()).toEqual(['BeforeInstall 1', 'ApplicationStart 1']);
    expect(server.read('srv/app/b')).toBe('b');
    server.write('srv/app/own', '');
    server.nextDeploy();
    expect(await launch(app('2', { 'app/own': 'x' }), '2')).toMatchObject({
      error: 'HookFailed',
      message: expect.stringContaining('DISALLOW'),
    });
  });

  it('runs them once for an order that comes twice, and again when the server comes back from a warm pool and does not answer', async () => {
    const started: Revision = { appspec: { hooks: { ApplicationStart: [hook('x.sh')] } }, files: { 'x.sh': traced('1') } };
    await launch(started);
    expect(await launch(started)).toMatchObject({ result: 'installed' });
    expect(server.trace()).toEqual(['ApplicationStart 1']);
    const remembered = 'opt/holdfast/etc/failed-install.json';
    server.write(remembered, (server.read(remembered) ?? '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'another-boot'));
    expect(await launch(started)).toMatchObject({ result: 'installed' });
    expect(server.trace()).toEqual(['ApplicationStart 1']);
  });

  it('installs on an empty server, and a bundle without files', async () => {
    expect(await launch({ appspec: { hooks: { ApplicationStart: [hook('x.sh')] } }, files: { 'x.sh': traced('1') } })).toMatchObject({
      result: 'installed',
    });
    expect(server.trace()).toEqual(['ApplicationStart 1']);
  });
});
