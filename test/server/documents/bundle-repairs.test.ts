/** What two readings of the server's side of bundles found: each is a rule of its own. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { release } from '#local-aws/test/instances/fixture-release.ts';
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
