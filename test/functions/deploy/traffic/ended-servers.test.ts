import { beforeEach, expect, it } from 'vitest';
import { createTraffic } from '../../../../functions/deploy/traffic/traffic.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease, TargetProgress } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingLog, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

let records: Records;
let lease: Lease;
const clock = createClock(START_MS + 5_000);

beforeEach(async () => {
  records = memoryRecords();
  lease = await beginDeploy(records);
});

/** The server ends in the middle of a roll of this deploy. */
async function ends(more: Partial<typeof DEPLOY>, phase: TargetProgress['phase'], isReplaced: boolean) {
  const deploy = { ...DEPLOY, ...more };
  const targetGroup = fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' });
  targetGroup.register = async () => {
    throw Object.assign(new Error('not in a running state'), { name: 'InvalidTargetException' });
  };
  const traffic = createTraffic({ records, targetGroup, isReplaced, log: recordingLog(), now: clock.now });
  await traffic({ step: 'deregister', deploy, lease, roll: ROLL });
  await records.updateTarget('web', 'd1', 'i-1', { phase, phaseStartedAtMs: clock.nowMs });
  const error = { Error: 'InvalidInstanceId', Cause: 'not in a valid state' };
  const putBack = () => traffic({ step: 'putBack', deploy, lease, roll: ROLL, error });
  await putBack();
  const first = await records.getDeploy('web', 'd1');
  await putBack();
  expect(await records.getDeploy('web', 'd1'), 'the step comes twice').toEqual(first);
  return first;
}

it('goes on without a server that ended while it was drained, and that Auto Scaling replaces', async () => {
  const record = await ends({}, 'draining', true);
  expect(record?.firstFailure).toBeUndefined();
  expect(record?.targets['i-1']).toMatchObject({ phase: 'skipped', notRunning: true, finishedAtMs: clock.nowMs });
  expect(record?.warnings).toEqual([expect.stringContaining('i-1 ended while it was drained')]);
});

it.each<[string, Partial<typeof DEPLOY>, TargetProgress['phase'], boolean]>([
  ['one of those that the configuration names, which nobody replaces', {}, 'draining', false],
  ['the one that it was to restart', { restart: 'i-1' }, 'draining', true],
  ['one with the new release on it, which may be why it ended', {}, 'registering', true],
  ['one whose sessions a rule sends to it', {}, 'pinning', true],
])('fails with %s', async (_, more, phase, isReplaced) => {
  const record = await ends(more, phase, isReplaced);
  expect(record?.firstFailure).toMatchObject({ Error: 'InvalidInstanceId' });
  expect(record?.targets['i-1']).toMatchObject({ phase: 'failed', notRunning: true });
});
