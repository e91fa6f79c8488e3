/** The store's nodes by their own counters, and a sample of its sessions. Reads alone; no value of a session leaves the function. */
import type { Redis } from 'ioredis';
import type { StoreNode } from '../../../collect/collect.ts';
import type { StoreNodes } from '../../../records/store-nodes.ts';
import { valueAt } from '../../../shared/arithmetic.ts';
import { describeError } from '../../../shared/errors.ts';
import { databasesIn, idleMarkOf, parseInfo } from '../../../shared/store/parse-info.ts';
import { type Classify, primarySince } from '../../../sweep/keys/classify-key.ts';
import type { Collector } from '../../contract/environment.ts';
import type { DialectFacts, StoreNodeFacts } from '../../contract/store-facts.ts';
import { describeFailure, describeNode, timed } from './describe-node.ts';
import { readSample, type SampledKey } from './read-sample.ts';

export type UnitSample = { readonly sample: readonly SampledKey[]; readonly keys: number };

/** Databases differ in size: the keys of a sample are weighted by those of its own database. Pure. */
export function summarize(units: readonly UnitSample[]): readonly DialectFacts[] {
  const byDialect = Map.groupBy(
    units.flatMap(({ sample }) => sample),
    ({ dialect }) => dialect,
  );
  const keysOf = (dialect: string) =>
    units.reduce((sum, { sample, keys }) => {
      const found = sample.filter((one) => one.dialect === dialect).length;
      return sum + (keys * found) / Math.max(1, sample.length);
    }, 0);
  return [...byDialect]
    .map(([dialect, all]) => describeDialect(dialect, all, Math.round(keysOf(dialect))))
    .toSorted((one, other) => other.keys - one.keys);
}

function describeDialect(dialect: string, all: readonly SampledKey[], keys: number): DialectFacts {
  // Keys that a library needs besides its sessions are left out: some have no TTL by design, and the set in which Spring Session 3.4 and later
  // lists the sessions that end in one minute has none until Spring gives it one.
  const judged = all.filter(({ role }) => role === 'session' || role === 'unknown');
  const structural = all.filter(({ role }) => role === 'structural').length;
  const sessions = all.filter(({ role }) => role === 'session');
  const without = judged.filter(({ ttlSeconds }) => ttlSeconds === null);
  const ttls = sessions.flatMap(({ ttlSeconds }) => ttlSeconds ?? []).toSorted(ascending);
  const lives = sessions.flatMap((one) => one.declaredLifeSeconds ?? []).toSorted(ascending);
  const sessionLives = sessions.flatMap((one) => lifeOf(one) ?? []).toSorted(ascending);
  return {
    dialect,
    keys,
    sampled: judged.length,
    structural,
    companions: all.length - judged.length - structural,
    withoutTtl: without.length,
    ttlSeconds: ttls.length > 0 ? { min: valueAt(ttls, 0), median: valueAt(ttls, 0.5), max: valueAt(ttls, 1) } : null,
    declaredLifeSeconds: lives.length > 0 ? valueAt(lives, 0.5) : null,
    livesSeconds: sessionLives.length > 0 ? { median: valueAt(sessionLives, 0.5), p90: valueAt(sessionLives, 0.9) } : null,
    lives: byPowerOfTwo(sessionLives),
  };
}

/** Where a session declares none, its TTL when it was last used: at most a use without a new TTL makes it look shorter. */
function lifeOf({ declaredLifeSeconds, ttlSeconds, idleSeconds = 0 }: SampledKey): number | undefined {
  if (declaredLifeSeconds !== undefined && declaredLifeSeconds >= 1) return declaredLifeSeconds;
  return ttlSeconds === null ? undefined : ttlSeconds + idleSeconds;
}

export const sizesOf = (sample: readonly SampledKey[]): Readonly<Record<string, number>> =>
  byPowerOfTwo(sample.flatMap(({ bytes }) => bytes ?? []));

function byPowerOfTwo(values: readonly number[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    if (value < 1) continue;
    const power = String(2 ** Math.floor(Math.log2(value)));
    counts[power] = (counts[power] ?? 0) + 1;
  }
  return counts;
}

const ascending = (one: number, other: number): number => one - other;

/** All primaries and databases share these pages: some 6,000 keys in SCAN's hashed order, a fair sample. */
const MOST_PAGES = 60;
/** Below the collector's own limit of 50 s, with up to 10 s of reading the nodes before. */
const SAMPLE_MS = 25_000;

export interface StoreCollectorPorts {
  /** The store's own address, where writes are expected. */
  endpoint(): Promise<StoreNode>;
  nodes(): Promise<readonly StoreNode[]>;
  record(): Promise<StoreNodes | undefined>;
  connect(node: Pick<StoreNode, 'host' | 'port'>, database: number): Promise<Redis>;
  readonly databases: readonly number[];
  readonly classify: Classify;
  /** Then the primary's idle times do not show each use. */
  readonly applicationReadsReplicas?: boolean;
  readonly now: () => number;
}

export function createStoreCollector(ports: StoreCollectorPorts): Collector<'store'> {
  return async () => {
    const gaps: string[] = [];
    const [endpoint, nodes] = await Promise.all([
      ports.endpoint(),
      ports.nodes().catch((error: unknown) => {
        gaps.push(`the store's nodes could not be read from the records: ${describeError(error)}`);
        return [];
      }),
    ]);
    const record = ports.applicationReadsReplicas ? undefined : await ports.record().catch(() => undefined);
    const read = withoutDoubles(await Promise.all([endpoint, ...nodes].map((node) => readOne(node, node === endpoint, ports.now))));
    const primaries = read.flatMap(({ node, info, facts }) => (info !== undefined && facts.role === 'primary' ? [{ node, info }] : []));
    const units = primaries.flatMap(({ node, info }) =>
      databasesIn(parseInfo(info))
        .filter(({ database }) => ports.databases.includes(database))
        .map(({ database, keys }) => ({ node, database, keys, primarySinceMs: primarySince(record, idlingNode(info), ports.now()) })),
    );
    const endsAtMs = ports.now() + SAMPLE_MS;
    if (primaries.length === 0) gaps.push('no primary answered: its sessions were not sampled');
    const sampled: UnitSample[] = [];
    for (const { node, database, keys, primarySinceMs } of units) {
      try {
        const redis = await ports.connect(node, database);
        try {
          const pages = Math.max(1, Math.floor(MOST_PAGES / units.length));
          const { classify, now } = ports;
          const sample = await readSample(redis, { classify, pages, mayGoOn: () => now() < endsAtMs, primarySinceMs, now });
          sampled.push({ keys, sample });
        } finally {
          redis.disconnect();
        }
      } catch (error) {
        gaps.push(`the sessions of ${node.name}, database ${database}, were not sampled: ${describeError(error)}`);
      }
    }
    return {
      takenAtMs: ports.now(),
      facts: {
        nodes: read.map(({ facts }) => facts),
        dialects: summarize(sampled),
        sizes: sizesOf(sampled.flatMap(({ sample }) => sample)),
      },
      ...(gaps.length > 0 && { gaps }),
    };
  };
}

function idlingNode(text: string) {
  const info = parseInfo(text);
  return { runId: info.get('run_id') ?? '', replicationId: info.get('master_replid') ?? '', idleMark: idleMarkOf(info) };
}

type ReadNode = { readonly node: StoreNode; readonly isEndpoint: boolean; readonly info?: string; readonly facts: StoreNodeFacts };

async function readOne(node: StoreNode, isEndpoint: boolean, now: () => number): Promise<ReadNode> {
  const askedMs = now();
  try {
    const info = await node.info();
    return { node, isEndpoint, info, facts: timed(describeNode(node.name, info, isEndpoint), now() - askedMs) };
  } catch (error) {
    return { node, isEndpoint, facts: describeFailure(node.name, error) };
  }
}

/** The node behind the store's address counts once, by that. Where the address does not answer, that node is among the others. */
function withoutDoubles(read: readonly ReadNode[]): readonly ReadNode[] {
  const runOf = ({ info }: ReadNode) => (info === undefined ? undefined : parseInfo(info).get('run_id'));
  const [endpoint] = read;
  const behind = endpoint && runOf(endpoint);
  const others = read.filter((one) => !one.isEndpoint && one.node.name !== endpoint?.node.name);
  const isNode = behind !== undefined || others.length < read.length - 1;
  return read.flatMap((one) => {
    if (one.isEndpoint) return isNode || others.length === 0 ? [one] : [{ ...one, facts: { ...one.facts, isAddress: true as const } }];
    return others.includes(one) && (behind === undefined || runOf(one) !== behind) ? [one] : [];
  });
}
