/** A deploy takes the fleet's lock from the runbook that keeps its servers. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createScaling } from '../../../../functions/deploy/scaling/scaling.ts';
import type { Calls } from '../../../../functions/incidents/contract/mitigations.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Suspension } from '../../../../functions/records/suspension.ts';
import { createClock, DEPLOY, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
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

describe('keep-servers, taken over by an operator’s deploy', () => {
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

  it('is handed over with what is suspended, which the deploy resumes exactly once', async () => {
    const plan = await planned();
    await keep.act(TARGET, plan);
    const lease = await takeOver();
    const suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })) as Suspension;
    expect(suspension).toMatchObject({ alreadySuspended: [], suspendedByDeploy: expect.arrayContaining(BOTH) });
    const handedOver = { verdict: 'DONE', isHandedOver: true, detail: expect.stringContaining('deploy d1 of 2.0.0 took over') };
    expect(await keep.verify(TARGET, plan)).toEqual(handedOver);
    await keep.undo(TARGET, plan);
    expect([...group.suspended]).toEqual(expect.arrayContaining(BOTH));
    await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });
    await end(lease.fencingToken);
    expect(group.suspended).toEqual(new Set());
    expect(await keep.verify(TARGET, plan)).toMatchObject({ isHandedOver: true, detail: expect.stringContaining('has resumed it') });
    await keep.undo(TARGET, plan);
    expect(group.calls.filter((call) => call.startsWith('resume'))).toHaveLength(1);
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

  it('leaves nothing suspended when its own call takes effect after the deploy has resumed', async () => {
    const plan = await planned();
    const suspend = group.suspend;
    group.suspend = async (processes) => {
      group.suspend = suspend;
      const lease = await takeOver();
      const suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })) as Suspension;
      await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });
      await suspend(processes);
    };
    await expect(keep.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(group.suspended).toEqual(new Set());
  });
});
