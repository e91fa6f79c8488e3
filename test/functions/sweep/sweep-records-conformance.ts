import { beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import type { SweepRecord } from '../../../functions/sweep/contract/record.ts';
import { EMPTY_TALLY } from '../../../functions/sweep/report/count-tally.ts';
import type { SweepRecords } from '../../../functions/sweep/sweep-records.ts';

const record = (sweepId: string, startedAtMs = 1): SweepRecord => ({
  sweepId,
  executionArn: `arn:${sweepId}`,
  startedAtMs,
  requestedBy: 'ann',
  dryRun: false,
  shards: ['0001'],
  status: 'RUNNING',
});
const checkpoint = (sweepId: string, cursor = '7'): Checkpoint => ({
  sweepId,
  runId: 'run',
  parts: [{ cursor, until: '0', keys: 3, withTtl: 2, isDone: false }],
  largestCount: 10,
  tally: { ...EMPTY_TALLY, keys: 3 },
  deletesReserved: 0,
  busyMs: 1.5,
  answers: [0, 2],
  method: 'script',
  restarts: 0,
  failedInvocations: 0,
  invocations: 2,
  isDone: false,
});

/** What {@link SweepRecords} promise, wherever they lie. Each test has a shard of its own, for a table outlives one. */
export function describeSweepRecords(name: string, create: () => Promise<SweepRecords> | SweepRecords): void {
  describe(`the records of sweeps: ${name}`, () => {
    let records: SweepRecords;
    let shard: string;
    let number = 0;
    beforeEach(async () => {
      records = await create();
      number += 1;
      shard = `${name}-${number}`;
    });

    it('keep a sweep, and how it ended', async () => {
      await records.putSweep(record('a', 1));
      await records.endSweep('a', { status: 'SUCCEEDED', finishedAtMs: 9 });
      expect(await records.getSweep('a')).toEqual({ ...record('a', 1), status: 'SUCCEEDED', finishedAtMs: 9 });
      expect(await records.getSweep('c')).toBeUndefined();
    });

    it('list the latest sweeps, and those whose id begins so, latest start first', async () => {
      const idsOf = (sweeps: readonly SweepRecord[]) => sweeps.map(({ sweepId }) => sweepId);
      const at = Date.now();
      await records.putSweep(record('x1', at + 9));
      await records.putSweep(record('y', at + 1_000_000));
      await records.putSweep(record('x2', at + 10));
      await records.endSweep('y', { status: 'FAILED' });
      expect(await records.latestSweeps(1)).toEqual([{ ...record('y', at + 1_000_000), status: 'FAILED' }]);
      expect(idsOf(await records.latestSweeps(3))).toEqual(['y', 'x2', 'x1']);
      expect(idsOf(await records.findSweeps('x'))).toEqual(['x2', 'x1']);
      expect(await records.findSweeps('nothing')).toEqual([]);
    });

    it('list a sweep that began twice once, by its first start', async () => {
      await records.putSweep(record('z', 5_000_000_000_000));
      await records.putSweep({ ...record('z', 5_000_000_000_900), shards: ['0001', '0002'] });
      const [first, second] = await records.latestSweeps(2);
      expect(first).toEqual({ ...record('z', 5_000_000_000_000), shards: ['0001', '0002'] });
      expect(second?.sweepId).not.toBe('z');
    });

    it('give a shard to one sweep at a time, until its lease ends or it lets go', async () => {
      expect(await records.takeShard(shard, 'a', 10, 20)).toEqual({ taken: true, checkpoint: undefined });
      expect(await records.takeShard(shard, 'a', 12, 22)).toEqual({ taken: true, checkpoint: undefined });
      expect(await records.takeShard(shard, 'b', 21, 31)).toEqual({ taken: false, holder: 'a', expiresAtMs: 22 });
      expect(await records.takeShard(shard, 'b', 22, 32)).toMatchObject({ taken: true });
      await records.releaseShard(shard, 'a');
      expect(await records.takeShard(shard, 'c', 23, 33)).toMatchObject({ taken: false, holder: 'b' });
      await records.releaseShard(shard, 'b');
      expect(await records.takeShard(shard, 'c', 23, 33)).toMatchObject({ taken: true });
    });

    it('keep a checkpoint for the sweep that has the shard, and for no other', async () => {
      await records.takeShard(shard, 'a', 10, 20);
      expect(await records.saveCheckpoint(shard, checkpoint('a'), 25)).toBe(true);
      expect(await records.takeShard(shard, 'b', 20, 30)).toMatchObject({ taken: false, expiresAtMs: 25 });
      expect(await records.takeShard(shard, 'a', 26, 36)).toEqual({ taken: true, checkpoint: checkpoint('a') });
      expect(await records.takeShard(shard, 'b', 36, 46)).toEqual({ taken: true, checkpoint: undefined, earlier: checkpoint('a') });
      expect(await records.saveCheckpoint(shard, checkpoint('a', '9'), 50)).toBe(false);
      expect(await records.getCheckpoint(shard, 'a')).toEqual(checkpoint('a'));
      expect(await records.getCheckpoint(shard, 'b')).toBeUndefined();
    });

    it('keep a checkpoint that is aside next to the one that the next sweep goes on from', async () => {
      const aside = { ...checkpoint('dry', '8'), isAside: true as const };
      await records.takeShard(shard, 'a', 10, 20);
      await records.saveCheckpoint(shard, checkpoint('a'), 25);
      await records.takeShard(shard, 'dry', 30, 40);
      expect(await records.saveCheckpoint(shard, aside, 45)).toBe(true);
      expect(await records.takeShard(shard, 'dry', 41, 50)).toEqual({ taken: true, checkpoint: aside });
      expect(await records.getCheckpoint(shard, 'a')).toEqual(checkpoint('a'));
      expect(await records.takeShard(shard, 'b', 51, 60)).toEqual({ taken: true, checkpoint: undefined, earlier: checkpoint('a') });
      expect(await records.saveCheckpoint(shard, checkpoint('b', '9'), 60)).toBe(true);
      expect(await records.getCheckpoint(shard, 'dry')).toEqual(aside);
      expect(await records.getCheckpoint(shard, 'a')).toBeUndefined();
    });

    it('keep which sweep began last; of two that saw the same one is noted, and its failure alone', async () => {
      await records.recordStart({ sweepId: 'before', startedAtMs: 1 });
      const last = await records.lastStart();
      expect(last).toEqual({ sweepId: 'before', startedAtMs: 1 });
      expect(await records.recordStart({ sweepId: 'a', startedAtMs: 2 }, { last })).toBe(true);
      expect(await records.recordStart({ sweepId: 'b', startedAtMs: 3 }, { last })).toBe(false);
      expect(await records.recordStart({ sweepId: 'b', startedAtMs: 3 }, { last: undefined })).toBe(false);
      await records.recordFailure('b');
      expect(await records.lastStart()).toEqual({ sweepId: 'a', startedAtMs: 2 });
      await records.recordFailure('a');
      expect(await records.lastStart()).toEqual({ sweepId: 'a', startedAtMs: 2, failed: true });
      expect(await records.recordStart({ sweepId: 'b', startedAtMs: 3 })).toBe(true);
      expect(await records.lastStart()).toEqual({ sweepId: 'b', startedAtMs: 3 });
    });

    it('keep one secret', async () => {
      const first = await records.hashSecret(() => `secret of ${shard}`);
      expect(await records.hashSecret(() => 'another')).toBe(first);
    });
  });
}
