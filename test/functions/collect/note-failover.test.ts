import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../functions/collect/contract.ts';
import { notePrimaries } from '../../../functions/collect/note-failover.ts';
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

describe('in cluster mode', () => {
  const node = (name: string, run_id: string, more: Fields = {}) =>
    readNode(name, primaryInfo({ cluster_enabled: 1, run_id, master_replid: run_id, ...more }));
  const replica = (name: string, master_replid: string) => readNode(name, replicaInfo({ cluster_enabled: 1, run_id: name, master_replid }));
  const gone = (name: string) => ({ name, error: 'gone' });
  const SHARDS = [
    ['a:1', 'a:2'],
    ['b:1', 'b:2'],
  ];
  const two = { nodes: [node('a:1', 'A'), replica('a:2', 'A'), node('b:1', 'B'), replica('b:2', 'B')], failed: [] };
  const withoutB = { nodes: two.nodes.slice(0, 2), failed: [gone('b:1'), gone('b:2')] };
  // A configuration can list the nodes: then replicas show by their stream whose they are.
  describe.each([
    ['with the shards as the cluster lists them', SHARDS],
    ['with listed nodes', undefined],
  ])('%s', (_, shards) => {
    const known = (more: Partial<Parameters<typeof notePrimaries>[0]> = {}) => ({ ...two, shards, ...more });
    const before = notePrimaries(known(), undefined);

    it('a new shard is no failover', () => {
      const nodes = [...two.nodes, node('c:1', 'C')];
      const after = notePrimaries(known({ nodes, shards: shards && [...shards, ['c:1']] }), before);
      expect(after).toMatchObject({ failovers: 0, primaries: ['A', 'B', 'C'] });
    });

    it('a shard that answers again is no failover', () => {
      const silent = notePrimaries(known(withoutB), before);
      expect(silent).toMatchObject({ failovers: 0, primaries: expect.arrayContaining(['A', 'B']) });
      expect(notePrimaries(known(), silent)).toMatchObject({ failovers: 0, shards: before.shards });
    });

    it('a shard that answers again with another primary is one', () => {
      const silent = notePrimaries(known(withoutB), before);
      const promoted = known({ nodes: [...withoutB.nodes, node('b:2', 'B2', { master_replid2: 'B' })], failed: [gone('b:1')] });
      const after = notePrimaries(promoted, silent);
      expect(after).toMatchObject({ failovers: 1, primaries: expect.arrayContaining(['A', 'B2']) });
      expect(after.primaries).toHaveLength(2);
      expect(notePrimaries(promoted, after).failovers).toBe(0);
    });

    it('a shard that was removed is forgotten', () => {
      const nodes = two.nodes.slice(0, 2);
      expect(notePrimaries(known({ nodes, shards: shards?.slice(0, 1) }), before).primaries).toEqual(['A']);
    });

    it('a record of an earlier version, which has no shards, shows none', () => {
      expect(notePrimaries(known(), { primaries: ['A', 'X'] }).failovers).toBe(0);
    });
  });

  it('each of two failovers counts', () => {
    const before = notePrimaries({ ...two, shards: SHARDS }, undefined);
    const nodes = [node('a:2', 'A2'), node('b:2', 'B2')];
    expect(notePrimaries({ nodes, failed: [gone('a:1'), gone('b:1')], shards: SHARDS }, before).failovers).toBe(2);
  });
});

it('without cluster mode a primary that no list has before is a failover too', () => {
  const before = notePrimaries({ nodes: [readNode('a:1', primaryInfo()), readNode('b:1', replicaInfo())], failed: [] }, undefined);
  const later = readNode('host:1', primaryInfo({ run_id: 'c' }));
  expect(notePrimaries({ nodes: [later, readNode('b:1', replicaInfo())], failed: [] }, before)).toEqual({ primaries: ['c'], failovers: 1 });
});
