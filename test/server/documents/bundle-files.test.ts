/** What an appspec says of files and permissions, as the agent does it or with the difference that the table has. */
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bundle } from '../../../functions/shared/app-contract.ts';
import { FILE_FEATURES } from './bundle-features.ts';
import { BundleServer, hook, type Revision, traced } from './bundle-server.ts';

let server: BundleServer;
beforeEach(() => {
  server = new BundleServer();
});
afterEach(() => server.remove());

const IS_ROOT = process.getuid?.() === 0;
const installs = async (revision: Revision, version = '1') =>
  expect(await server.install(version, revision)).toMatchObject({ result: 'installed' });
/** Refused before anything is stopped. */
const refuses = async (revision: Revision, message: string) => {
  expect(await server.install('9', revision)).toMatchObject({ error: 'InvalidRelease', message: expect.stringContaining(message) });
  expect([server.state(), server.trace()]).toEqual([null, []]);
};
const fails = async (revision: Revision, message: string) =>
  expect(await server.install('2', revision)).toMatchObject({ error: 'HookFailed', message: expect.stringContaining(message) });
const mode = (path: string): number => statSync(server.path(path)).mode & 0o7777;
const to = (source: string, destination = '/srv/app') => ({ source, destination });
const of = (appspec: Partial<Bundle>, files: Revision['files'] = {}): Revision => ({
  appspec: { files: [to('app')], ...appspec },
  files: { 'app/a.txt': 'a', 'app/b.log': 'b', 'app/sub/a.txt': 'c', 'app/sub/deep/d.txt': 'd', ...files },
});
/** Modes of what {@link of} has brought, of 0644 and 0755 without them. */
const changed = (): Record<string, string> =>
  Object.fromEntries(
    ['', '/a.txt', '/b.log', '/sub', '/sub/a.txt', '/sub/deep', '/sub/deep/d.txt']
      .map((path) => [path, mode(`srv/app${path}`)] as const)
      .filter(([, found]) => found !== 0o644 && found !== 0o755)
      .map(([path, found]) => [path, found.toString(8)]),
  );

const CHECKS: Record<keyof typeof FILE_FEATURES, () => Promise<void>> = {
  'files: a file goes into its destination under its own name': async () => {
    await installs({ appspec: { files: [to('war/shop.war', '/srv/webapps')] }, files: { 'war/shop.war': 'war' } });
    expect(server.files('srv')).toEqual(['srv/webapps/shop.war']);
  },
  'files: the content of a folder goes into its destination, which is made with what is above it': async () => {
    const empty = { 'app/empty': { type: 'directory' } } as const;
    await installs(of({ files: [to('app/', '/srv/a/b/../c/')] }, empty));
    expect(server.files('srv')).toEqual(['a.txt', 'b.log', 'empty/', 'sub/a.txt', 'sub/deep/d.txt'].map((name) => `srv/a/c/${name}`));
  },
  'files: / is the whole bundle, with its appspec': async () => {
    await installs({ appspec: { files: [to('/')] }, files: { 'appspec.yml': 'version: 0.0', 'x/y': '' } });
    expect(server.files('srv')).toEqual(['srv/app/appspec.yml', 'srv/app/x/y']);
  },
  'files: a link to a file is copied as a link, and one to a folder as what is in it': async () => {
    const links = { 'app/one': { type: 'symlink', linkname: 'a.txt' }, 'app/two': { type: 'symlink', linkname: 'sub' } } as const;
    await installs(of({}, links));
    expect(server.files('srv').filter((path) => /one|two/.test(path))).toEqual([
      'srv/app/one -> a.txt',
      'srv/app/two/a.txt',
      'srv/app/two/deep/d.txt',
    ]);
    const out = { 'views/a.html': 'a', 'app/views': { type: 'symlink', linkname: '../views' } } as const;
    server.nextDeploy();
    await installs(of({}, out), '2');
    expect(server.read('srv/app/views/a.html')).toBe('a');
  },
  'files: two sources for one destination are refused': async () => {
    await refuses(of({ files: [to('app'), to('app/sub')] }), 'files has two sources for ');
    await refuses(of({ files: [to('app/a.txt', '/srv/x'), to('app', '/srv/x/a.txt')] }), 'files has two sources for ');
    mkdirSync(server.path('srv/data'), { recursive: true });
    symlinkSync('data', server.path('srv/link'));
    await refuses(of({ files: [to('app/a.txt', '/srv/data'), to('app/sub/a.txt', '/srv/link')] }), 'files has two sources for ');
  },
  'files: a folder of the server can have two names': async () => {
    mkdirSync(server.path('usr/lib'), { recursive: true });
    symlinkSync('usr/lib', server.path('lib'));
    await installs(of({ files: [to('app/a.txt', '/lib/systemd'), to('app/a.txt', '/usr/lib/systemd')] }));
    expect(server.read('usr/lib/systemd/a.txt')).toBe('a');
  },
  'files: a link of root alone on the server is followed, up as well': async () => {
    mkdirSync(server.path('run'));
    mkdirSync(server.path('var'));
    symlinkSync('../run', server.path('var/run'));
    for (const version of ['1', '2']) {
      await installs(of({ files: [to('app', '/var/run/shop')] }), version);
      expect(server.read('run/shop/a.txt')).toBe('a');
      server.nextDeploy();
    }
    symlinkSync('../run/../etc', server.path('var/etc'));
    expect(await server.install('3', of({ files: [to('app', '/var/etc/shop')] }))).toMatchObject({ error: 'InvalidRelease' });
  },
  'files: a source that the bundle lacks is refused': async () => {
    await refuses(of({ files: [to('missing')] }), "the bundle has no such file: 'missing'");
    await refuses(of({ files: [to('../holdfast.app.json')] }), 'the bundle has no such file');
  },
  'files: modes are those of the archive': async () => {
    const at = new Date('2020-01-01');
    await installs(
      of({}, { 'app/tool': { body: '', mode: 0o4750, mtime: at }, 'app/secret': { body: '', mode: 0o600, uid: 1234, mtime: at } }),
    );
    expect([mode('srv/app/tool'), mode('srv/app/secret')]).toEqual([0o750, 0o600]);
    expect(statSync(server.path('srv/app/secret'))).toMatchObject({ uid: process.getuid?.() });
    expect(Date.now() - statSync(server.path('srv/app/secret')).mtimeMs).toBeLessThan(60_000);
  },
  'files: a destination in the folder of the deploys is refused': async () => {
    for (const each of ['/opt/holdfast', '/opt/holdfast/etc', '/srv/../opt/holdfast/bin'])
      await refuses(of({ files: [to('app', each)] }), "is in Holdfast's own folder; nothing was changed");
    await refuses({ appspec: { files: [to('/', '/')] }, files: { 'opt/holdfast/etc/instance.env': '' } }, "is in Holdfast's own folder");
    symlinkSync('opt', server.path('elsewhere'));
    await refuses(of({ files: [to('app', '/elsewhere/holdfast/x')] }), "is in Holdfast's own folder");
  },
  'file_exists_behavior DISALLOW: a file that no earlier Install brought fails the event before any copy': async () => {
    server.write('srv/app/sub/a.txt', 'own');
    const message = `${server.path('srv/app/sub/a.txt')} exists, no earlier Install brought it`;
    await refuses(of({}), message);
    const makes = { hooks: { BeforeInstall: [hook('make.sh')] } };
    await fails(of(makes, { 'make.sh': traced('made') }), `2: Install: ${message}`);
    expect(server.trace()).toEqual(['BeforeInstall made']);
    expect(server.files('srv')).toEqual(['srv/app/sub/a.txt']);
    server.nextDeploy();
    symlinkSync('nowhere', server.path('srv/app/b.log'));
    const output = await server.install('3', of({ files: [to('app/b.log')] }));
    expect(output).toMatchObject({ error: 'InvalidRelease', message: expect.stringMatching('srv/app/b.log exists.*--adopt') });
  },
  'file_exists_behavior DISALLOW: what ApplicationStop of the last bundle removes is in no way': async () => {
    const empties = { hooks: { ApplicationStop: [hook('stop.sh')] } };
    await installs(of(empties, { 'stop.sh': '#!/bin/sh\nrm -rf "$SERVER/srv/app"' }));
    server.nextDeploy();
    server.write('srv/app/package-lock.json', 'of npm install');
    expect(await server.install('2', of({}, { 'app/package-lock.json': 'new' }))).toMatchObject({ result: 'installed' });
    expect(server.read('srv/app/package-lock.json')).toBe('new');
    // A server that has lost the folder of what runs is repaired by the next install of it.
    rmSync(server.path('opt/holdfast/releases/2'), { recursive: true });
    expect(await server.install('2', of({}, { 'app/package-lock.json': 'new' }), { mode: 'restart' })).toMatchObject({
      result: 'installed',
    });
  },
  'file_exists_behavior DISALLOW: a rollback replaces what scripts of the failed release made': async () => {
    const vendor = { 'app/vendor/autoload.php': 'one' };
    await installs(of({}, vendor));
    server.nextDeploy();
    const composer = '#!/bin/sh\nmkdir -p "$SERVER/srv/app/vendor"; echo two >"$SERVER/srv/app/vendor/autoload.php"; exit 1';
    const failing = of({ hooks: { AfterInstall: [hook('composer.sh')] } }, { 'composer.sh': composer });
    expect(await server.install('2', failing)).toMatchObject({ error: 'HookFailed' });
    expect(await server.install('1', of({}, vendor))).toMatchObject({ error: 'InvalidRelease' });
    expect(await server.install('1', of({}, vendor), { mode: 'restore' })).toMatchObject({ result: 'installed' });
    expect(server.read('srv/app/vendor/autoload.php')).toBe('one');
  },
  'a link that a script made in the place of a folder is removed with what the last Install brought': async () => {
    const script =
      '#!/bin/sh\nrm -rf "$SERVER/srv/app/sub"; mkdir -p "$SERVER/shared/deep"; ln -s "$SERVER/shared" "$SERVER/srv/app/sub"; chown -h nobody "$SERVER/srv/app/sub"';
    const linking = of({ hooks: { AfterInstall: [hook('link.sh')] } }, { 'link.sh': script });
    for (const version of ['1', '2', '3']) {
      await installs(linking, version);
      expect(server.files('srv/app')).toContain(`srv/app/sub -> ${server.path('shared')}`);
      server.nextDeploy();
    }
    expect(server.files('shared')).toEqual(['shared/deep/']);
    await installs(of({}), '4');
    expect(server.read('srv/app/sub/a.txt')).toBeDefined();
  },
  'file_exists_behavior OVERWRITE: what is there is replaced': async () => {
    server.write('srv/app/a.txt', 'own', 0o600);
    server.write('srv/other', 'other');
    symlinkSync('../other', server.path('srv/app/b.log'));
    server.write('srv/app/link', 'own');
    await installs(of({ fileExists: 'OVERWRITE' }, { 'app/link': { type: 'symlink', linkname: 'a.txt' } }));
    expect([server.read('srv/app/a.txt'), server.read('srv/app/b.log'), server.read('srv/other')]).toEqual(['a', 'b', 'other']);
    expect([mode('srv/app/a.txt'), lstatSync(server.path('srv/app/b.log')).isFile()]).toEqual([0o644, true]);
    expect(server.files('srv/app')).toContain('srv/app/link -> a.txt');
  },
  'file_exists_behavior OVERWRITE: a folder in the place of a file is refused': async () => {
    const overwriting = of({ fileExists: 'OVERWRITE' });
    server.write('srv/app/b.log', 'of users');
    mkdirSync(server.path('srv/app/a.txt'));
    await refuses(overwriting, 'a.txt is a folder on the server, and a file goes there');
    const prepared = { appspec: { ...overwriting.appspec, hooks: { BeforeInstall: [hook('x.sh')] } }, files: overwriting.files };
    await fails({ ...prepared, files: { ...prepared.files, 'x.sh': '#!/bin/sh' } }, 'a.txt is a folder on the server');
    expect([server.read('srv/app/b.log'), statSync(server.path('srv/app/a.txt')).isDirectory()]).toEqual(['of users', true]);
  },
  'file_exists_behavior RETAIN: what is there stays, and is not removed later': async () => {
    server.write('srv/app/a.txt', 'own', 0o600);
    await installs(of({ fileExists: 'RETAIN', permissions: [{ object: '/srv/app', mode: '640', type: ['file'] }] }));
    expect([server.read('srv/app/a.txt'), mode('srv/app/a.txt'), mode('srv/app/b.log')]).toEqual(['own', 0o600, 0o640]);
    server.nextDeploy();
    await installs({}, '2');
    expect(server.files('srv')).toEqual(['srv/app/a.txt']);
  },
  'Install removes what the last Install brought, folders only when empty': async () => {
    await installs(of({}, { 'app/up': { type: 'symlink', linkname: 'sub' } }));
    server.write('srv/app/sub/of-users', '');
    server.write('srv/app/sub/deep/d.txt', 'edited');
    server.nextDeploy();
    await installs({}, '2');
    expect(server.files('srv')).toEqual(['srv/app/sub/of-users']);
  },
  'Install removes what a failed Install wrote': async () => {
    server.write('srv/app/own', '');
    const hooks = { BeforeInstall: [hook('x.sh')] };
    await fails(of({ hooks, permissions: [{ object: '/srv/app', owner: 'no-such-user' }] }, { 'x.sh': '#!/bin/sh' }), 'Install');
    expect(server.files('srv')).toEqual(['srv/app/own']);
    server.nextDeploy();
    await installs({}, '1');
    expect(server.files('srv')).toEqual(['srv/app/own']);
  },
  'permissions: an object that is a copied file': async () => {
    await installs(
      of({
        permissions: [
          { object: '/srv/app/a.txt', mode: '600' },
          { object: '/srv/app/b.log', mode: '1', type: ['directory'] },
        ],
      }),
    );
    expect(changed()).toEqual({ '/a.txt': '600' });
  },
  'permissions: pattern and except match names in the object folder, ** all below it, and the object itself never': async () => {
    const rows: [Bundle['permissions'][number], string[]][] = [
      [{ object: '/srv/app/' }, ['/a.txt', '/b.log', '/sub', '/sub/a.txt', '/sub/deep', '/sub/deep/d.txt']],
      [{ object: '/srv/app', pattern: '*.txt' }, ['/a.txt']],
      [{ object: '/srv/app', pattern: '?.txt' }, []],
      [{ object: '/srv/app', pattern: '[ab].txt' }, []],
      [{ object: '/srv/app', pattern: 'a*' }, ['/a.txt']],
      [{ object: '/srv/app', pattern: 'sub/a.txt' }, []],
      [{ object: '/srv/app', except: ['a.txt', 'su*', 'deep/d.txt'] }, ['/b.log', '/sub/a.txt', '/sub/deep', '/sub/deep/d.txt']],
      [{ object: '/', pattern: 'srv' }, []],
    ];
    for (const [permission, paths] of rows) {
      const token = server.nextDeploy();
      await installs(of({ permissions: [{ ...permission, mode: '700' }] }), `${token}`);
      expect(Object.keys(changed()), JSON.stringify(permission)).toEqual(paths);
    }
  },
  'permissions: type chooses files or folders': async () => {
    await installs(
      of({
        permissions: [
          { object: '/srv/app', mode: '701', type: ['directory'] },
          { object: '/srv/app/sub', mode: '600', type: ['file'] },
        ],
      }),
    );
    expect(changed()).toEqual({ '/sub': '701', '/sub/a.txt': '600', '/sub/deep': '701', '/sub/deep/d.txt': '600' });
  },
  'permissions: only what this Install copied or made': async () => {
    server.write('srv/app/sub/own.txt', '');
    await installs(of({ permissions: [{ object: '/srv/app', mode: '700' }] }));
    expect(mode('srv/app/sub/own.txt')).toBe(0o644);
    expect(Object.keys(changed())).not.toContain('/sub');
  },
  'permissions: a pattern for a file is refused': async () => {
    for (const more of [{ pattern: '*' }, { except: ['x'] }])
      await refuses(of({ permissions: [{ object: '/srv/app/a.txt', ...more }] }), 'has a pattern or except for the file /srv/app/a.txt');
  },
  'permissions: the same object twice is refused': async () => {
    await refuses(of({ permissions: [{ object: '/srv/app' }, { object: '/srv/app/a.txt' }] }), 'more than once');
    await fails(
      of({
        permissions: [
          { object: '/srv', type: ['directory'] },
          { object: '/srv/app', type: ['directory'] },
        ],
      }),
      'more than once',
    );
  },
  'permissions: owner and group': async () => {
    await refuses(of({ permissions: [{ object: '/srv/app', owner: 'no-such-user' }] }), 'this server has no owner no-such-user; nothing');
    await refuses(of({ permissions: [{ object: '/srv/app', group: 'no-such-group' }] }), 'this server has no group no-such-group; nothing');
    const later = { hooks: { BeforeInstall: [hook('create.sh')] }, permissions: [{ object: '/srv/app', owner: 'no-such-user' }] };
    await fails(of(later, { 'create.sh': traced('created') }), 'no-such-user');
    expect(server.trace()).toEqual(['BeforeInstall created']);
    if (!IS_ROOT) return;
    const [, , uid, gid] =
      readFileSync('/etc/passwd', 'utf8')
        .split('\n')
        .find((line) => line.startsWith('nobody:'))
        ?.split(':') ?? [];
    server.nextDeploy();
    const link = { 'app/link': { type: 'symlink', linkname: '../own' } } as const;
    server.write('srv/own', '');
    await installs(of({ permissions: [{ object: '/srv/app', owner: 'nobody', group: 'root', mode: '4755' }] }, link), '3');
    expect([statSync(server.path('srv/app/a.txt')), statSync(server.path('srv/own'))]).toMatchObject([
      { uid: Number(uid), gid: 0 },
      { uid: 0 },
    ]);
    expect(Number(gid)).not.toBe(0);
  },
  'permissions: a type that is empty gives nothing': async () => {
    await installs(of({ permissions: [{ object: '/srv/app', mode: '700', type: [] }] }));
    expect(changed()).toEqual({});
  },
  'permissions: what RETAIN leaves there is not judged': async () => {
    server.write('srv/app/a.txt', 'of users');
    const permissions = [
      { object: '/srv/app', mode: '640', type: ['file' as const] },
      { object: '/srv/app/a.txt', mode: '600' },
    ];
    await installs(of({ fileExists: 'RETAIN', permissions }));
    expect([mode('srv/app/a.txt'), mode('srv/app/b.log')]).toEqual([0o644, 0o640]);
  },
  'permissions: a mode of one to four digits': async () => {
    const modes = ['4', '44', '640', '2750'];
    for (const [at, each] of modes.entries()) {
      server.nextDeploy();
      await installs(of({ permissions: [{ object: '/srv/app/a.txt', mode: each }] }), `${at}`);
      expect(mode('srv/app/a.txt')).toBe(Number.parseInt(each, 8));
    }
  },
};

it.each(Object.keys(FILE_FEATURES) as (keyof typeof FILE_FEATURES)[])('%s', (feature) => CHECKS[feature]());
