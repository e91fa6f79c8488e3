import { beforeEach, describe, expect, it } from 'vitest';
import type { RefreshRecord, RefreshRecords } from '../../../functions/records/refresh-records.ts';

const server = { phase: 'waiting', phaseStartedAtMs: 1, why: 'launch template version 1, and 2 is current' } as const;
const refresh = (refreshId: string): RefreshRecord => ({
  refreshId,
  executionArn: `arn:${refreshId}`,
  requestedBy: 'ann',
  startedAtMs: 1,
  status: 'RUNNING',
  to: { launchTemplate: 'lt-1 version 2' },
  servers: { 'i-1': server },
});

export function describeRefreshRecords(name: string, create: () => Promise<RefreshRecords> | RefreshRecords): void {
  describe(`refreshes on record: ${name}`, () => {
    let records: RefreshRecords;
    beforeEach(async () => {
      records = await create();
    });

    it('keeps what a refresh has recorded when its first step is delivered again, and a later refresh replaces it', async () => {
      await records.createRefresh('web', refresh('r1'));
      await records.putServer('web', 'r1', 'i-1', { ...server, phase: 'replaced' });
      await records.createRefresh('web', refresh('r1'));
      expect((await records.getRefresh('web'))?.servers['i-1']?.phase).toBe('replaced');
      await records.createRefresh('web', refresh('r2'));
      expect(await records.getRefresh('web')).toEqual(refresh('r2'));
    });

    it('adds servers, and ignores those of an earlier refresh', async () => {
      await records.createRefresh('web', refresh('r2'));
      await records.putServer('web', 'r2', 'i-2', { ...server, phase: 'draining' });
      await records.putServer('web', 'r1', 'i-3', server);
      expect(Object.keys((await records.getRefresh('web'))?.servers ?? {}).toSorted()).toEqual(['i-1', 'i-2']);
    });

    it('ends a refresh once', async () => {
      await records.createRefresh('web', refresh('r1'));
      const error = { Error: 'Aborted', Cause: 'by hand' };
      expect(await records.endRefresh('web', 'r1', { status: 'ABORTED', finishedAtMs: 9, error })).toBe(true);
      expect(await records.endRefresh('web', 'r1', { status: 'FAILED', finishedAtMs: 10 })).toBe(false);
      expect(await records.endRefresh('web', 'r0', { status: 'FAILED', finishedAtMs: 10 })).toBe(false);
      expect(await records.getRefresh('web')).toEqual({ ...refresh('r1'), status: 'ABORTED', finishedAtMs: 9, error });
    });

    it('keeps which servers are outdated', async () => {
      expect(await records.getServers('web')).toBeUndefined();
      const read = { checkedAtMs: 1, members: 3, current: { launchTemplate: 'lt-1 version 2' }, outdated: { 'i-1': 'old' } };
      await records.putServers('web', read);
      expect(await records.getServers('web')).toEqual(read);
    });
  });
}
