import { expect, it } from 'vitest';
import { createTraffic } from '../../../../functions/deploy/traffic/traffic.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

it.each([
  [undefined, 250],
  [10, 2_500],
])('the health of a target is asked for the more rarely the more are rolled at once: %s', async (atOnce, pauseMs) => {
  const records = memoryRecords();
  const lease = await beginDeploy(records);
  const pauses: number[] = [];
  const polling = { pausesMs: [250, 250, 250, 250], pause: async (ms: number) => void pauses.push(ms) };
  const ports = { records, targetGroup: fakeTargetGroup({ 'i-1': 'initial' }), log: recordingLog(), now: createClock().now };
  const roll = { ...ROLL, ...(atOnce && { atOnce }) };
  expect((await createTraffic({ ...ports, polling })({ step: 'checkHealthy', deploy: DEPLOY, lease, roll })).verdict).toBe('WAIT');
  expect(pauses).toHaveLength(4);
  for (const ms of pauses) expect(Math.abs(ms - pauseMs)).toBeLessThanOrEqual(atOnce ? 500 : 0);
});
