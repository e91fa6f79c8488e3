import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../functions/collect/contract.ts';
import { readNode } from '../../../functions/collect/read-node.ts';
import { type Observation, takeReading } from '../../../functions/collect/take-reading.ts';
import type { DialectShares } from '../../../functions/records/dialect-shares.ts';
import type { DatabaseBaseline, TtlBaseline } from '../../../functions/records/ttl-baseline.ts';
import { primaryInfo, replicaInfo } from './info.ts';

const MINUTE = 60_000;
const observe = (more: Partial<Observation> & { readonly primary?: Readonly<Record<string, string | number>> } = {}): Observation => ({
  nodes: [readNode('a:1', primaryInfo(more.primary)), readNode('b:1', replicaInfo())],
  failed: [],
  shares: undefined,
  baseline: undefined,
  swept: [0],
  startedAtMs: 10 * MINUTE - 50,
  nowMs: 10 * MINUTE,
  sampleSeconds: 60,
  ...more,
});
const first = takeReading(observe(), undefined);
const next = (more: Parameters<typeof observe>[0] = {}, before: StoreRecord = first) =>
  takeReading(observe({ nowMs: before.reading.takenAtMs + MINUTE, ...more }), before);

const baselineOf = (ofDatabase0: DatabaseBaseline): TtlBaseline => ({
  sweepId: 's',
  takenAtMs: 9 * MINUTE,
  startedAtMs: 8 * MINUTE,
  settingsKey: 'k',
  primaries: 1,
  byDatabase: { 0: ofDatabase0 },
});

describe('the first reading', () => {
  it('has current values, and none that need a previous reading', () => {
    expect(first.reading).toMatchObject({
      takenAtMs: 10 * MINUTE,
      hitRatePercent: null,
      evictions: null,
      authenticationFailures: null,
      failovers: 0,
      activeSessions: 110,
      activeSessionsFrom: 'keys',
      keys: 110,
      withoutTtl: 10,
      leftOnPurpose: null,
      structural: null,
      databases: [{ database: 0, keys: 110, expires: 100, isSwept: true }],
      memoryUsedBytes: 400,
      memoryPercent: 40,
      bytesPerSession: null,
      connections: 12,
      connectionsPercent: 1.2,
      replicationLagSeconds: 1,
      replicationLagBytes: 100,
      replicas: 2,
      secondsUntilFull: null,
      sweepAgeSeconds: null,
      collectMs: 50,
    });
    expect(first.reading.nodes.map(({ name }) => name)).toEqual(['a:1', 'b:1']);
    expect(first.watchedSinceMs).toBe(10 * MINUTE);
  });
});

describe('a later reading', () => {
  it('has the hit rate of what was looked up since', () => {
    expect(next({ primary: { keyspace_hits: 1_009, keyspace_misses: 101 } }).reading.hitRatePercent).toBe(90);
  });

  it('has no hit rate when nothing was looked up', () => {
    expect(next().reading.hitRatePercent).toBeNull();
  });

  it('counts evictions and refused log-ins since', () => {
    expect(next({ primary: { evicted_keys: 8, acl_access_denied_auth: 3 } }).reading).toMatchObject({
      evictions: 3,
      authenticationFailures: 1,
    });
  });

  it('counts writes that were refused since, over all nodes', () => {
    expect(next({ primary: { errorstat_OOM: 'count=12' } }).reading.refusedWrites).toBe(12);
    expect(first.reading.refusedWrites).toBeNull();
  });

  it("has how busy the busiest node's one thread was since", () => {
    const { reading } = next({ primary: { used_cpu_sys_main_thread: 110.5, used_cpu_user_main_thread: 244 } });
    expect(reading.engineCpuPercent).toBe(90);
    expect(reading.nodes[0]).toMatchObject({ name: 'a:1', engineCpuPercent: 90 });
    expect(reading.nodes[1]).not.toHaveProperty('engineCpuPercent');
    expect(first.reading.engineCpuPercent).toBeNull();
  });

  it('is no busier than all of the time, however late it comes', () => {
    expect(next({ primary: { used_cpu_sys_main_thread: 900 } }).reading.engineCpuPercent).toBe(100);
  });

  it('sees a failover, and counts on with the new primary', () => {
    const promoted = { run_id: 'b'.repeat(40), keyspace_hits: 60, keyspace_misses: 0 };
    const { reading } = next({ nodes: [readNode('b:1', primaryInfo(promoted))], failed: [{ name: 'a:1', error: 'gone' }] });
    expect(reading).toMatchObject({ failovers: 1, hitRatePercent: 100 });
    expect(reading.nodes).toContainEqual({ name: 'a:1', error: 'gone' });
  });

  it('sees a drop of the hit rate below what was usual', () => {
    const usual = [7, 8, 9].map((minute) => ({
      atMs: minute * MINUTE,
      memoryUsedBytes: 400,
      memoryPercent: 40,
      activeSessions: 440,
      hitRatePercent: 95,
    }));
    const { reading } = next({ primary: { keyspace_hits: 1_060, keyspace_misses: 140 } }, { ...first, window: usual });
    expect(reading).toMatchObject({ hitRatePercent: 60, hitRateDropPoints: 35, sessionDropPercent: null });
  });

  it('compares sessions in the terms of a new count, also across a failover', () => {
    const sharesOf = (takenAtMs: number, sessions: number) => ({
      takenAtMs,
      othersWithTtl: 0,
      byDialect: { spring: { sessions, structural: 0, withoutTtl: 0, bytesSampled: 0 } },
      largest: [],
      largestSampledOneIn: 1,
    });
    const before = next({ shares: sharesOf(1, 100), primary: { master_replid: 'a' } });
    const counted = next(
      { shares: sharesOf(2, 40), primary: { run_id: 'b'.repeat(40), master_replid: 'b' } },
      { ...before, window: before.window.map((sample) => ({ ...sample, activeSessions: 200 })) },
    );
    expect(counted.reading.activeSessions).toBe(40);
    expect(counted.window.slice(0, -1).map(({ activeSessions }) => activeSessions)).toEqual(before.window.map(() => 80));
    expect(counted.lastFailover).toMatchObject({ before: { sessions: 40 }, after: { sessions: 40 } });
  });

  it('keeps since when keys without a TTL pile up, as long as they do', () => {
    const piling = next({ primary: { db0: 'keys=210,expires=110' } });
    expect(next().pilingSinceMs).toBeUndefined();
    expect(piling.pilingSinceMs).toBe(11 * MINUTE);
    expect(next({ primary: { db0: 'keys=210,expires=110' }, nowMs: 20 * MINUTE }, piling).pilingSinceMs).toBe(11 * MINUTE);
    expect(next({ primary: { db0: 'keys=210,expires=111' } }, piling).pilingSinceMs).toBeUndefined();
    const unrepaired = baselineOf({ left: 0, structural: 0, unrepaired: 1 });
    expect(next({ primary: { db0: 'keys=210,expires=110' }, baseline: unrepaired }, piling).pilingSinceMs).toBeUndefined();
  });

  it('keeps since when the store is watched', () => {
    expect(next().watchedSinceMs).toBe(10 * MINUTE);
  });
});

describe('a leak and its repair', () => {
  const sharesOf = (takenAtMs: number, sessions: number, withoutTtl: number, counts: { keys: number; expires: number }): DialectShares => ({
    ...{ takenAtMs, counts, othersWithTtl: 0, largest: [], largestSampledOneIn: 1, countedBy: 'k' },
    byDialect: { 'connect-redis': { sessions, structural: 0, withoutTtl, bytesSampled: 0 } },
  });
  const keysOf = (keys: number, expires: number) => ({ db0: `keys=${keys},expires=${expires}` });
  const few = sharesOf(1, 5, 5, { keys: 5, expires: 0 });
  const leaking = sharesOf(2, 8_413, 8_413, { keys: 8_413, expires: 0 });
  // Its counters were read when the repair had begun, its keys when that had ended.
  const meanwhile = sharesOf(3, 8_413, 0, { keys: 8_413, expires: 456 });
  const repaired = sharesOf(4, 8_413, 0, { keys: 8_413, expires: 8_413 });
  const times = <T>(times: number, one: T): T[] => Array.from({ length: times }, () => one);
  const minutes: readonly (readonly [DialectShares, keys: number, expires: number])[] = [
    ...times(4, [few, 5, 0] as const),
    [few, 3_586, 0],
    [few, 8_413, 0],
    ...times(20, [leaking, 8_413, 0] as const),
    [leaking, 8_413, 4_000],
    [leaking, 8_413, 8_413],
    [meanwhile, 8_413, 8_413],
    ...times(4, [repaired, 8_413, 8_413] as const),
  ];
  const series: StoreRecord[] = [];
  for (const [shares, keys, expires] of minutes) series.push(next({ shares, primary: keysOf(keys, expires) }, series.at(-1) ?? first));

  it('has never more sessions than keys, and all of them from the count to the end, in readings and in the window', () => {
    const counts = series.map(({ reading }) => reading.activeSessions);
    expect(counts).toEqual([...times(6, 5), ...times(27, 8_413)]);
    const sampled = series.flatMap(({ window }) => window.map(({ activeSessions }) => activeSessions ?? 0));
    expect(Math.max(...sampled)).toBe(8_413);
  });

  it('notes no lower share for the hour, since nothing was lost', () => {
    expect(series.at(-1)?.days.flatMap(({ lowest }) => lowest.filter((share) => share !== null))).toEqual([1]);
  });

  it('has no number for samples of a count that shows no sessions', () => {
    const none = { ...sharesOf(1, 0, 0, { keys: 100, expires: 100 }), othersWithTtl: 100 };
    const before = next({ shares: none, primary: keysOf(100, 100) });
    const counted = next({ shares: sharesOf(2, 90, 0, { keys: 100, expires: 100 }), primary: keysOf(100, 100) }, before);
    expect(counted.window.map(({ activeSessions }) => activeSessions)).toEqual([null, null, 90]);
  });
});

describe('after a sweep', () => {
  const shares = {
    takenAtMs: 9 * MINUTE,
    othersWithTtl: 0,
    byDialect: { spring: { sessions: 50, structural: 8, withoutTtl: 2, bytesSampled: 100 } },
    largest: [{ hashedId: 'f00', dialect: 'spring', bytes: 4_096 }],
    largestSampledOneIn: 64,
  };

  it('takes what it left on purpose out of the keys without a TTL, and estimates by its shares', () => {
    const record = next({ shares, baseline: baselineOf({ left: 8, structural: 6, unrepaired: 1 }) });
    expect(record.reading).toMatchObject({
      withoutTtl: 2,
      unrepaired: 1,
      leftOnPurpose: 8,
      structural: 6,
      bytesPerSession: 2,
      activeSessions: 50,
      activeSessionsFrom: 'sweep',
      sweepAgeSeconds: 120,
      largestSessions: shares.largest,
      largestSessionsAgeSeconds: 120,
      largestSessionsSampledOneIn: 64,
    });
    expect(next({ shares, primary: { db0: 'keys=220,expires=200' } }, record).reading.activeSessions).toBe(98);
  });

  it('keeps the age of the largest sessions where a sample has refreshed the shares', () => {
    const refreshed = { ...shares, takenAtMs: 10 * MINUTE, largestTakenAtMs: 9 * MINUTE };
    expect(next({ shares: refreshed }).reading).toMatchObject({ sweepAgeSeconds: 60, largestSessionsAgeSeconds: 120 });
  });

  it('has no large sessions where the sweep kept none', () => {
    const { takenAtMs, byDialect } = shares;
    const before = { takenAtMs, byDialect } as unknown as DialectShares;
    expect(next({ shares: before }).reading).toMatchObject({ largestSessions: [], largestSessionsSampledOneIn: null });
  });

  it('never counts fewer than none', () => {
    const baseline = baselineOf({ left: 8, structural: 8, unrepaired: 0 });
    expect(next({ shares, baseline, primary: { db0: 'keys=110,expires=105' } }).reading.withoutTtl).toBe(0);
  });
});

describe('several databases', () => {
  const primary = { db0: 'keys=110,expires=100', db3: 'keys=500,expires=0', db20: 'keys=40,expires=30' };
  it('are all counted; sessions and the alarm count the swept ones', () => {
    expect(next({ primary, swept: [0, 20] }).reading).toMatchObject({
      keys: 650,
      withoutTtl: 20,
      activeSessions: 150,
      databases: [
        { database: 0, keys: 110, expires: 100, isSwept: true },
        { database: 3, keys: 500, expires: 0, isSwept: false },
        { database: 20, keys: 40, expires: 30, isSwept: true },
      ],
    });
  });

  it('do not hide keys of one behind those that left another', () => {
    const baseline = { ...baselineOf({ left: 10, structural: 10, unrepaired: 0 }) };
    const fewer = { db0: 'keys=105,expires=105', db20: 'keys=40,expires=30' };
    expect(next({ primary: fewer, swept: [0, 20], baseline }).reading.withoutTtl).toBe(10);
  });
});

describe('several primaries', () => {
  it('are summed, and memory is that of the fullest', () => {
    const nodes = [primaryInfo(), primaryInfo({ run_id: 'c', used_memory: 900 })].map((info, index) => readNode(`n${index}:1`, info));
    expect(takeReading(observe({ nodes }), undefined).reading).toMatchObject({
      keys: 220,
      memoryUsedBytes: 1_300,
      memoryMaxBytes: 2_000,
      memoryPercent: 90,
    });
  });
});
