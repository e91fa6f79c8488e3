import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../functions/collect/contract.ts';
import { readNode } from '../../../functions/collect/read-node.ts';
import { takeReading } from '../../../functions/collect/take-reading.ts';
import { primaryInfo, replicaInfo } from './info.ts';

const MINUTE = 60_000;
type Fields = Parameters<typeof primaryInfo>[0];
const OLD = 'c'.repeat(40);
const NEW = 'd'.repeat(40);
const promoted: Fields = {
  run_id: 'b'.repeat(40),
  master_replid: NEW,
  master_replid2: OLD,
  second_repl_offset: 8_001,
  db0: 'keys=105,expires=105',
};

const read = (minute: number, fields: Fields, before?: StoreRecord, more: readonly Fields[] = []) =>
  takeReading(
    {
      nodes: [
        readNode('a:1', primaryInfo(fields)),
        ...more.map((other, index) => readNode(`p${index}:1`, primaryInfo(other))),
        readNode('b:1', replicaInfo()),
      ],
      failed: [],
      shares: undefined,
      baseline: undefined,
      swept: [0],
      startedAtMs: minute * MINUTE,
      nowMs: minute * MINUTE,
      sampleSeconds: 60,
    },
    before,
  );
/** Three minutes with 6 sessions and 600 bytes more each. */
const history = [0, 1, 2].reduce<StoreRecord | undefined>(
  (before, minute) => read(minute, { db0: `keys=${100 + 6 * minute},expires=100`, master_repl_offset: 5_000 + 600 * minute }, before),
  undefined,
) as StoreRecord;

describe("the end of the primary's stream", () => {
  it('is on record with how fast it moves', () => {
    expect(history.stream).toEqual({ replicationId: OLD, offset: 6_200, bytesPerSecond: 10 });
  });
  it('is not that of a cluster of several primaries', () => {
    expect(read(3, {}, history, [{ run_id: 'x' }]).stream).toBeUndefined();
  });
});

describe('a failover', () => {
  it('is noted with both readings, the trend, and where the new primary continued', () => {
    expect(read(3, promoted, history).lastFailover).toEqual({
      before: { atMs: 2 * MINUTE, sessions: 112, lagBytes: 1_300, lagSeconds: 1, bytesPerSession: null },
      after: { atMs: 3 * MINUTE, sessions: 105 },
      trend: { sessionsPerSecond: 0.1, spread: 0 },
      stream: { offset: 6_200, bytesPerSecond: 10 },
      continuedFrom: 8_000,
    });
  });
  it('stays on record at the next reading', () => {
    const after = read(3, promoted, history);
    expect(read(4, promoted, after).lastFailover).toEqual(after.lastFailover);
  });
  it('of a primary that started anew continues nothing', () => {
    expect(read(3, { master_replid: NEW, second_repl_offset: -1, master_replid2: '0'.repeat(40) }, history).lastFailover).toMatchObject({
      continuedFrom: null,
    });
  });
  it('is none while the stream is the same', () => {
    expect(history.lastFailover).toBeUndefined();
  });
});
