import { beforeEach, describe, expect, it } from 'vitest';
import type { Roll, TrafficRequest } from '../../../../functions/deploy/contract/roll.ts';
import { createTraffic } from '../../../../functions/deploy/traffic/traffic.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingLog, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

/** The default minimum. */
const OTHERS = { 'i-2': 'healthy', 'i-3': 'healthy' };

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
  targetGroup = fakeTargetGroup({ 'i-1': 'healthy', ...OTHERS });
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

  it('hands the registered ports to the drain, and the earliest moment of the deregistration when it is delivered again', async () => {
    targetGroup = fakeTargetGroup({ 'i-1': 'healthy', ...OTHERS }, { 'i-1': [{ port: 8081 }, { port: 8082 }, { port: 8081 }] });
    targetGroup.describeProtocolVersion = async () => 'GRPC';
    traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now });
    const deregisteredAtMs = clock.nowMs;
    const target = { ports: [8081, 8082], multiplexed: true, deregisteredAtMs };
    expect((await ask('deregister')).roll).toMatchObject({ phaseStartedAtMs: deregisteredAtMs, drain: { quietSeconds: 0, target } });
    clock.nowMs += 7000;
    expect((await ask('deregister')).roll).toMatchObject({ phaseStartedAtMs: deregisteredAtMs + 7000, drain: { target } });
  });

  it('puts a target back at the ports that it had, also when it is out already as a step is delivered again', async () => {
    targetGroup = fakeTargetGroup({ 'i-1': 'healthy', ...OTHERS }, { 'i-1': [{ port: 8081 }, { port: 8082 }] });
    traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now });
    const { roll } = await ask('deregister');
    await ask('deregister');
    await ask('register', roll);
    expect(targetGroup.calls).toEqual(['deregister i-1 at 8081, 8082', 'deregister i-1 at 8081, 8082', 'register i-1 at 8081, 8082']);
  });

  it('puts a target that was out before this deploy back as an earlier deploy recorded it', async () => {
    await records.putRegistrations('web', 'i-1', { deployId: 'd0', registrations: [{ port: 8083 }] });
    const deregister = async (states: Record<string, string>) => {
      targetGroup = fakeTargetGroup({ ...states, ...OTHERS }, { 'i-1': [{ port: 8081 }] });
      traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now });
      await records.updateTarget('web', 'd1', 'i-1', { phase: 'waiting' });
      await ask('deregister');
      await ask('register');
      return targetGroup.calls;
    };
    expect(await deregister({})).toEqual(['deregister i-1 at 8083', 'register i-1 at 8083']);
    await records.putRegistrations('web', 'i-1', { deployId: 'd0', registrations: [{ port: 8083 }] });
    expect(await deregister({ 'i-1': 'healthy' }), 'registered otherwise since').toEqual([
      'deregister i-1 at 8081',
      'register i-1 at 8081',
    ]);
  });

  it('registers a target that this deploy has not taken out at no port of an earlier deploy', async () => {
    await records.putRegistrations('web', 'i-1', { deployId: 'd0', registrations: [{ port: 8083 }] });
    await putBack('States.Timeout');
    expect(targetGroup.calls).toEqual(['register i-1']);
  });

  it('puts a target back at its ports after a failure', async () => {
    targetGroup = fakeTargetGroup({ 'i-1': 'healthy', ...OTHERS }, { 'i-1': [{ port: 8081 }] });
    traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now });
    await ask('deregister');
    await putBack('DrainTimedOut');
    expect(targetGroup.calls.at(-1)).toBe('register i-1 at 8081');
  });

  describe('when a server has failed since the target was chosen', () => {
    beforeEach(() => {
      targetGroup.states['i-3'] = 'unhealthy';
    });

    it('takes nothing out, and keeps the target in service', async () => {
      await expect(ask('deregister')).rejects.toMatchObject({
        name: 'TooFewHealthyTargets',
        message: expect.stringMatching(/^only 1 target would stay healthy while i-1 is out of service, .* is 2; i-1 was not taken out/),
      });
      await putBack('TooFewHealthyTargets');
      expect(targetGroup.calls).toEqual(['register i-1']);
      expect(await target()).toMatchObject({ phase: 'failed', detail: 'why — registered again: release 1.0.0 still serves' });
    });

    it.each([
      ['takes the target out when a later read shows the minimum: the first was old', 'healthy', ['deregister i-1']],
      ['does not go by a read that is old itself: only one after ten seconds counts', 'unhealthy', []],
    ])('%s', async (_, after, calls) => {
      const pauses: number[] = [];
      const polling = {
        pausesMs: [1, 1, 1],
        async pause(ms: number) {
          pauses.push(ms);
          targetGroup.states['i-3'] = after;
        },
      };
      traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now, polling });
      const asked = ask('deregister');
      if (after === 'healthy') expect(await asked).toMatchObject({ verdict: 'DONE' });
      else await expect(asked).rejects.toMatchObject({ name: 'TooFewHealthyTargets' });
      expect([pauses, targetGroup.calls]).toEqual([[10_000], calls]);
    });

    it('takes the target out with recover', async () => {
      await traffic({ step: 'deregister', deploy: { ...DEPLOY, recover: true }, lease, roll: ROLL });
      expect(targetGroup.calls).toEqual(['deregister i-1']);
    });
  });

  it('registers a target, waits until it is healthy, and begins the bake then', async () => {
    const { roll } = await ask('register');
    expect(await ask('checkHealthy', roll)).toEqual({ verdict: 'WAIT', roll });
    targetGroup.states['i-1'] = 'healthy';
    clock.nowMs += 7000;
    expect(await ask('checkHealthy', roll)).toMatchObject({ verdict: 'DONE', roll: { phaseStartedAtMs: START_MS + 12_000 } });
    expect(await target()).toMatchObject({ phase: 'baking' });
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

  it('changes nothing of a target that it has put back when it is delivered again', async () => {
    await ask('deregister');
    await putBack('DrainTimedOut', '3 requests in flight');
    const [before, calls] = [await target(), [...targetGroup.calls]];
    await putBack('DrainTimedOut', '3 requests in flight');
    expect([await target(), targetGroup.calls]).toEqual([before, calls]);
  });

  it('goes on without a target whose instance was stopped or terminated: it cannot be registered', async () => {
    await ask('deregister');
    targetGroup.register = async () => {
      throw Object.assign(new Error('not in a running state'), { name: 'InvalidTargetException' });
    };
    await putBack('InvalidInstanceId', 'not in a valid state');
    expect(await target()).toMatchObject({ phase: 'failed', detail: 'not in a valid state — out of service: the instance is not running' });
  });

  it('repeats a registration that was refused for another reason', async () => {
    await ask('deregister');
    targetGroup.register = async () => {
      throw Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });
    };
    await expect(putBack('DrainTimedOut')).rejects.toMatchObject({ name: 'Throttling' });
    expect((await target())?.phase).toBe('draining');
  });

  it.each([
    ['deregister', 'installing'],
    ['deregister', 'done'],
    ['register', 'baking'],
    ['checkHealthy', 'done'],
    ['checkHealthy', 'failed'],
  ] as const)('touches nothing on %s that comes late, when the target is %s already', async (step, phase) => {
    await records.updateTarget('web', 'd1', 'i-1', { phase });
    await expect(ask(step)).rejects.toMatchObject({ name: 'StepOvertaken' });
    expect([(await target())?.phase, targetGroup.calls]).toEqual([phase, []]);
  });

  it.each(['deregister', 'register', 'checkHealthy'] as const)('touches nothing on %s once another roll has the target', async (step) => {
    await records.updateTarget('web', 'd1', 'i-1', { executionName: 'i-1-back-7-2', rollingBackTo: '1.0.0' });
    const late = { ...ROLL, executionName: 'i-1-7' };
    await expect(ask(step, late)).rejects.toMatchObject({ name: 'StepOvertaken' });
    const error = { Error: 'InstallFailed', Cause: 'why' };
    await expect(traffic({ step: 'putBack', deploy: DEPLOY, lease, roll: late, error })).rejects.toMatchObject({ name: 'StepOvertaken' });
    expect([(await target())?.phase, targetGroup.calls]).toEqual(['waiting', []]);
    await ask(step, { ...late, executionName: 'i-1-back-7-2' });
  });

  it.each(['deregister', 'register', 'checkHealthy'] as const)('touches nothing on %s once the lock is lost', async (step) => {
    await stealLock(records);
    await expect(ask(step)).rejects.toMatchObject({ name: 'LeaseLost' });
    await expect(putBack('DrainTimedOut')).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(targetGroup.calls).toEqual([]);
  });
});

it.each(['deregister', 'register', 'putBack'] as const)(
  'asks for the lock again right before it changes the target group: %s',
  async (step) => {
    const slow: Records = {
      ...records,
      async getRegistrations(...of) {
        await stealLock(records);
        return records.getRegistrations(...of);
      },
    };
    const late = createTraffic({ records: slow, targetGroup, log: recordingLog(), now: clock.now });
    const error = { Error: 'DrainTimedOut', Cause: 'why' };
    await expect(late({ step, deploy: DEPLOY, lease, roll: ROLL, error })).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(targetGroup.calls).toEqual([]);
  },
);

it('records that a failure took a target out, for the clean-up that comes while the load balancer still lists it', async () => {
  await putBack('BakeFailed');
  expect(await target()).toMatchObject({ phase: 'failed', takenOut: true });
});
