import { beforeEach, describe, expect, it } from 'vitest';
import type { Records } from '../../../functions/records/records.ts';
import { deploy } from './sample-deploy.ts';

/** What every adapter of {@link Records} does with deploys that wait to be continued. @param create gives empty records, for each test anew */
export function describePauses(name: string, create: () => Promise<Records> | Records): void {
  let records: Records;
  beforeEach(async () => {
    records = await create();
  });

  describe(`${name}: a deploy`, () => {
    it('waits once, and is continued by one, while nothing has ended its wait', async () => {
      const pause = { after: 1, startedAtMs: 10, endsAtMs: 20 };
      const continued = { requestedBy: 'ann', atMs: 15 };
      await records.createDeploy(deploy('d1'));
      expect(await records.continueDeploy('web', 'd1', continued), 'it does not wait yet').toBe(false);
      expect(await records.continueDeploy('web', 'd9', continued), 'unknown').toBe(false);
      await records.beginPause('web', 'd1', pause);
      await records.beginPause('web', 'd1', { ...pause, startedAtMs: 12 });
      expect(await records.continueDeploy('web', 'd1', { ...continued, atMs: 20 }), 'its time is up').toBe(false);
      expect(await records.continueDeploy('web', 'd1', continued)).toBe(true);
      expect(await records.continueDeploy('web', 'd1', { ...continued, requestedBy: 'bob' }), 'twice').toBe(false);
      expect(await records.failPause('web', 'd1', { Error: 'PauseTimedOut', Cause: 'late' }), 'continued').toBe(false);
      expect(await records.getDeploy('web', 'd1')).toMatchObject({ stage: 'paused', pause: { ...pause, continued } });
    });

    it('is not continued once its wait has failed, its clean-up works on it, or it is over', async () => {
      const pause = { after: 1, startedAtMs: 10, endsAtMs: 20 };
      const go = (deployId: string) => records.continueDeploy('web', deployId, { requestedBy: 'ann', atMs: 15 });
      for (const id of ['d1', 'd2', 'd3']) {
        await records.createDeploy(deploy(id));
        await records.beginPause('web', id, pause);
      }
      expect(await records.failPause('web', 'd1', { Error: 'PauseTimedOut', Cause: 'late' })).toBe(true);
      expect(await records.failPause('web', 'd1', { Error: 'Other', Cause: 'later' })).toBe(false);
      await records.claimCleanUp('web', 'd2', { executionArn: 'a', startedAtMs: 1, attempt: 1 }, undefined);
      await records.finishDeploy('web', 'd3', { status: 'ABORTED', finishedAtMs: 16 });
      expect([await go('d1'), await go('d2'), await go('d3')]).toEqual([false, false, false]);
      expect((await records.getDeploy('web', 'd1'))?.firstFailure).toEqual({ Error: 'PauseTimedOut', Cause: 'late' });
    });
  });
}
