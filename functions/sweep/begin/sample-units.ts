/** Samples of the store by the steps that begin a sweep, or find that none is needed. */

import { createHash } from 'node:crypto';
import { type DialectShares, type KeyTotals, totalOf } from '../../records/dialect-shares.ts';
import type { TtlBaseline } from '../../records/ttl-baseline.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { JudgedDialect } from '../contract/record.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { SweepContext } from '../contract/steps.ts';
import type { HashId } from '../keys/hash-id.ts';
import { type ConnectToNode, connectToShard, findShards } from '../nodes/shards.ts';
import type { SweepReport } from '../report/make-report.ts';
import { refreshShares, withTtlIn } from '../report/refresh-shares.ts';
import type { ShardPorts } from '../shard-ports.ts';
import type { SweepRecords } from '../sweep-records.ts';
import { addEach, judgeConfigured, NO_COUNT } from './judge-configured.ts';
import { sampleStore, type UnitSample } from './sample-store.ts';

export interface BeginPorts extends Pick<ShardPorts, 'now' | 'pause'> {
  readonly connect: ConnectToNode;
  readonly records: SweepRecords;
  /** What the last full sweep left. */
  readonly baseline: { get(): Promise<TtlBaseline | undefined>; put(baseline: TtlBaseline): Promise<void> };
  readonly shares: () => Promise<DialectShares | undefined>;
  readonly saveShares: (shares: DialectShares) => Promise<void>;
  readonly saveReport: (key: string, report: SweepReport) => Promise<void>;
  readonly hashId: () => Promise<HashId>;
  readonly log: Log;
  readonly settings: SweepSettings;
  /** Version of the function, which a baseline is bound to. */
  readonly version: string;
}

interface Sampled extends Pick<SweepContext, 'sweepId' | 'settings'> {
  readonly counters?: SweepContext['counters'] | undefined;
}

/** Undefined when the store failed meanwhile: the counters decide without it. */
export async function sampleUnits(
  ports: BeginPorts,
  { settings, sweepId, countsConfigured = false }: Sampled & { readonly countsConfigured?: boolean },
): Promise<readonly UnitSample[] | undefined> {
  try {
    const units = await findShards(ports.connect, settings.databases);
    const connect = (unit: string) => connectToShard(ports.connect, unit, units);
    const { now, pause } = ports;
    return await sampleStore({ connect, settings, hashId: await ports.hashId(), now, pause, seed: sweepId, countsConfigured }, units);
  } catch (error) {
    ports.log.warn(LOG_EVENTS.sweepNotSampled, { sweepId, error: describeError(error) });
    return undefined;
  }
}

/** What each of the configuration's dialects takes of a sample. */
export function judgeSampled(samples: readonly UnitSample[] | undefined, { dialects }: Sampled['settings']): readonly JudgedDialect[] {
  if (samples === undefined) return [];
  const counts = samples
    .flatMap(({ configured }) => (configured ? [configured] : []))
    .reduce(
      addEach,
      dialects.map(() => NO_COUNT),
    );
  const keys = sumOf(samples, ({ tally }) => tally.keys);
  return dialects.map((dialect, at) => judgeConfigured(dialect, counts[at] ?? NO_COUNT, keys));
}

/** So many keys with a TTL show the share of the sessions: where they have a tenth, a hundred of them, give or take ten. */
const ENOUGH_WITH_TTL = 1_000;

/** Whether a sample shows how many sessions there are: among a million jobs it can miss them all, and an earlier count is better. Pure. */
export const showsSessions = (samples: readonly Pick<UnitSample, 'tally' | 'isComplete'>[]): boolean =>
  samples.every(({ isComplete }) => isComplete) || sumOf(samples, ({ tally }) => withTtlIn(tally)) >= ENOUGH_WITH_TTL;

/** Two such counts can be compared. In cluster mode a sample can come from a part of the store that has a cache's keys alone. Pure. */
export const countedAs = (samples: readonly Pick<UnitSample, 'isMixed'>[], key: string | undefined): Pick<DialectShares, 'countedBy'> =>
  key !== undefined && samples.every(({ isMixed }) => isMixed) ? { countedBy: key } : {};

/** Undefined where the counters are not known. */
export const totalIn = ({ settings, counters }: Sampled): KeyTotals | undefined =>
  counters && totalOf(counters.counts.filter(({ database }) => settings.databases.includes(database)));

/** From this change of the number of keys on, sessions are counted again: between two counts, what came and went is not known. */
const CHANGED_PART = 0.1;
/** A cache of this part of the keys with a TTL can hide by its growth that sessions end: they are counted again after an hour. */
const CACHE_PART = 0.1;
const HOUR_MS = 3_600_000;

/** Counts sessions by a sample where the store has changed, or can have, since they were counted last. Repairs nothing. */
export async function countAgain(ports: BeginPorts, sampled: Sampled & Pick<SweepContext, 'settingsKey'>): Promise<void> {
  const known = await ports.shares();
  const counts = totalIn(sampled);
  if (known === undefined || counts === undefined || !(hasChanged(known.counts, counts) || isStale(known, ports.now()))) return;
  const samples = await sampleUnits(ports, sampled);
  if (samples === undefined || !showsSessions(samples)) return;
  const refreshed = { ...refreshShares(samples, known, counts, ports.now()), ...countedAs(samples, sampled.settingsKey) };
  // It is no sweep, whose age an alarm watches.
  await ports.saveShares({ ...refreshed, sweptAtMs: known.sweptAtMs ?? known.takenAtMs });
}

/** The check that runs every hour can be some minutes early. */
const isStale = ({ takenAtMs, counts, othersWithTtl }: DialectShares, nowMs: number): boolean =>
  counts !== undefined && othersWithTtl > counts.expires * CACHE_PART && nowMs - takenAtMs >= HOUR_MS * 0.9;

function hasChanged(then: KeyTotals | undefined, now: KeyTotals): boolean {
  if (then === undefined) return true;
  const changed = (of: number, from: number) => Math.abs(of - from) > from * CHANGED_PART;
  return changed(now.expires, then.expires) || changed(now.keys - now.expires, then.keys - then.expires);
}

type Deciding = Pick<SweepSettings, 'databases' | 'policy' | 'policies' | 'idleSeconds' | 'dialects' | 'keyPrefixes' | 'onlyKeyPrefixes'>;

/**
 * Identifies what decides which keys a sweep leaves on purpose: the databases, policies, dialects and prefixes, and the version of the
 * function, which can know more dialects than the one before. A baseline is valid for one key.
 */
export function settingsKeyOf(settings: Deciding, version: string): string {
  const { databases, policy, policies, idleSeconds, dialects, keyPrefixes, onlyKeyPrefixes } = settings;
  const ordered = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  const numbers = databases.toSorted((a, b) => a - b);
  const prefixes = onlyKeyPrefixes ? { only: keyPrefixes } : keyPrefixes;
  const deciding = [numbers, policy, ordered(policies), ordered(idleSeconds), dialects, prefixes, version];
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex').slice(0, 16);
}
