import { beforeEach, describe, expect, it } from 'vitest';
import type { Lease, Roll, TrafficRequest } from '../../../functions/deploy/contract.ts';
import { createTraffic } from '../../../functions/deploy/traffic.ts';
import type { DeployRecord } from '../../../functions/shared/record-types.ts';
import type { Records } from '../../../functions/shared/records.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingLog, START_MS, stealLock } from '../fakes/fixtures.ts';
import { memoryRecords } from '../fakes/memory-records.ts';
import { fakeTargetGroup } from '../fakes/target-group.ts';

let records: Records;
let lease: Lease;
let clock: ReturnType<typeof createClock>;
let targetGroup: ReturnType<typeof fakeTargetGroup>;
let traffic: ReturnType<typeof createTraffic>;

const ask = (step: Exclude<TrafficRequest['step'], 'putBack'>, roll: Roll = ROLL) => traffic({ step, deploy: DEPLOY, lease, roll });
const putBack = (error: string, cause = 'why') =>
  traffic({ step: 'putBack', deploy: DEPLOY, lease, roll: ROLL, error: { Error: error, Cause: JSON.stringify({ errorMessage: cause }) } });
const target = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1'];

beforeEach(async () => {
  records = memoryRecords();
  lease = await beginDeploy(records);
  clock = createClock(START_MS + 5000);
  targetGroup = fakeTargetGroup({ 'i-1': 'healthy' });
  traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now });
});

describe('traffic', () => {
  it('takes a target out and starts the clock of the drain', async () => {
    expect(await ask('deregister')).toMatchObject({
      verdict: 'DONE',
      roll: { phaseStartedAtMs: START_MS + 5000, drain: { quietSeconds: 0 } },
    });
    expect(targetGroup.calls).toEqual(['deregister i-1']);
    expect(await target()).toMatchObject({ phase: 'draining', phaseStartedAtMs: START_MS + 5000 });
  });

  it('puts a target back at the ports that it had, also when it is out already as a step is delivered again', async () => {
    targetGroup = fakeTargetGroup({ 'i-1': 'healthy' }, { 'i-1': [{ port: 8081 }, { port: 8082 }] });
    traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now });
    const { roll } = await ask('deregister');
    await ask('deregister');
    await ask('register', roll);
    expect(targetGroup.calls).toEqual(['deregister i-1 at 8081, 8082', 'deregister i-1 at 8081, 8082', 'register i-1 at 8081, 8082']);
  });

  it('reads earlier deploys for a target alone that was out before this one, which goes back as they had it', async () => {
    const own = await records.getDeploy('web', 'd1');
    const before = { phase: 'failed', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1, registrations: [{ port: 8083 }] } as const;
    await records.createDeploy({ ...(own as DeployRecord), deployId: 'd0', startedAtMs: 1, targets: { 'i-1': before } });
    let reads = 0;
    const listDeploys: Records['listDeploys'] = (fleet) => {
      reads += 1;
      return records.listDeploys(fleet);
    };
    const askWith = async (states: Record<string, string>) => {
      targetGroup = fakeTargetGroup(states, { 'i-1': [{ port: 8081 }] });
      traffic = createTraffic({ records: { ...records, listDeploys }, targetGroup, log: recordingLog(), now: clock.now });
      await ask('deregister');
      return [reads, targetGroup.calls];
    };
    expect(await askWith({})).toEqual([1, ['deregister i-1 at 8083']]);
    await records.updateTarget('web', 'd1', 'i-1', { registrations: [] });
    expect(await askWith({ 'i-1': 'healthy' })).toEqual([1, ['deregister i-1 at 8081']]);
  });

  it('puts a target back at its ports after a failure', async () => {
    targetGroup = fakeTargetGroup({ 'i-1': 'healthy' }, { 'i-1': [{ port: 8081 }] });
    traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now });
    await ask('deregister');
    await putBack('DrainTimedOut');
    expect(targetGroup.calls.at(-1)).toBe('register i-1 at 8081');
  });

  it('registers a target, waits until it is healthy, and begins the bake then', async () => {
    const { roll } = await ask('register');
    expect(await ask('checkHealthy', roll)).toEqual({ verdict: 'WAIT', roll });
    targetGroup.states['i-1'] = 'healthy';
    clock.nowMs += 7000;
    expect(await ask('checkHealthy', roll)).toMatchObject({ verdict: 'DONE', roll: { phaseStartedAtMs: START_MS + 12_000 } });
    expect(await target()).toMatchObject({ phase: 'baking' });
  });

  it('gives a target up that never becomes healthy', async () => {
    const { roll } = await ask('register');
    clock.nowMs += 300_000;
    await expect(ask('checkHealthy', roll)).rejects.toMatchObject({ name: 'TargetNeverHealthy' });
  });

  it('takes a target that is not registered for unused', async () => {
    await ask('deregister');
    expect((await ask('checkHealthy', { ...ROLL, phaseStartedAtMs: clock.nowMs })).verdict).toBe('WAIT');
  });

  it('puts a target back whose drain timed out, and says so', async () => {
    await ask('deregister');
    await putBack('DrainTimedOut', '3 requests in flight');
    expect(targetGroup.calls.at(-1)).toBe('register i-1');
    expect(await target()).toMatchObject({
      phase: 'failed',
      finishedAtMs: clock.nowMs,
      detail: '3 requests in flight — registered again: release 1.0.0 still serves',
    });
  });

  it('takes a target out whose release failed the bake', async () => {
    await ask('register');
    await putBack('BakeFailed');
    expect(targetGroup.calls.at(-1)).toBe('deregister i-1');
  });

  it('leaves a target alone of which nothing is known', async () => {
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'installing' });
    await putBack('CommandFailed');
    expect(targetGroup.calls).toEqual([]);
    expect((await target())?.detail).toContain('out of service');
  });

  it.each(['deregister', 'register', 'checkHealthy'] as const)('touches nothing on %s once the lock is lost', async (step) => {
    await stealLock(records);
    await expect(ask(step)).rejects.toMatchObject({ name: 'LeaseLost' });
    await expect(putBack('DrainTimedOut')).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(targetGroup.calls).toEqual([]);
  });
});
