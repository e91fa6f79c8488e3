import { beforeEach, expect, it } from 'vitest';
import { releaseLeftPin } from '../../../../functions/deploy/reconcile/release-left-pin.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { beginDeploy, createClock, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

let records: Records;
let pattern: string | undefined;
let main: ReturnType<typeof fakeTargetGroup>;
let drain: ReturnType<typeof fakeTargetGroup>;
const clock = createClock();

beforeEach(() => {
  records = memoryRecords();
  pattern = 'one';
  main = fakeTargetGroup({ 'i-2': 'healthy' });
  drain = fakeTargetGroup({ 'i-1': 'healthy' });
});

async function turn(lifecycleState = 'InService', readable = true): Promise<boolean> {
  const rule = {
    read: async () => pattern,
    async release() {
      pattern = undefined;
    },
  };
  const ports = { records, log: recordingLog(), now: clock.now, fleet: 'web' };
  clock.nowMs += 300_000;
  const group = fakeAutoScalingGroup({ 'i-1': lifecycleState });
  if (!readable) group.describe = () => Promise.reject(new Error('throttled'));
  return releaseLeftPin(ports, { targetGroup: main, drainGroup: drain, rule, group }, await records.getLock('web'), {
    running: ['d1'],
    givenUp: [],
  });
}

it('puts a server back before its sessions are released, one step a turn, and releases the lock each time', async () => {
  expect(await turn()).toBe(true);
  expect([main.calls, pattern]).toEqual([['register i-1'], 'one']);
  main.states['i-1'] = 'healthy';
  expect(await turn()).toBe(true);
  expect([pattern, drain.calls]).toEqual([undefined, []]);
  expect(await turn()).toBe(true);
  expect(drain.calls).toEqual(['deregister i-1']);
  expect(await turn()).toBe(false);
  expect((await records.getLock('web'))?.deployId).toBeUndefined();
});

it('does not put a server back that is terminated: its hook would take it out again, and hold it as long as it is pinned', async () => {
  expect(await turn('Terminating:Wait')).toBe(true);
  expect([main.calls, pattern, drain.calls]).toEqual([[], undefined, []]);
  expect(await turn('Terminating:Wait')).toBe(true);
  expect([main.calls, drain.calls]).toEqual([[], ['deregister i-1']]);
  expect(await turn('Terminating:Wait')).toBe(false);
});

it('releases a server whose Auto Scaling group cannot be read', async () => {
  drain.states['i-1'] = 'unhealthy';
  expect(await turn('InService', false)).toBe(true);
  expect([main.calls, pattern]).toEqual([[], undefined]);
});

it('leaves it to a deploy that is open', async () => {
  await beginDeploy(records);
  expect(await turn()).toBe(false);
  expect([main.calls, pattern]).toEqual([[], 'one']);
});
