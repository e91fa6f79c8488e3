import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveOf, CONTRACT, release } from '#local-aws/test/instances/fixture-release.ts';
import { installOutput } from '../../../functions/instance/document-contract.ts';
import type { TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { startWarmFleet } from './warm-machines.ts';

let fleet: TestFleet;
let instanceId: string;
let root: string;
let url: string;

beforeAll(async () => {
  fleet = await startWarmFleet();
  const machine = await fleet.launch();
  instanceId = machine.instanceId;
  url = `http://127.0.0.1:${machine.port}`;
  root = join(fleet.instances.get(instanceId)?.folder ?? '', 'opt/holdfast');
});
afterAll(() => fleet.stop());

const served = async (): Promise<{ version: string }> => (await fetch(url)).json() as Promise<{ version: string }>;

describe('install-release', () => {
  beforeAll(async () => {
    await fleet.install(instanceId, '1.0.0', await release(), { fencingToken: '9' });
  });

  it('leaves nothing of a release that does not start', async () => {
    const output = await fleet.install(instanceId, '1.3.0', await release({ exitAtOnce: true }), { fencingToken: '9' });
    expect(installOutput.parse(output)).toMatchObject({ result: 'failed', error: 'ServiceDidNotStart', serving: '1.0.0' });
    expect(existsSync(join(root, 'releases/1.3.0'))).toBe(false);
  });

  it.each([
    ['a path upwards', [{ name: '../../escaped', body: 'x' }]],
    ['an absolute path', [{ name: '/tmp/holdfast-escaped', body: 'x' }]],
    ['a link upwards', [{ name: 'out', type: 'symlink' as const, linkname: '../../etc' }]],
    ['an absolute link', [{ name: 'out', type: 'symlink' as const, linkname: '/etc' }]],
    [
      'a path below a link',
      [
        { name: 'sub', type: 'symlink' as const, linkname: '.' },
        { name: 'sub/file', body: 'x' },
      ],
    ],
    [
      'links that lead out together',
      [
        { name: 'a/b/up', type: 'symlink' as const, linkname: '../..' },
        { name: 'out', type: 'symlink' as const, linkname: 'a/b/up/..' },
      ],
    ],
    ['a hard link to outside', [{ name: 'out', type: 'link' as const, linkname: '../../etc/instance.env' }]],
    ['a device', [{ name: 'null', type: 'character-device' as const, devmajor: 1, devminor: 3 }]],
  ])('refuses an archive with %s', async (_title, entries) => {
    const archive = await archiveOf([{ name: 'holdfast.app.json', body: JSON.stringify(CONTRACT) }, ...entries]);
    const output = await fleet.install(instanceId, '2.0.0', archive, { fencingToken: '9' });
    expect(installOutput.parse(output)).toMatchObject({ result: 'failed', error: 'InvalidRelease' });
    expect(existsSync(join(root, 'escaped'))).toBe(false);
    expect(readdirSync(join(root, 'releases')).sort()).toEqual(['1.0.0']);
  });

  it.each([
    ['has no contract', () => archiveOf([{ name: 'server.mjs', body: '' }])],
    ['has a contract without a start command', () => archiveOf([{ name: 'holdfast.app.json', body: '{"start":[]}' }])],
  ])('rejects an archive that %s', async (_title, make) => {
    const output = await fleet.install(instanceId, '2.0.0', await make(), { fencingToken: '9' });
    expect(output).toMatchObject({ result: 'failed', error: 'InvalidRelease' });
  });

  it('rejects a file that is not an archive', async () => {
    const bytes = Buffer.from('no archive');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await fleet.install(instanceId, '2.0.0', { bytes, sha256 }, { fencingToken: '9' })).toMatchObject({ error: 'InvalidRelease' });
  });

  it('keeps three releases', async () => {
    for (const version of ['3.0.0', '3.1.0', '3.2.0']) await fleet.install(instanceId, version, await release(), { fencingToken: '10' });
    expect((await served()).version).toBe('3.2.0');
    const kept = readdirSync(join(root, 'releases'));
    expect(kept).toHaveLength(3);
    expect(kept).toEqual(expect.arrayContaining(['3.1.0', '3.2.0']));
  });
});
