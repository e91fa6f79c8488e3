import { expect, it } from 'vitest';
import { createTraffic } from '../../../../functions/deploy/traffic/traffic.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingLog, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

it('counts a blind drain from the deregistration, which comes after a second look at the minimum', async () => {
  const records = memoryRecords();
  const lease = await beginDeploy(records);
  const clock = createClock(START_MS);
  const targetGroup = fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'initial' });
  const pause = async (ms: number) => {
    clock.nowMs += ms;
    targetGroup.states['i-3'] = 'healthy';
  };
  const traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now, polling: { pausesMs: [], pause } });
  const { roll } = await traffic({ step: 'deregister', deploy: DEPLOY, lease, roll: ROLL });
  expect(roll.phaseStartedAtMs).toBe(START_MS + 10_000);
  // What it gives a request that it sees ends before the earliest moment at which the load balancer can cut it.
  expect(roll.drain?.target?.deregisteredAtMs).toBe(START_MS);
});

it.each([
  [true, { returnsAfterDelay: true }],
  [false, {}],
])('has a drain know whether its target is an address: %s', async (ofAddresses, known) => {
  const records = memoryRecords();
  const lease = await beginDeploy(records);
  const targetGroup = fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' }, {}, ofAddresses);
  const traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: createClock(START_MS).now });
  const { roll } = await traffic({ step: 'deregister', deploy: DEPLOY, lease, roll: ROLL });
  expect(roll.drain?.target).toEqual({ ports: [], deregisteredAtMs: START_MS, ...known });
});
