/** What publishers, local users, scripts and kills do to an install of a bundle. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveOf, release } from '#local-aws/test/instances/fixture-release.ts';
import { scriptOf } from '../../../server/documents/join-python.ts';
import { archiveOfBundle, BundleServer, hook, type Revision, traced } from './bundle-server.ts';

let server: BundleServer;
beforeEach(() => {
  server = new BundleServer();
});
afterEach(() => server.remove());

const to = (source: string, destination = '/srv/app') => ({ source, destination });
const start = (script: string, timeout = 20): Revision => ({
  appspec: { hooks: { ApplicationStart: [hook('start.sh', timeout)] } },
  files: { 'start.sh': script },
});
const runs = (id: string): boolean => {
  try {
    process.kill(Number(id), 0);
    return true;
  } catch {
    return false;
  }
};

describe('an archive', () => {
  it('of another kind of fleet is refused, by both installers', async () => {
    const refused = (message: string) => ({ error: 'InvalidRelease', message: expect.stringContaining(message) });
    expect(await server.install('1', await release())).toMatchObject(refused('is no CodeDeploy bundle, and this fleet has them; nothing'));
    const { stdout } = await server.run('1', {}, {}, scriptOf('install_release'));
    expect(JSON.parse(stdout)).toMatchObject(refused('is a CodeDeploy bundle, and this fleet has none of them; nothing was changed'));
    expect([readdirSync(join(server.root, 'releases')), server.read('calls')]).toEqual([[], expect.not.stringMatching(/stop|start/)]);
  });

  it.each([
    ['with a wrong checksum', async () => ({ ...(await archiveOfBundle({})), sha256: 'a'.repeat(64) }), 'ChecksumMismatch'],
    [
      'that is none',
      () => Promise.resolve({ bytes: Buffer.from('x'), sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' }),
      'InvalidRelease',
    ],
    ['whose bundle is a text', () => archiveOf([{ name: 'holdfast.app.json', body: '{"start":["x"],"bundle":"x"}' }]), 'InvalidRelease'],
    ['whose bundle is empty', () => archiveOf([{ name: 'holdfast.app.json', body: '{"start":["x"],"bundle":{}}' }]), 'InvalidRelease'],
    ['with a file above it', () => archiveOf([{ name: '../x', body: '' }]), 'InvalidRelease'],
  ])('%s stops nothing', async (_what, make, error) => {
    await server.install('1', { appspec: { hooks: { ApplicationStop: [hook('stop.sh')] } }, files: { 'stop.sh': traced('1') } });
    server.nextDeploy();
    expect(await server.install('2', await make())).toMatchObject({ result: 'failed', error });
    expect(server.trace()).toEqual([]);
    expect(server.state()).toEqual({ installed: '1', complete: true });
  });

  it('with links of two folders to each other is refused', async () => {
    const links = { 'a/l': { type: 'symlink', linkname: '../b' }, 'b/l': { type: 'symlink', linkname: '../a' } } as const;
    expect(await server.install('1', { appspec: { files: [to('/')] }, files: { 'a/x': '', 'b/x': '', ...links } })).toMatchObject({
      error: 'InvalidRelease',
      message: expect.stringContaining('a link of the bundle leads back to '),
    });
  });

  it('whose links to folders multiply its bytes is refused', async () => {
    const depth = [...'abcdefghijkl'];
    const links = depth.flatMap((name, at) =>
      [1, 2].map((nth) => [`${name}/${nth}`, { type: 'symlink', linkname: `../${depth[at + 1] ?? 'z'}` } as const] as const),
    );
    const files = { ...Object.fromEntries(links), 'z/big': 'x'.repeat(1_000_000) };
    expect(await server.install('1', { appspec: { files: [to('a')] }, files })).toMatchObject({
      error: 'InvalidRelease',
      message: expect.stringContaining('its links to folders make more than'),
    });
  });

  it('that was not downloaded is not remembered as final', async () => {
    expect(await server.install('1')).toMatchObject({ error: 'DownloadFailed' });
    const archive = await archiveOfBundle({});
    expect(await server.install('1', archive)).toMatchObject({ result: 'installed' });
  });
});

describe('a path', () => {
  it('with a line feed or a quote in it is listed and removed as it is', async () => {
    const odd = '/srv/a\n/srv/own\n"b';
    server.write('srv/own', '');
    expect(await server.install('1', { appspec: { files: [to('x', odd)] }, files: { 'x/y': '' } })).toMatchObject({ result: 'installed' });
    server.nextDeploy();
    await server.install('2', {});
    expect(server.files('srv')).toEqual(['srv/own']);
  });

  it('that has become a link is not followed to remove', async () => {
    await server.install('1', { appspec: { files: [to('x')] }, files: { 'x/sub/passwd': '' } });
    rmSync(server.path('srv/app/sub'), { recursive: true });
    server.write('etc/passwd', 'root');
    symlinkSync('../../etc', server.path('srv/app/sub'));
    server.nextDeploy();
    expect(await server.install('2', {})).toMatchObject({ result: 'installed' });
    expect([server.read('etc/passwd'), existsSync(server.path('srv'))]).toEqual(['root', false]);
  });

  it('that is a link to nothing is not written through', async () => {
    mkdirSync(server.path('srv/app'), { recursive: true });
    symlinkSync('../../created', server.path('srv/app/y'));
    await server.install('1', { appspec: { files: [to('x')], fileExists: 'OVERWRITE' }, files: { 'x/y': 'y' } });
    expect([existsSync(server.path('created')), server.read('srv/app/y')]).toEqual([false, 'y']);
  });
});

describe('a script', () => {
  it('that forks and ignores TERM is killed with all that it started', async () => {
    const beganMs = performance.now();
    const stubborn =
      '#!/bin/bash\ntrap "" TERM\n(trap "" TERM; echo $BASHPID >"$SERVER/child"; while :; do sleep 0.1; done) &\nwhile :; do sleep 0.1; done';
    expect(await server.install('1', start(stubborn, 1))).toMatchObject({
      error: 'HookFailed',
      message: expect.stringContaining('within 1 s'),
    });
    expect(performance.now() - beganMs).toBeLessThan(60_000);
    await expect.poll(() => runs(server.read('child') ?? ''), { timeout: 60_000 }).toBe(false);
  });

  it('prints megabytes, control characters and secrets: the failure has few clean lines', async () => {
    const hostile = `#!/bin/bash
head -c 20000000 /dev/zero | tr '\\0' x; echo
for i in $(seq 200000); do echo "line $i"; done
printf '\\033[2J\\033]0;title\\007red\\r\\n\\342\\200\\256reversed\\n'
echo "connecting to redis://user:hunter2-secret@host with of-the-store-4711"
head -c 30000 /dev/zero | tr '\\0' y; echo " password=cut-of-91823"
exit 1`;
    const output = await server.install('1', start(hostile));
    expect(output).toMatchObject({ error: 'HookFailed' });
    const text = JSON.stringify(output);
    expect(text.length).toBeLessThan(4_000);
    expect(text).toContain('red');
    expect(text).not.toMatch(/hunter2|4711|91823|\\u001b|\u202e/);
  });

  it('removes its own release: the failure says so, and the next order goes the whole way', async () => {
    await server.install('1', start('#!/bin/sh\nrm -rf "$SERVER/opt/holdfast/releases/1"'));
    expect(await server.install('2', start('#!/bin/sh'))).toMatchObject({
      error: 'HookFailed',
      message: expect.stringContaining('of 1 cannot be read'),
    });
    server.nextDeploy();
    expect(await server.install('2', start('#!/bin/sh'), { stopFailure: 'continue' })).toMatchObject({ result: 'installed' });
  });
});

it.skipIf(process.getuid?.() !== 0)('a full disk: the files of the failed Install go with the rollback', async () => {
  const small = (name: string) => ({ appspec: { files: [to('x')] }, files: { [`x/${name}`]: 'x'.repeat(10_000) } });
  mkdirSync(server.path('srv'));
  execFileSync('sh', ['-c', 'mount -t tmpfs -o size=64k tmpfs "$0"', server.path('srv')]);
  try {
    await server.install('1', small('one'));
    server.nextDeploy();
    const large = { appspec: { files: [to('x')] }, files: { 'x/a': 'a', 'x/b': 'x'.repeat(200_000), 'x/c': '' } };
    expect(await server.install('2', large)).toMatchObject({
      error: 'HookFailed',
      message: expect.stringContaining('No space left on device'),
    });
    expect(await server.install('1', small('one'))).toMatchObject({ result: 'installed' });
    expect(server.files('srv')).toEqual(['srv/app/one']);
  } finally {
    execFileSync('sh', ['-c', 'umount "$0"', server.path('srv')]);
  }
});

it('a local user can write to the folder of releases: the install refuses it', async () => {
  const work = mkdtempSync(server.path('w-'));
  writeFileSync(join(work, 'x'), '');
  mkdirSync(join(server.root, 'releases'));
  execFileSync('chmod', ['777', join(server.root, 'releases')]);
  expect(await server.install('1', {})).toMatchObject({ error: 'UnsafeFolder' });
});
