/** Targets that are addresses: one that has left the main group goes back into it only after its deregistration delay. */

import { expect, it } from 'vitest';
import { NOT_RELEASED, stepRelease } from '../../../../functions/deploy/sessions/unpin.ts';
import { createClock, DEPLOY, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

it('a pinned server is registered in the main group once its address is free there, and its sessions stay with it until then', async () => {
  const clock = createClock();
  const targetGroup = fakeTargetGroup({ 'i-1': 'draining' }, {}, true);
  const drainGroup = fakeTargetGroup({ 'i-1': 'healthy' }, {}, true);
  const changes: string[] = [];
  const rule = { read: async () => 'one', release: async () => void changes.push('released') };
  const records = memoryRecords();
  const ports = { records, targetGroup, drainGroup, rule, log: recordingLog(), now: clock.now };
  const held: number[] = [];
  const step = (release: Parameters<typeof stepRelease>[2]) => stepRelease(ports, DEPLOY, release, async () => held.push(clock.nowMs));

  const waiting = await step(NOT_RELEASED);
  expect(waiting).toMatchObject({ verdict: 'WAIT', release: { waitingSinceMs: clock.nowMs, awaitsDelay: true } });
  clock.nowMs += 10_000;
  const again = await step(waiting.release);
  expect(again.release).toEqual({ ...waiting.release, healthySinceMs: 0 });
  expect([targetGroup.calls, changes, held]).toEqual([[], [], []]);

  delete targetGroup.states['i-1'];
  const registered = await step(again.release);
  expect(targetGroup.calls).toEqual(['register i-1']);
  expect(held).toEqual([clock.nowMs]);
  expect(registered.release.awaitsDelay).toBeUndefined();
  expect(changes).toEqual([]);
});
