import { beforeEach, describe, expect, it } from 'vitest';
import type { Records } from '../../../functions/records/records.ts';

const request = (deployId: string, nowMs: number) => ({
  fleet: 'web',
  deployId,
  executionArn: `arn:${deployId}`,
  requestedBy: 'ann',
  version: '2',
  nowMs,
  expiresAtMs: nowMs + 100,
});

/** What every adapter of {@link Records} does while an incident resumes what it has suspended. @param create gives empty records, for each test anew */
export function describeTakeOvers(name: string, create: () => Promise<Records> | Records): void {
  let records: Records;
  beforeEach(async () => {
    records = await create();
  });

  describe(`${name}: what an incident keeps suspended`, () => {
    const suspension = { autoScalingGroupName: 'g', alreadySuspended: ['Launch'], suspendedByDeploy: ['HealthCheck'], round: 1 };
    const its = { fleet: 'web', deployId: 'inc-1', fencingToken: 1 };
    const deploys = { fleet: 'web', deployId: 'd1', fencingToken: 2 };
    const kept = { incidentId: 'inc-1', suspended: ['HealthCheck'], untilMs: 2_000 };
    const all = { ...suspension, suspendedByDeploy: ['HealthCheck', 'Terminate'], round: 1, takenFrom: 'inc-1' };
    const lock = () => records.getLock('web');

    beforeEach(async () => {
      await records.acquireLock({ ...request('inc-1', 1_000), version: 'keep-servers', heldBy: 'incident' });
      await records.putSuspension(its, suspension, 2_000);
    });
    const take = async () => {
      await records.acquireLock({ ...request('d1', 1_010), takesOver: true });
      expect(await records.putSuspension(deploys, all)).toBe(true);
    };

    it('outlives a deploy that takes it over, and the release of the lock', async () => {
      expect(await lock()).toMatchObject({ suspension: { deployId: 'inc-1' }, kept });
      await take();
      expect(await lock()).toMatchObject({ suspension: { deployId: 'd1', takenFrom: 'inc-1' }, kept });
      await records.releaseLock(deploys);
      expect(await lock()).toMatchObject({ suspension: { deployId: 'd1' }, kept });
    });

    it('is renewed while the incident or such a deploy has it, and never comes back by that', async () => {
      const later = { ...kept, untilMs: 3_000 };
      expect(await records.renewKept('web', { ...later, incidentId: 'inc-2' })).toBe(false);
      expect([await records.renewKept('web', later), (await lock())?.kept]).toEqual([true, later]);
      await take();
      expect(await records.renewKept('web', { ...kept, untilMs: 4_000 })).toBe(true);
      expect((await lock())?.kept?.untilMs).toBe(4_000);
      await records.dropKept('web', 'inc-1');
      expect([await records.renewKept('web', later), (await lock())?.kept]).toEqual([false, undefined]);
      expect([await records.renewKept('other', later), await records.getLock('other')]).toEqual([false, undefined]);
    });

    it('is dropped only from another’s suspension, by the incident or when it was not renewed', async () => {
      expect(await records.dropKept('web', 'inc-1')).toBe(false);
      await take();
      expect([await records.dropKept('web', 'inc-2'), await records.dropKept('web', 'inc-1', 1_999)]).toEqual([false, false]);
      expect((await lock())?.kept).toEqual(kept);
      expect([await records.dropKept('web', 'inc-1', 2_000), await records.dropKept('web', 'inc-1')]).toEqual([true, false]);
      expect(await lock()).toMatchObject({ suspension: { deployId: 'd1', suspendedByDeploy: all.suspendedByDeploy } });
      expect(await records.dropKept('other', 'inc-1')).toBe(false);
    });

    it('is handed back once, later than the deploy’s round and not begun to be resumed, and ends with the incident’s own resume', async () => {
      expect(await records.handBack(deploys, all, kept)).toBe(false);
      await take();
      await records.beginResume(deploys, 1);
      expect(await records.handBack({ ...deploys, deployId: 'd0' }, all, kept)).toBe(false);
      expect(await records.handBack(deploys, all, { ...kept, incidentId: 'inc-2' })).toBe(false);
      expect([await records.handBack(deploys, all, kept), await records.handBack(deploys, all, kept)]).toEqual([true, false]);
      expect((await lock())?.suspension).toEqual({ ...suspension, deployId: 'inc-1', epoch: 2002, round: 2 });
      expect(await lock()).toMatchObject({ deployId: 'd1', kept, resumedEpoch: 2001 });
      await records.deleteSuspension(deploys, 1);
      await records.releaseLock(deploys);
      await records.closeDeploy('web', 'd1');
      const again = await records.acquireLock({ ...request('inc-1', 1_020), version: 'keep-servers', heldBy: 'incident' });
      expect(again).toMatchObject({ acquired: true, fencingToken: 3 });
      const hold = { ...its, fencingToken: 3 };
      await records.beginResume(hold, 1);
      await records.deleteSuspension(hold, 1);
      expect(await lock()).toEqual(expect.not.objectContaining({ suspension: expect.anything() }));
      expect((await lock())?.kept).toBeUndefined();
    });

    it('is not handed back when it is kept no more', async () => {
      await take();
      await records.beginResume(deploys, 1);
      await records.dropKept('web', 'inc-1');
      expect([await records.handBack(deploys, all, kept), (await lock())?.suspension?.deployId]).toEqual([false, 'd1']);
    });

    it('can be taken from the incident that has it again, by the same deploy’s next round and by another deploy', async () => {
      await take();
      await records.beginResume(deploys, 1);
      await records.handBack(deploys, all, kept);
      expect(await records.putSuspension(deploys, { ...all, round: 2 })).toBe(true);
      expect(await lock()).toMatchObject({ suspension: { deployId: 'd1', epoch: 2002 }, kept });
      await records.beginResume(deploys, 2);
      expect(await records.handBack(deploys, { ...all, round: 2 }, kept)).toBe(true);
      await records.releaseLock(deploys);
      await records.closeDeploy('web', 'd1');
      await records.acquireLock({ ...request('inc-1', 1_020), version: 'keep-servers', heldBy: 'incident' });
      expect(await records.acquireLock({ ...request('d2', 1_030), takesOver: true })).toMatchObject({ acquired: true, fencingToken: 4 });
    });
  });

  describe(`${name}: the lock of an incident that keeps servers`, () => {
    it.each(['acquireLock', 'takeOverLock'] as const)(
      'is not given away by %s while the incident resumes, and is afterwards',
      async (take) => {
        const hold = { fleet: 'web', deployId: 'inc-1', fencingToken: 1 };
        const suspension = { autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: ['HealthCheck'], round: 1 };
        await records.acquireLock({ ...request('inc-1', 1_000), version: 'keep-servers', heldBy: 'incident' });
        await records.putSuspension(hold, suspension);
        await records.beginResume(hold, 1);
        const answer = await records[take]({ ...request('d1', 1_010), takesOver: true });
        expect(answer).toMatchObject({ acquired: false, holder: { deployId: 'inc-1', fencingToken: 1 } });
        await records.deleteSuspension(hold, 1);
        expect(await records[take]({ ...request('d1', 1_020), takesOver: true })).toMatchObject({ acquired: true, fencingToken: 2 });
      },
    );

    it('is given away when only an earlier holder has resumed', async () => {
      const suspension = { autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: ['HealthCheck'], round: 1 };
      const earlier = { fleet: 'web', deployId: 'd0', fencingToken: 1 };
      await records.acquireLock(request('d0', 900));
      await records.putSuspension(earlier, suspension);
      await records.beginResume(earlier, 1);
      await records.deleteSuspension(earlier, 1);
      await records.releaseLock(earlier);
      await records.closeDeploy('web', 'd0');
      await records.acquireLock({ ...request('inc-1', 1_000), version: 'keep-servers', heldBy: 'incident' });
      await records.putSuspension({ fleet: 'web', deployId: 'inc-1', fencingToken: 2 }, suspension);
      expect(await records.getLock('web')).toMatchObject({ resumedEpoch: 1001, suspension: { epoch: 2001 } });
      expect(await records.acquireLock({ ...request('d1', 1_010), takesOver: true })).toMatchObject({ acquired: true, fencingToken: 3 });
    });
  });
}
