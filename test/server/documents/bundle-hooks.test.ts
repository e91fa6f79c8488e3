/** What an appspec says of scripts, as the agent does it or with the difference that the table has. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HOOK_FEATURES } from './bundle-features.ts';
import { BundleServer, hook, type Revision, traced } from './bundle-server.ts';

let server: BundleServer;
beforeEach(() => {
  server = new BundleServer();
});
afterEach(() => server.remove());

const IS_ROOT = process.getuid?.() === 0;
/** A bundle with one script of ApplicationStart. */
const start = (script: string, more: object = {}, name = 'start.sh', mode = 0o755): Revision => ({
  appspec: { hooks: { ApplicationStart: [{ ...hook(name), ...more }] } },
  files: { [name]: { body: script, mode } },
});
const install = async (revision: Revision) => {
  const token = server.nextDeploy();
  return server.install(`${token}`, revision);
};
/** What the script writes to its output. */
async function written(revision: Revision): Promise<string> {
  expect(await install(revision)).toMatchObject({ result: 'installed' });
  return server.log('ApplicationStart').trim();
}

const CHECKS: Record<keyof typeof HOOK_FEATURES, () => Promise<void>> = {
  'several scripts of an event run in their order, and the first failure ends them': async () => {
    const names = ['b.sh', 'a.sh', 'b.sh', 'c.sh', 'd.sh'];
    const output = await install({
      appspec: { hooks: { AfterInstall: names.map((name) => hook(name)) } },
      files: Object.fromEntries(names.map((name) => [name, traced(name, name === 'c.sh' ? 'exit 2' : '')])),
    });
    expect(output).toMatchObject({ error: 'HookFailed', message: expect.stringContaining('c.sh of AfterInstall exited with 2') });
    expect(server.trace()).toEqual(names.slice(0, 4).map((name) => `AfterInstall ${name}`));
  },
  'location: a path in the bundle, also with a / before it': async () => {
    expect(await written(start('#!/bin/sh\necho "$0"', {}, 'a/b.sh'))).toMatch(/\/releases\/2\/bundle\/a\/b\.sh$/);
    const revision = { ...start('#!/bin/sh\necho yes'), appspec: { hooks: { ApplicationStart: [hook('/start.sh')] } } };
    expect(await written(revision)).toBe('yes');
  },
  'location: a script that is missing fails its event': async () => {
    const missing = /cannot be run: FileNotFoundError: .*the bundle has no such file/;
    const of = (location: string, files: Revision['files'] = {}) => ({ appspec: { hooks: { ApplicationStart: [hook(location)] } }, files });
    expect(await install(of('gone.sh'))).toMatchObject({ message: expect.stringMatching(missing) });
    expect(await install(of('../holdfast.app.json'))).toMatchObject({ message: expect.stringMatching(missing) });
    const link = { 'x.sh': { type: 'symlink', linkname: '../holdfast.app.json' } } as const;
    expect(await install(of('x.sh', link))).toMatchObject({ message: expect.stringMatching(missing) });
    const inside = { 'x.sh': { type: 'symlink', linkname: 'y.sh' }, 'y.sh': '#!/bin/sh\necho inside' } as const;
    expect(await written(of('x.sh', inside))).toBe('inside');
  },
  'a script without run bits gets them': async () => {
    expect(await written(start('#!/bin/sh\necho ran', {}, 'start.sh', 0o600))).toBe('ran');
    expect(statSync(server.path('opt/holdfast/releases/2/bundle/start.sh')).mode & 0o777).toBe(0o711);
  },
  'a script that is copied keeps the modes that let it run': async () => {
    const files = { 's.sh': { body: '#!/bin/sh', mode: 0o700 }, data: { body: '', mode: 0o664 } };
    const appspec = {
      files: [{ source: '/', destination: '/srv/app' }],
      hooks: { BeforeInstall: [{ ...hook('s.sh'), runas: userInfo().username }] },
    };
    expect(await install({ appspec, files })).toMatchObject({ result: 'installed' });
    expect(['s.sh', 'data'].map((name) => statSync(server.path(`srv/app/${name}`)).mode & 0o777)).toEqual([0o700, IS_ROOT ? 0o664 : 0o644]);
  },
  'a script without #! runs in sh': async () => {
    expect(await written(start('echo plain'))).toBe('plain');
  },
  'a path with a space needs no quotes': async () => {
    expect(await written(start('#!/bin/sh\necho spaced', {}, 'my scripts/the start;id.sh'))).toBe('spaced');
  },
  'the variables of the agent': async () => {
    const names = ['LIFECYCLE_EVENT', 'DEPLOYMENT_ID', 'APPLICATION_NAME', 'DEPLOYMENT_GROUP_NAME', 'DEPLOYMENT_GROUP_ID'];
    const lines = (await written(start('#!/bin/sh\nenv'))).split('\n');
    expect(names.map((name) => lines.find((line) => line.startsWith(`${name}=`)))).toEqual([
      'LIFECYCLE_EVENT=ApplicationStart',
      'DEPLOYMENT_ID=d-2',
      'APPLICATION_NAME=live',
      'DEPLOYMENT_GROUP_NAME=shop',
      'DEPLOYMENT_GROUP_ID=live/shop',
    ]);
    expect(lines.filter((line) => /^(SSM|BUNDLE)_/.test(line))).toEqual([]);
  },
  'what /etc/profile exports or sets is in the environment': async () => {
    server.write('etc/profile', 'echo greeting\nexport JAVA_HOME=/opt/java\nPATH="$PATH:/opt/node/bin"\nPROFILES="a\nb"\nfalse\n');
    const lines = (await written(start('#!/bin/sh\necho "$JAVA_HOME $PROFILES"; echo "$PATH"'))).split('\n');
    expect(lines.slice(0, 2)).toEqual(['/opt/java a', 'b']);
    expect(lines[2]).toMatch(/:\/opt\/node\/bin$/);
    server.write('etc/profile', 'JAVA_HOME=/opt/java\n[ -t 0 ] || exit 0');
    expect(await written(start('#!/bin/sh\necho "$JAVA_HOME $(dirname "$(command -v sh)")"'))).toMatch(/^\/opt\/java \//);
  },
  'the working directory is /': async () => {
    expect(await written(start('#!/bin/sh\npwd'))).toBe(server.folder);
  },
  'standard input is empty': async () => {
    expect(await written(start('#!/bin/sh\ncat; echo end'))).toBe('end');
  },
  'timeout: the group is ended by TERM': async () => {
    const cleans = start('#!/bin/bash\ntrap "echo cleaned; exit 0" TERM\nsleep 30 & wait', { timeout: 5 });
    expect(await install(cleans)).toMatchObject({
      error: 'HookFailed',
      message: expect.stringContaining('start.sh of ApplicationStart did not end within 5 s'),
      journal: ['cleaned'],
    });
  },
  'what a script leaves running in the background is not waited for': async () => {
    const waits = 'while [ ! -e "$SERVER/go" ]; do sleep 0.1; done; echo later; touch "$SERVER/later"';
    await written(start(`#!/bin/sh\n(${waits}) &\necho started`));
    writeFileSync(server.path('go'), '');
    await expect.poll(() => existsSync(server.path('later')), { timeout: 60_000 }).toBe(true);
    expect(server.log('ApplicationStart')).toBe('started\nlater\n');
  },
  'runas: another user': async () => {
    const unknown = await server.install('1', start('#!/bin/sh', { runas: 'no-such-user' }));
    expect(unknown).toMatchObject({ error: 'InvalidRelease', message: expect.stringContaining('this server has no runas no-such-user') });
    if (!IS_ROOT) return;
    // The folder that tests are in is for its owner alone.
    const { chmodSync } = await import('node:fs');
    chmodSync(server.folder, 0o755);
    const script = '#!/bin/sh\necho "$(id -un) $(id -Gn) $HOME $USER $LOGNAME"; cat "$SERVER/opt/holdfast/etc/bundle.json"; exit 0';
    const lines = (await written(start(script, { runas: 'nobody' }, 'start.sh', 0o700))).split('\n');
    expect(lines[0]).toMatch(/^nobody (nogroup|nobody) \S+ nobody nobody$/);
    expect(lines[1]).toContain('Permission denied');
    expect(statSync(server.path('opt/holdfast/releases/2')).mode & 0o777).toBe(0o711);
  },
  'an event without scripts does nothing': async () => {
    expect(await install({})).toMatchObject({ result: 'installed' });
    expect(existsSync(server.path('opt/holdfast/log'))).toBe(false);
  },
  'a failure has the script, its exit code and the end of its log': async () => {
    const script = '#!/bin/sh\nseq 1 100; echo "token=of-the-store-4711 given"; echo "password=abc-4242-defg" >&2; exit 9';
    expect(await install(start(script))).toEqual({
      result: 'failed',
      error: 'HookFailed',
      message: `2: start.sh of ApplicationStart exited with 9; its log is ${server.root}/log/bundle/2-ApplicationStart.log on the server`,
      journal: ['93', '94', '95', '96', '97', '98', '99', '100', 'token=*** given', 'password=***'],
    });
    expect(server.log('ApplicationStart')).toContain('\n1\n2\n'.slice(1));
  },
  'a script that a signal ends fails': async () => {
    expect(await install(start('#!/bin/sh\nkill -SEGV $$'))).toMatchObject({ message: expect.stringContaining('was ended by signal 11') });
  },
  'a previous ApplicationStop that cannot end is passed by the option for it': async () => {
    await server.install('1', { appspec: { hooks: { ApplicationStop: [hook('gone.sh')] } } });
    expect(await install({})).toMatchObject({ message: expect.stringContaining('1: gone.sh of ApplicationStop cannot be run') });
    server.nextDeploy();
    expect(await server.install('2', {}, { stopFailure: 'continue' })).toMatchObject({ result: 'installed' });
  },
};

it.each(Object.keys(HOOK_FEATURES) as (keyof typeof HOOK_FEATURES)[])('%s', (feature) => CHECKS[feature]());
