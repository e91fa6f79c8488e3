/** A deploy takes the fleet's lock from the runbook that keeps its servers. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createScaling } from '../../../../functions/deploy/scaling/scaling.ts';
import type { Calls } from '../../../../functions/incidents/contract/mitigations.ts';
import type { MitigateStep } from '../../../../functions/incidents/contract/steps.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Suspension } from '../../../../functions/records/suspension.ts';
import { createClock, DEPLOY, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { ID, RUN, recordsOfRun, serveMitigations } from './incident-run.ts';
import { BOTH, type Keeping, keepServersOf, stateAtFirst, TARGET } from './keep-servers-of.ts';

let records: Records;
let clock: ReturnType<typeof createClock>;
let group: Keeping['group'];
let keep: Keeping['keep'];

beforeEach(() => {
  [records, clock] = [memoryRecords(), createClock()];
  ({ group, keep } = keepServersOf({ records, now: clock.now }, stateAtFirst()));
});

const planned = async () => (await keep.plan(TARGET)) as Calls;
const lock = () => records.getLock('web');

describe('keep-servers, which an operator’s deploy takes over and hands back', () => {
  const scaling = () => createScaling({ records, group, log: recordingLog(), now: clock.now, pause: async () => {} });
  const takeOver = async () => {
    const nowMs = clock.now();
    const answer = await records.acquireLock({ ...DEPLOY, nowMs, expiresAtMs: nowMs + 720_000, takesOver: true });
    if (!answer.acquired) throw new Error('the incident keeps servers alone');
    return { fencingToken: answer.fencingToken, expiresAtMs: answer.expiresAtMs };
  };
  const end = async (fencingToken: number) => {
    await records.closeDeploy('web', 'd1');
    await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken });
  };

  it('goes on through the deploy and after it: what is suspended is handed back', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    const lease = await takeOver();
    const suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })) as Suspension;
    expect(suspension).toMatchObject({ alreadySuspended: [], suspendedByDeploy: expect.arrayContaining(BOTH) });
    const detail = expect.stringContaining('deploy d1 of 2.0.0 has what is suspended in fleet web, whose servers stay, and hands it back');
    expect(await keep.verify(TARGET, plan)).toEqual({ verdict: 'DONE', detail });
    const reply = await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });
    expect(reply).toEqual({ resumed: suspension.suspendedByDeploy.filter((process) => !BOTH.includes(process)), leftTo: 'inc-1' });
    expect(await keep.verify(TARGET, plan)).toEqual({ verdict: 'DONE', detail });
    await end(lease.fencingToken);
    expect([...group.suspended]).toEqual(BOTH);
    expect(await keep.verify(TARGET, plan)).toMatchObject({ verdict: 'DONE', detail: expect.stringContaining('are suspended') });
    expect(await lock()).toMatchObject({ deployId: 'inc-1', heldBy: 'incident' });
    await keep.undo(TARGET, plan);
    expect([group.suspended, (await lock())?.suspension, (await lock())?.deployId]).toEqual([new Set(), undefined, undefined]);
  });

  it('ends while the deploy runs, which then resumes everything exactly once', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    const lease = await takeOver();
    const suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })) as Suspension;
    await keep.undo(TARGET, plan);
    await keep.undo(TARGET, plan);
    expect([...group.suspended]).toEqual(expect.arrayContaining(BOTH));
    expect(await keep.verify(TARGET, plan)).toMatchObject({ isHandedOver: true, detail: expect.stringContaining('deploy d1 of 2.0.0') });
    await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });
    await end(lease.fencingToken);
    expect([group.suspended, (await lock())?.suspension]).toEqual([new Set(), undefined]);
    await keep.undo(TARGET, plan);
    expect(group.calls.filter((call) => call.startsWith('resume'))).toHaveLength(1);
  });

  it('waits with its end for a deploy that has handed back and still has the lock', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    const lease = await takeOver();
    const suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })) as Suspension;
    await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });
    await expect(keep.undo(TARGET, plan)).rejects.toMatchObject({ name: 'TransientServiceError' });
    const second = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 1 })) as Suspension;
    expect(second).toMatchObject({ round: 2, takenFrom: 'inc-1' });
    await keep.undo(TARGET, plan);
    await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension: second });
    expect([group.suspended, (await lock())?.suspension]).toEqual([new Set(), undefined]);
  });

  it('is held on while the deploy has not taken over what is suspended, and again when it ended before that', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    const { fencingToken } = await takeOver();
    expect(await keep.verify(TARGET, plan)).toEqual({ verdict: 'DONE', detail: expect.stringContaining('deploy d1 of 2.0.0') });
    await end(fencingToken);
    expect(await keep.verify(TARGET, plan)).toMatchObject({ verdict: 'DONE', detail: expect.stringContaining('are suspended') });
    expect(await lock()).toMatchObject({ deployId: 'inc-1', heldBy: 'incident' });
    await keep.undo(TARGET, plan);
    expect(group.suspended).toEqual(new Set());
  });

  it('leaves nothing suspended when its own call takes effect after it was ended and the deploy has resumed', async () => {
    const plan = await planned();
    const suspend = group.suspend;
    group.suspend = async (processes) => {
      group.suspend = suspend;
      const lease = await takeOver();
      const suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })) as Suspension;
      await keep.undo(TARGET, plan);
      await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });
      await suspend(processes);
    };
    await expect(keep.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(group.suspended).toEqual(new Set());
  });

  it('is carried out, not refused, when its call is delivered again and a deploy has the lock meanwhile', async () => {
    const plan = await planned();
    const { markHealthy } = group;
    group.markHealthy = async () => {
      throw new Error('throttled');
    };
    await expect(keep.act(TARGET, plan)).rejects.toThrow('throttled');
    group.markHealthy = markHealthy;
    const lease = await takeOver();
    await keep.act(TARGET, plan);
    const suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })) as Suspension;
    await keep.act(TARGET, plan);
    await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });
    await end(lease.fencingToken);
    expect(await keep.verify(TARGET, plan)).toMatchObject({ verdict: 'DONE' });
    await keep.undo(TARGET, plan);
    expect([group.suspended, (await lock())?.suspension]).toEqual([new Set(), undefined]);
  });

  it('stays in effect when its end meets a deploy’s lock, and ends for the same reason at the next re-check', async () => {
    const incidents = await recordsOfRun();
    const mitigations = { 'keep-servers': keep };
    const serve = serveMitigations({ mitigations, records: incidents, now: clock.now, mitigationsPerHour: 3 });
    const decision = {
      key: 'keep-servers',
      name: 'keep-servers',
      mode: 'auto',
      target: { incidentId: ID, fleet: 'web' },
      reason: '',
    } as const;
    const step = async (name: MitigateStep['step'], more: Partial<MitigateStep> = {}) =>
      (await serve({ step: name, run: RUN, decision, ...more })).verdict;
    for (const name of ['plan', 'act', 'verify'] as const) expect(await step(name)).toBe('DONE');
    const lease = await takeOver();
    await expect(step('undo', { over: 'the store is well again' })).rejects.toMatchObject({ name: 'TransientServiceError' });
    const stateNow = async () => (await incidents.getIncident(ID))?.mitigations['keep-servers'];
    expect(await stateNow()).toMatchObject({ state: 'done' });
    expect([...group.suspended]).toEqual(BOTH);
    await end(lease.fencingToken);
    expect(await step('undo', { over: 'the store is well again' })).toBe('DONE');
    expect(await stateNow()).toMatchObject({ state: 'ended', detail: 'the store is well again' });
    expect(group.suspended).toEqual(new Set());
  });
});
