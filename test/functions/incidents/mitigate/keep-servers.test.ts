import { beforeEach, describe, expect, it } from 'vitest';
import type { Calls } from '../../../../functions/incidents/contract/mitigations.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { AutoScalingGroupNotFound } from '../../../../functions/shared/aws/auto-scaling.ts';
import { beginDeploy, createClock, DEPLOY, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { BOTH, type Keeping, keepServersOf, type State, stateAtFirst, TARGET } from './keep-servers-of.ts';
import type { SaidBy } from './said-by.ts';

let records: Records;
let clock: ReturnType<typeof createClock>;
let state: State;
let group: Keeping['group'];
let keep: Keeping['keep'];

beforeEach(() => {
  [records, clock, state] = [memoryRecords(), createClock(), stateAtFirst()];
  begin([]);
});

/** @param suspended by others */
function begin(suspended: readonly string[]) {
  ({ group, keep } = keepServersOf({ records, now: clock.now }, state, suspended));
}

const planned = async () => (await keep.plan(TARGET)) as Calls;
const lock = () => records.getLock('web');

describe('keep-servers', () => {
  it('shows every call before it sends any', async () => {
    expect(await planned()).toMatchObject({
      calls: [
        { operation: 'SuspendProcesses', input: { AutoScalingGroupName: 'holdfast-web', ScalingProcesses: BOTH } },
        { operation: 'SetInstanceHealth', input: { InstanceId: 'i-2', HealthStatus: 'Healthy', ShouldRespectGracePeriod: false } },
      ],
    });
    expect([group.calls, await lock()]).toEqual([[], undefined]);
  });

  it('holds the lock while processes are suspended, and restores both exactly', async () => {
    begin(['AZRebalance']);
    const plan = await planned();
    await keep.act(TARGET, plan);
    expect(group.calls).toEqual(['suspend HealthCheck ReplaceUnhealthy', 'markHealthy i-2']);
    expect(await lock()).toMatchObject({
      deployId: 'inc-1',
      heldBy: 'incident',
      executionArn: 'arn:runbook',
      suspension: { deployId: 'inc-1', suspendedByDeploy: BOTH },
    });
    expect(await keep.verify(TARGET, plan)).toMatchObject({ verdict: 'DONE', detail: expect.stringContaining('3 servers stay') });
    await expect(beginDeploy(records)).rejects.toThrow();
    state.unhealthy.add('i-1');
    await keep.undo(TARGET, plan);
    expect(group.calls.slice(2)).toEqual(['markHealthy i-1', 'resume HealthCheck ReplaceUnhealthy']);
    expect(group.suspended).toEqual(new Set(['AZRebalance']));
    expect(await lock()).toEqual({ fencingToken: 1, resumedEpoch: 1001 });
    await keep.undo(TARGET, plan);
    expect(group.calls).toHaveLength(4);
  });

  it('resumes only what it has suspended itself', async () => {
    begin(['HealthCheck']);
    const plan = await planned();
    await keep.act(TARGET, plan);
    await keep.act(TARGET, plan);
    await keep.undo(TARGET, plan);
    expect(group.suspended).toEqual(new Set(['HealthCheck']));
  });

  it('plans the same again after its answer was lost', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    expect((await planned()).undo).toEqual(plan.undo);
  });

  it('renews its lease as long as it is verified, and a deploy that comes after the lease takes over what is suspended', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    clock.nowMs += 800_000;
    await keep.verify(TARGET, plan);
    clock.nowMs += 800_000;
    expect(await lock()).toMatchObject({ deployId: 'inc-1', expiresAtMs: START_MS + 1_700_000 });
    clock.nowMs += 900_000;
    const nowMs = clock.now();
    const deploy = await records.acquireLock({ ...DEPLOY, nowMs, expiresAtMs: nowMs + 720_000 });
    if (!deploy.acquired) throw new Error('the lease has expired');
    expect(await keep.verify(TARGET, plan)).toEqual({
      verdict: 'DONE',
      detail: expect.stringContaining('deploy d1 of 2.0.0 has what is suspended'),
    });
    await expect(keep.undo(TARGET, plan)).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(group.suspended).toEqual(new Set(BOTH));
    expect(await lock()).toMatchObject({ deployId: 'd1', suspension: { suspendedByDeploy: BOTH } });
  });

  it('restores what a runbook left whose lease has expired', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    clock.nowMs += 3_600_000;
    await keep.undo(TARGET, plan);
    expect([group.suspended, await lock()]).toEqual([new Set(), expect.not.objectContaining({ suspension: expect.anything() })]);
    expect((await lock())?.deployId).toBeUndefined();
  });

  it('leaves nothing on record of a group that somebody has deleted', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    group.describe = async () => {
      throw new AutoScalingGroupNotFound('there is no Auto Scaling group named holdfast-web');
    };
    group.resume = async () => {
      throw new Error('AutoScalingGroup name not found');
    };
    await keep.undo(TARGET, plan);
    expect(await lock()).toEqual({ fencingToken: 1, resumedEpoch: 1001 });
  });

  it('suspends nothing for good when its call takes effect after the undo', async () => {
    const plan = await planned();
    const suspend = group.suspend;
    group.suspend = async (processes) => {
      await keep.undo(TARGET, plan);
      await suspend(processes);
    };
    await expect(keep.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(group.suspended).toEqual(new Set());
  });

  it('stays while servers connect again and the load balancer checks them, and ends at the next turn of the schedule', () => {
    expect(keep.settlesMs).toBeGreaterThanOrEqual(120_000);
    expect(keep.settlesMs).toBeLessThan(300_000);
  });

  it.each<[string, Partial<ServerFacts>[], boolean | 'unknown', SaidBy?]>([
    ['while no server is up', [{ gate: false }, { gate: false }, { gate: false }], true],
    ['for a while where one server is cut off from a store that is well', [{ gate: true }, { gate: true }, { gate: false }], 'unknown'],
    ['while most of them give no answer', [{ gate: true }, { gap: 'none' }, { gap: 'none' }], true],
    ['no more when most are up, and none is cut off', [{ gate: true }, { gate: true }, { gap: 'none' }], false, { fleet: 'works' }],
    ['for a while when most are up by a gate that can be a PING', [{ gate: true }, { gate: true }, { gap: 'none' }], 'unknown'],
    ['still by a PING alone, which a proxy can answer', [{ store: { reachable: true } }, { store: { reachable: true } }], true],
    [
      'while the store answers, and the gate is down',
      [
        { gate: false, store: { reachable: true } },
        { gate: false, store: { reachable: true } },
      ],
      true,
    ],
  ])('is needed %s', async (_, views, expected, said = {}) => {
    Object.assign(state.said, said);
    state.servers = views.map((view, at) => ({ instanceId: `i-${at}`, ...view }));
    expect(await keep.needed(TARGET, await planned())).toBe(expected);
  });

  it('has a longest time', () => {
    expect(keep.longestMs).toBe(7_200_000);
  });

  it.each([false, undefined])('refuses a fleet whose health check does not ask the store: %s', async (value) => {
    state.asksStore = value;
    expect(await keep.plan(TARGET)).toEqual({ refused: expect.stringContaining('ask') });
  });

  it.each<[string, string, () => unknown]>([
    ['while a deploy runs', 'deploy d1 of 2.0.0 works on the servers', () => beginDeploy(records)],
    [
      'before a deploy that died is cleaned up',
      'deploy d1 has not been cleaned up yet',
      async () => {
        await beginDeploy(records);
        clock.nowMs += 10_000_000;
      },
    ],
    ['where both are suspended by others', 'suspended already, by somebody else', () => begin(BOTH)],
    [
      'where the load balancer’s checks replace nothing',
      "does not use the load balancer's health checks",
      () => {
        state.healthCheckType = 'EC2';
      },
    ],
  ])('refuses %s', async (_, reason, prepare) => {
    await prepare();
    expect(await keep.plan(TARGET)).toEqual({ refused: expect.stringContaining(reason) });
    expect(group.calls).toEqual([]);
  });

  it('refuses to act when a deploy has begun since the plan', async () => {
    const plan = await planned();
    await beginDeploy(records);
    await expect(keep.act(TARGET, plan)).rejects.toMatchObject({
      name: 'MitigationRefused',
      message: expect.stringContaining('deploy d1'),
    });
    expect(group.calls).toEqual([]);
  });

  it('refuses to act when somebody has suspended one of them since the plan, which it would resume at its end', async () => {
    const plan = await planned();
    group.suspended.add('ReplaceUnhealthy');
    await expect(keep.act(TARGET, plan)).rejects.toMatchObject({
      name: 'MitigationRefused',
      message: 'somebody else has suspended ReplaceUnhealthy of holdfast-web since the plan; nothing was changed',
    });
    expect([group.calls, (await lock())?.deployId]).toEqual([[], undefined]);
  });

  it('refuses a fleet that Auto Scaling does not launch', async () => {
    expect(await keep.plan({ ...TARGET, fleet: 'named' })).toEqual({ refused: expect.stringContaining('no Auto Scaling group') });
  });
});
