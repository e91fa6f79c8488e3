import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXECUTION, type FakeCloud, keepDeploy, startFakeCloud } from '../fake-cloud.ts';
import { makeStateFolder, onlyLine, runCli } from '../run-cli.ts';

let cloud: FakeCloud;
const state = makeStateFolder();
beforeAll(async () => {
  cloud = await startFakeCloud();
  cloud.announce(state.folder);
});
afterAll(async () => {
  state.remove();
  await cloud.close();
});
beforeEach(() => {
  cloud.items.clear();
  cloud.started.length = 0;
});

const deployed = (deployId: string, startedAtMs: number, from: string, to: string, more: object = {}) =>
  keepDeploy(cloud, {
    deployId,
    executionArn: EXECUTION,
    fleet: 'web',
    from,
    to,
    requestedBy: 'local/ann',
    startedAtMs,
    status: 'SUCCEEDED',
    stage: 'finished',
    targets: {},
    ...more,
  } as Parameters<typeof keepDeploy>[1]);
const isCurrent = (currentVersion: string, deployId: string) =>
  cloud.items.set('FLEET#web|FLEET', { fleet: 'web', currentVersion, deployId, sha256: 'a', updatedAtMs: 1, fencingToken: 1 });
const rollback = () => runCli(state.folder, ['rollback', '--json']);

describe('rollback', () => {
  it('deploys what the last promoted deploy replaced', async () => {
    deployed('d1', 1, '1.0.0', 'v1.1.0');
    deployed('d2', 2, 'v1.1.0', '1.2.0', { status: 'FAILED' });
    isCurrent('v1.1.0', 'd1');
    const { code, stdout } = await rollback();
    expect([code, onlyLine(stdout)]).toEqual([0, { deploy: expect.objectContaining({ to: '1.0.0', status: 'SUCCEEDED' }) }]);
    expect(cloud.started.map(({ input }) => JSON.parse(String(input)))).toEqual([{ version: '1.0.0', requestedBy: 'local/ann' }]);
  });

  it('passes over deploys of the current release over itself', async () => {
    deployed('d1', 1, '1.0.0', '1.1.0');
    deployed('d2', 2, '1.1.0', '1.1.0');
    isCurrent('1.1.0', 'd2');
    await rollback();
    expect(cloud.started.map(({ input }) => JSON.parse(String(input)))).toMatchObject([{ version: '1.0.0' }]);
  });

  it.each<[string, () => void, string]>([
    ['a fleet without a release', () => {}, 'no deploy has been promoted yet'],
    [
      'a first release',
      () => {
        deployed('d1', 1, 'none', '1.0.0');
        isCurrent('1.0.0', 'd1');
      },
      '1.0.0 is its first release',
    ],
    ['a deploy that is not on record', () => isCurrent('1.0.0', 'd1'), 'the deploy that brought 1.0.0 is no longer on record'],
  ])('starts nothing for %s', async (_, prepare, why) => {
    prepare();
    const { code, stdout } = await rollback();
    expect([code, onlyLine(stdout)]).toEqual([
      2,
      { error: { code: 'NothingToRollBack', message: expect.stringMatching(`${why}. Nothing was started`) } },
    ]);
    expect(cloud.started).toEqual([]);
  });
});
