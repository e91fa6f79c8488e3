import { beforeEach, describe, expect, it } from 'vitest';
import type { StoreRecord, StoreUnreachable } from '../../../functions/collect/contract.ts';
import type { PublishedValue } from '../../../functions/collect/select-metrics.ts';
import type { StoreNodes } from '../../../functions/records/store-nodes.ts';
import type { TtlBaseline } from '../../../functions/records/ttl-baseline.ts';
import { testCollector } from '../fakes/test-collector.ts';
import { primaryInfo, replicaInfo } from './info.ts';

let stored: StoreRecord | undefined;
let published: (readonly PublishedValue[])[];
let nowMs: number;
beforeEach(() => {
  stored = undefined;
  published = [];
  nowMs = 1_000_000;
});

const node = (name: string, info: string | Error) => ({
  name,
  host: name.slice(0, -2),
  port: 1,
  info: async () => (info instanceof Error ? Promise.reject(info) : info),
});
const collector = (nodes: readonly ReturnType<typeof node>[], more: Partial<Parameters<typeof testCollector>[0]> = {}) =>
  testCollector({
    nodes: async () => nodes,
    records: {
      getStore: async () => stored,
      putStore: async (record, seen) => {
        if (seen !== stored) return false;
        stored = record;
        return true;
      },
    },
    publish: (values) => void published.push(values),
    now: () => nowMs,
    ...more,
  });

it('records the reading, and publishes it', async () => {
  const reading = await collector([node('a:1', primaryInfo()), node('b:1', replicaInfo())])();
  expect(stored?.reading).toEqual(reading);
  expect(published).toHaveLength(1);
  expect(published[0]).toContainEqual({ name: 'ActiveSessions', unit: 'Count', value: 110 });
});

it('takes no second reading at once: it would have counted a moment, and hide the minute', async () => {
  const first = await collector([node('a:1', primaryInfo())])();
  const again = collector([node('a:1', new Error('is not asked'))]);
  nowMs += 1_900;
  expect(await again()).toBe(first);
  expect([stored?.reading, published.length]).toEqual([first, 1]);
  nowMs += 100;
  await expect(again()).rejects.toThrow('is not asked');
});

it('keeps what it knows of the nodes from one reading to the next', async () => {
  let known: StoreNodes | undefined;
  const collect = collector([node('a:1', primaryInfo())], {
    known: {
      get: async () => known,
      put: async (nodes) => {
        known = nodes;
      },
    },
  });
  await collect();
  nowMs += 60_000;
  await collect();
  expect(known).toMatchObject({ takenAtMs: 1_060_000, nodes: [{ name: 'a:1', primarySinceMs: 1_000_000 }] });
});

it('continues without a replica that does not answer, and logs why', async () => {
  const reading = await collector([node('a:1', primaryInfo()), node('b:1', new Error('connect ETIMEDOUT'))])();
  expect(reading.nodes).toContainEqual({ name: 'b:1', error: 'Error: connect ETIMEDOUT' });
});

describe('without a primary', () => {
  it.each([
    [
      'names each node that does not answer',
      [node('a:1', new Error('connect ECONNREFUSED'))],
      /no primary.+a:1: Error: connect ECONNREFUSED/,
    ],
    ['reports that only replicas answer', [node('b:1', replicaInfo())], /no primary.+only replicas/],
  ])('%s, records no reading, and publishes that alone', async (_title, nodes, message) => {
    await expect(collector(nodes)()).rejects.toThrow(message);
    expect([stored, published]).toEqual([undefined, [[{ name: 'StoreUnreachable', unit: 'Count', value: 1 }]]]);
  });

  it('asks behind the endpoint, where a node that the list lacks became primary, and counts each process once', async () => {
    const replica = replicaInfo();
    const reading = await collector([node('a:1', new Error('connect ETIMEDOUT')), node('b:1', replica)], {
      behindEndpoint: async () => [node('primary:1', primaryInfo()), node('c:1', replica)],
    })();
    expect(reading.nodes.map((one) => [one.name, 'role' in one ? one.role : 'failed'])).toEqual([
      ['primary:1', 'primary'],
      ['c:1', 'replica'],
      ['a:1', 'failed'],
    ]);
    expect(published.flat().map(({ name }) => name)).not.toContain('StoreUnreachable');
  });

  it('does not ask behind the endpoint while a listed node is primary', async () => {
    await collector([node('a:1', primaryInfo())], { behindEndpoint: async () => Promise.reject(new Error('is not asked')) })();
    expect(published).toHaveLength(1);
  });

  it('records since when, each time until the next reading ends it', async () => {
    let unreachable: StoreUnreachable | undefined;
    const failed = [{ name: 'a:1', error: 'Error: connect ECONNREFUSED' }];
    const turn = async (answers: boolean) => {
      nowMs += 60_000;
      const records = {
        getStore: async () => stored,
        putStore: async (record: StoreRecord) => {
          stored = record;
          return true;
        },
        getUnreachable: async () => unreachable,
        putUnreachable: async (now: StoreUnreachable) => {
          unreachable = now;
        },
      };
      const nodes = [node('a:1', answers ? primaryInfo() : new Error('connect ECONNREFUSED'))];
      await collector(nodes, { records })().catch(() => undefined);
      return unreachable;
    };
    expect(await turn(true)).toBeUndefined();
    expect(await turn(false)).toEqual({ sinceMs: 1_120_000, seenAtMs: 1_120_000, failed });
    expect(await turn(false)).toEqual({ sinceMs: 1_120_000, seenAtMs: 1_180_000, failed });
    await turn(true);
    expect(await turn(false)).toEqual({ sinceMs: 1_300_000, seenAtMs: 1_300_000, failed });
  });
});

it.each([
  ['is lowered to the keys that are there', 0, 10],
  ['stays while the primary loads its keys', 1, undefined],
])('the baseline %s', async (_title, loading, left) => {
  const lowered: TtlBaseline[] = [];
  const recorded = {
    sweepId: 's',
    startedAtMs: 0,
    takenAtMs: 0,
    settingsKey: 'k',
    primaries: 1,
    byDatabase: { 0: { left: 900, structural: 900, unrepaired: 0 } },
  };
  const baseline = { get: async () => recorded, lower: async (one: TtlBaseline) => void lowered.push(one) };
  await collector([node('a:1', primaryInfo({ loading, db0: 'keys=100,expires=90,avg_ttl=0' }))], { baseline })();
  expect(lowered[0]?.byDatabase[0]?.left).toBe(left);
});

it('publishes nothing when another run has recorded meanwhile', async () => {
  const late = collector([node('a:1', primaryInfo())], { records: { getStore: async () => stored, putStore: async () => false } });
  await late();
  expect(published).toEqual([]);
});

it('publishes the difference between two readings', async () => {
  await collector([node('a:1', primaryInfo())])();
  nowMs += 60_000;
  const reading = await collector([node('a:1', primaryInfo({ keyspace_hits: 1_075, keyspace_misses: 125 }))])();
  expect(reading.hitRatePercent).toBe(75);
});

describe('in cluster mode', () => {
  const shard = (number: number, one: ReturnType<typeof node>) => ({ ...one, shard: number });
  const away = shard(1, node('b:1', new Error('connect ETIMEDOUT')));
  const orphan = shard(1, node('c:1', replicaInfo({ master_link_status: 'down' })));

  it('publishes that a shard has no primary, and records what the other shards show', async () => {
    const reading = await collector([shard(0, node('a:1', primaryInfo())), away, orphan])();
    expect(reading).toMatchObject({ keys: 110, shardsWithoutPrimary: 1 });
    expect(stored?.reading).toEqual(reading);
    expect(published[0]).toContainEqual({ name: 'StoreUnreachable', unit: 'Count', value: 1 });
    expect(published[0]).toContainEqual({ name: 'ActiveSessions', unit: 'Count', value: 110 });
  });

  it('publishes nothing of the kind while each shard has a primary', async () => {
    const second = shard(1, node('b:1', primaryInfo({ run_id: 'd'.repeat(40) })));
    const reading = await collector([shard(0, node('a:1', primaryInfo())), second, orphan])();
    expect(reading).toMatchObject({ shardsWithoutPrimary: 0 });
    expect(published[0]?.map(({ name }) => name)).not.toContain('StoreUnreachable');
  });

  it('does not take the keys of the other shards for the baseline of all', async () => {
    const lowered: TtlBaseline[] = [];
    const left = { left: 50, structural: 0, unrepaired: 0 };
    const known: TtlBaseline = { sweepId: 's-1', takenAtMs: 1, startedAtMs: 1, settingsKey: 'k', primaries: 1, byDatabase: { 0: left } };
    await collector([shard(0, node('a:1', primaryInfo())), away], {
      baseline: { get: async () => known, lower: async (one) => void lowered.push(one) },
    })();
    expect(lowered).toEqual([]);
  });
});
