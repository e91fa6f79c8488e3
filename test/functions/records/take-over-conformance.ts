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
