import { beforeEach, describe, expect, it } from 'vitest';
import type { LockRequest, Records } from '../../../functions/records/records.ts';

const lockRequest = (deployId: string, nowMs: number, expiresAtMs = nowMs + 100): LockRequest => ({
  fleet: 'web',
  deployId,
  executionArn: `arn:${deployId}`,
  requestedBy: 'ann',
  version: '2',
  nowMs,
  expiresAtMs,
});

/** What every adapter of {@link Records} does with a fleet's lock. @param create gives empty records, for each test anew */
export function describeLocks(name: string, create: () => Promise<Records> | Records): void {
  let records: Records;
  beforeEach(async () => {
    records = await create();
  });

  describe(`${name}: lock`, () => {
    it('gives a free lock, and returns the holder of a taken one', async () => {
      expect(await records.acquireLock(lockRequest('d1', 1000))).toEqual({ acquired: true, fencingToken: 1, expiresAtMs: 1100 });
      const answer = await records.acquireLock(lockRequest('d2', 1099));
      expect(answer).toMatchObject({ acquired: false, holder: { deployId: 'd1', requestedBy: 'ann', version: '2', acquiredAtMs: 1000 } });
    });

    it('gives an expired lock to another deploy, with a higher token', async () => {
      await records.acquireLock(lockRequest('d1', 1000));
      expect(await records.acquireLock(lockRequest('d2', 1100))).toEqual({ acquired: true, fencingToken: 2, expiresAtMs: 1200 });
    });

    it.each([
      ['before', 1050],
      ['after', 1500],
    ])('answers its holder with the same token %s the lease has expired', async (_, nowMs) => {
      await records.acquireLock(lockRequest('d1', 1000));
      expect(await records.acquireLock(lockRequest('d1', nowMs))).toEqual({ acquired: true, fencingToken: 1, expiresAtMs: nowMs + 100 });
    });

    it('lets the token grow over a release of the lock', async () => {
      await records.acquireLock(lockRequest('d1', 1000));
      expect(await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: 1 })).toBe(true);
      expect(await records.getLock('web')).toEqual({ fencingToken: 1, openDeploys: new Set(['d1']) });
      expect(await records.acquireLock(lockRequest('d2', 1001))).toMatchObject({ acquired: true, fencingToken: 2 });
    });

    it('renews the lease of its holder, even an expired one that no other deploy took', async () => {
      await records.acquireLock(lockRequest('d1', 1000));
      expect(await records.renewLease({ fleet: 'web', deployId: 'd1', fencingToken: 1 }, 9000)).toBe(true);
      expect((await records.getLock('web'))?.expiresAtMs).toBe(9000);
    });

    it('neither renews nor releases what another deploy took', async () => {
      await records.acquireLock(lockRequest('d1', 1000));
      await records.acquireLock(lockRequest('d2', 1100));
      const stale = { fleet: 'web', deployId: 'd1', fencingToken: 1 };
      expect([await records.renewLease(stale, 9000), await records.releaseLock(stale)]).toEqual([false, false]);
      expect(await records.getLock('web')).toMatchObject({ deployId: 'd2', fencingToken: 2, expiresAtMs: 1200 });
    });

    it('does nothing when released twice', async () => {
      await records.acquireLock(lockRequest('d1', 1000));
      const hold = { fleet: 'web', deployId: 'd1', fencingToken: 1 };
      expect([await records.releaseLock(hold), await records.releaseLock(hold)]).toEqual([true, false]);
      expect(await records.renewLease(hold, 9000)).toBe(false);
    });

    it('passes to the clean-up of its holder with a higher token, which fences the holder', async () => {
      await records.acquireLock(lockRequest('d1', 1000));
      expect(await records.takeOverLock(lockRequest('d1', 1050))).toEqual({ acquired: true, fencingToken: 2, expiresAtMs: 1150 });
      expect(await records.renewLease({ fleet: 'web', deployId: 'd1', fencingToken: 1 }, 9000)).toBe(false);
      expect(await records.takeOverLock(lockRequest('d1', 1060))).toMatchObject({ acquired: true, fencingToken: 3 });
    });

    it('passes to a clean-up when it is free or expired, but not while another deploy holds it', async () => {
      expect(await records.takeOverLock(lockRequest('d1', 1000))).toMatchObject({ acquired: true, fencingToken: 1 });
      expect(await records.takeOverLock(lockRequest('d2', 1099))).toMatchObject({ acquired: false, holder: { deployId: 'd1' } });
      expect(await records.takeOverLock(lockRequest('d2', 1100))).toMatchObject({ acquired: true, fencingToken: 2 });
    });

    it('knows a refresh that holds it, which is no open deploy and keeps others out; a deploy that takes it over is none', async () => {
      await records.acquireLock({ ...lockRequest('r1', 1_000), version: 'lt-1 version 2', heldBy: 'refresh' });
      const held = await records.getLock('web');
      expect(held).toMatchObject({ deployId: 'r1', heldBy: 'refresh' });
      expect(held?.openDeploys).toBeUndefined();
      expect(await records.acquireLock(lockRequest('d1', 1_050))).toMatchObject({ acquired: false, holder: { heldBy: 'refresh' } });
      expect(await records.acquireLock(lockRequest('d1', 1_200))).toMatchObject({ acquired: true });
      expect((await records.getLock('web'))?.heldBy).toBeUndefined();
    });

    it('is not given to the reconciler while a deploy is open, although its lease has expired', async () => {
      await records.acquireLock(lockRequest('d1', 1_000));
      const check = { ...lockRequest('reconcile-1', 2_000), heldBy: 'reconcile' } as const;
      expect(await records.acquireLock(check)).toMatchObject({ acquired: false, holder: { deployId: 'd1' } });
      await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: 1 });
      expect(await records.acquireLock(check)).toMatchObject({ acquired: false, holder: { openDeploys: new Set(['d1']) } });
      await records.closeDeploy('web', 'd1');
      expect(await records.acquireLock(check)).toMatchObject({ acquired: true });
      expect(await records.acquireLock(check)).toMatchObject({ acquired: true, fencingToken: 2 });
      expect(await records.getLock('web')).toMatchObject({ deployId: 'reconcile-1', heldBy: 'reconcile' });
      expect((await records.getLock('web'))?.openDeploys).toBeUndefined();
    });

    it('is no longer a refresh’s once it was released', async () => {
      const lock = await records.acquireLock({ ...lockRequest('r1', 1_000), heldBy: 'refresh' });
      await records.releaseLock({ fleet: 'web', deployId: 'r1', fencingToken: lock.acquired ? lock.fencingToken : 0 });
      expect(await records.getLock('web')).toEqual({ fencingToken: 1 });
    });

    it('lists the deploys that have not recorded their end', async () => {
      const open = async () => (await records.getLock('web'))?.openDeploys;
      await records.acquireLock(lockRequest('d1', 1000));
      await records.acquireLock(lockRequest('d2', 1100));
      expect(await open()).toEqual(new Set(['d1', 'd2']));
      await records.closeDeploy('web', 'd1');
      await records.closeDeploy('web', 'd1');
      expect(await open()).toEqual(new Set(['d2']));
      await records.closeDeploy('web', 'd2');
      expect(await open()).toBeUndefined();
    });

    it('forgets a deploy only while it does not hold the lock', async () => {
      expect(await records.forgetDeploy('web', 'd1')).toBe(true);
      await records.acquireLock(lockRequest('d1', 1000));
      expect(await records.forgetDeploy('web', 'd1')).toBe(false);
      expect((await records.getLock('web'))?.openDeploys).toEqual(new Set(['d1']));
      await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: 1 });
      expect(await records.forgetDeploy('web', 'd1')).toBe(true);
      expect(await records.getLock('web')).toEqual({ fencingToken: 1 });
    });

    it('keeps what a deploy suspended while the lock changes hands, until that deploy, or the one that took it over, removes it', async () => {
      const suspension = { autoScalingGroupName: 'g', alreadySuspended: ['Launch'], suspendedByDeploy: ['Terminate'], round: 1 };
      const suspended = async () => (await records.getLock('web'))?.suspension;
      await records.acquireLock(lockRequest('d1', 1000));
      expect(await suspended()).toBeUndefined();
      const first = { fleet: 'web', deployId: 'd1', fencingToken: 1 };
      expect(await records.putSuspension(first, suspension)).toBe(true);
      await records.releaseLock(first);
      await records.acquireLock(lockRequest('d2', 1001));
      expect(await suspended()).toEqual({ deployId: 'd1', epoch: 1001, ...suspension });
      const second = { fleet: 'web', deployId: 'd2', fencingToken: 2 };
      expect(await records.putSuspension(second, suspension)).toBe(true);
      expect(await records.putSuspension(first, { ...suspension, suspendedByDeploy: [] })).toBe(false);
      await records.deleteSuspension(first, 1);
      expect(await suspended()).toEqual({ deployId: 'd2', epoch: 2001, ...suspension });
      await records.deleteSuspension(second, 1);
      await records.deleteSuspension(second, 1);
      expect(await records.getLock('web')).toMatchObject({ deployId: 'd2', fencingToken: 2 });
      expect(await suspended()).toBeUndefined();
    });

    it('refuses what a holder suspends after it has begun to resume that round, and lets it and its clean-up suspend again', async () => {
      const suspension = { autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: ['Terminate'], round: 1 };
      await records.acquireLock(lockRequest('d1', 1000));
      const first = { fleet: 'web', deployId: 'd1', fencingToken: 1 };
      expect(await records.putSuspension(first, suspension)).toBe(true);
      await records.beginResume(first, 1);
      await records.beginResume(first, 1);
      expect(await records.putSuspension(first, { ...suspension, suspendedByDeploy: [] })).toBe(false);
      expect(await records.getLock('web')).toMatchObject({ suspension, resumedEpoch: 1001 });
      expect(await records.putSuspension(first, { ...suspension, round: 2 })).toBe(true);
      await records.beginResume(first, 1);
      await records.deleteSuspension(first, 1);
      expect((await records.getLock('web'))?.suspension).toMatchObject({ epoch: 1002 });
      await records.takeOverLock(lockRequest('d1', 1001));
      const second = { ...first, fencingToken: 2 };
      expect(await records.putSuspension(second, suspension)).toBe(true);
      await records.beginResume(first, 2);
      await records.deleteSuspension(first, 2);
      expect((await records.getLock('web'))?.suspension).toMatchObject({ epoch: 2001 });
      await records.beginResume(second, 1);
      await records.deleteSuspension(second, 1);
      await records.releaseLock(second);
      expect(await records.getLock('web')).toMatchObject({ fencingToken: 2, resumedEpoch: 2001 });
      expect((await records.getLock('web'))?.suspension).toBeUndefined();
    });

    it('gives a lock that two deploys request at once to one of them only', async () => {
      const answers = await Promise.all(['d1', 'd2', 'd3'].map((id) => records.acquireLock(lockRequest(id, 1000))));
      expect(answers.filter(({ acquired }) => acquired)).toHaveLength(1);
    });
  });
}
