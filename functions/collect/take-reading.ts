import { type DialectShares, type KeyTotals, totalOf } from '../records/dialect-shares.ts';
import { compareWithBaseline, type TtlBaseline, totalsOf, WITHOUT_TTL_THRESHOLD } from '../records/ttl-baseline.ts';
import { roundTo, sumOf } from '../shared/arithmetic.ts';
import { sumDatabases } from '../shared/store/parse-info.ts';
import type { NodeError, StoreReading, StoreRecord, SweepCount, WindowSample } from './contract.ts';
import {
  bytesPerSession,
  chooseBaseline,
  estimateSessions,
  FEWEST_SESSIONS,
  measuredBefore,
  noteShare,
  type SweepBaseline,
  sessionsBy,
  usualShare,
} from './estimate-sessions.ts';
import { noteFailover, notePrimaries, streamEndOf } from './note-failover.ts';
import type { NodeSample } from './read-node.ts';
import { addMinute, addSample, baselineOf, countSince, forecastMemory, hitRateOf, judgeLag } from './sample-window.ts';
import { MOST_OTHERS, watchLookups } from './watch-lookups.ts';

/** The input of one reading. */
export interface Observation {
  readonly nodes: readonly NodeSample[];
  readonly failed: readonly NodeError[];
  readonly shares: DialectShares | undefined;
  readonly baseline: TtlBaseline | undefined;
  /** Numbers of the swept databases. */
  readonly swept: readonly number[];
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly sampleSeconds: number;
  /** Names of each shard's nodes; undefined where the shards are not known. */
  readonly shards?: readonly (readonly string[])[] | undefined;
}

/** Shards of which no primary answered; undefined where the shards are not known. A replica can answer for one whose primary does not. */
export function shardsWithoutPrimary({ shards, nodes }: Pick<Observation, 'shards' | 'nodes'>): number | undefined {
  const primaries = nodes.flatMap(({ name, role }) => (role === 'primary' ? [name] : []));
  return shards?.filter((names) => !names.some((name) => primaries.includes(name))).length;
}

/** The record after this observation of the store. @param before the record of the previous reading; undefined at the first */
export function takeReading(observation: Observation, before: StoreRecord | undefined): StoreRecord {
  const { nodes, failed, shares, baseline, startedAtMs, nowMs, sampleSeconds } = observation;
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const sum = (part: (node: NodeSample) => number) => sumOf(primaries, (node) => part(node));
  const elapsedSeconds = before === undefined ? 0 : (nowMs - before.reading.takenAtMs) / 1000;
  const since = (counter: Parameters<typeof countSince>[0]) => countSince(counter, nodes, before?.counters, elapsedSeconds);

  const engineCpuOf = (node: NodeSample) => {
    const seconds = countSince('engineSeconds', [node], before?.counters, elapsedSeconds);
    return seconds === undefined || elapsedSeconds === 0 ? [] : [Math.min(100, roundTo((seconds / elapsedSeconds) * 100, 1))];
  };
  const engineCpu = nodes.flatMap(engineCpuOf);

  const databases = sumDatabases(primaries.map((node) => node.databases)).map((one) => ({
    ...one,
    isSwept: observation.swept.includes(one.database),
  }));
  const keysIn = (counts: typeof databases) => sumOf(counts, ({ keys }) => keys);
  const keys = keysIn(databases);
  const swept = totalOf(databases.filter(({ isSwept }) => isSwept));
  const sweep = chooseBaseline(shares, before?.sweep, swept);
  const { atMost, ...sessions } = estimateSessions(swept, sweep);
  const { withoutTtl, repairable } = compareWithBaseline(databases, observation.swept, baseline);
  const left = baseline && totalsOf(baseline);
  const memory = memoryOf(primaries);
  const hitRatePercent = hitRateOf(since('hits'), since('misses')) ?? null;
  const sample: WindowSample = {
    atMs: nowMs,
    memoryUsedBytes: memory.memoryUsedBytes,
    memoryPercent: memory.memoryPercent,
    activeSessions: sessions.activeSessions,
    hitRatePercent,
  };
  const last = before && recount(before, sweep, swept);
  const window = last?.window ?? [];
  const forecast = forecastMemory([...window, sample]);
  const lag = judgeLag(nodes);
  // Keys that a primary has not loaded yet, or that are on a shard which does not answer, have not ended.
  const withoutPrimary = shardsWithoutPrimary(observation);
  const isWhole = !withoutPrimary && primaries.every(({ isLoading }) => !isLoading);
  const median = baselineOf(window.map(({ activeSessions }) => activeSessions));
  const share = sweep && isWhole && median !== undefined && median >= FEWEST_SESSIONS ? atMost / median : undefined;
  const days = noteShare(before?.days ?? [], share, nowMs);
  const drop = share === undefined || median === undefined ? undefined : judgeDrop(share, median, usualShare(days, nowMs));
  const { failovers, ...shards } = notePrimaries(observation, before);

  const reading: StoreReading = {
    takenAtMs: nowMs,
    hitRatePercent,
    ...sessions,
    keys,
    databases,
    withoutTtl,
    unrepaired: withoutTtl - repairable,
    leftOnPurpose: left?.left ?? null,
    structural: left?.structural ?? null,
    ...memory,
    bytesPerSession:
      bytesPerSession(shares, {
        datasetBytes: sum((node) => node.datasetBytes),
        sessions: sessions.activeSessions,
        hasOtherKeys: swept.keys < keys,
      }) ?? null,
    evictions: since('evictions') ?? null,
    refusedWrites: since('refusedWrites') ?? null,
    engineCpuPercent: engineCpu.length === 0 ? null : Math.max(...engineCpu),
    connections: Math.max(...nodes.map((node) => node.connections)),
    connectionsPercent: Math.max(...nodes.map((node) => (node.connections / node.maxConnections) * 100)),
    replicationLagSeconds: lag.seconds ?? null,
    replicationLagBytes: lag.bytes ?? null,
    replicas: lag.replicas,
    growthBytesPerHour: forecast.growthBytesPerHour === undefined ? null : Math.round(forecast.growthBytesPerHour),
    secondsUntilFull: forecast.secondsUntilFull ?? null,
    ...(withoutPrimary !== undefined && { shardsWithoutPrimary: withoutPrimary }),
    failovers,
    authenticationFailures: since('authenticationFailures') ?? null,
    countsAuthenticationFailures: nodes.some(({ counters }) => counters.authenticationFailures !== null),
    hitRateDropPoints: hitRateDrop(window, sample),
    sessionDropPercent: drop ?? null,
    sweepAgeSeconds: shares === undefined ? null : ageOf(shares.sweptAtMs ?? shares.takenAtMs, nowMs),
    largestSessionsAgeSeconds: shares === undefined ? null : ageOf(shares.largestTakenAtMs ?? shares.takenAtMs, nowMs),
    largestSessions: shares?.largest ?? [],
    largestSessionsSampledOneIn: shares?.largestSampledOneIn ?? null,
    nodes: [
      ...nodes.map((node) => {
        const { name, role, databases, memoryUsedBytes, connections } = node;
        const [engineCpuPercent] = engineCpuOf(node);
        return {
          ...{ name, role, memoryUsedBytes, connections },
          keys: sumOf(databases, ({ keys }) => keys),
          ...(engineCpuPercent !== undefined && { engineCpuPercent }),
        };
      }),
      ...failed,
    ],
    collectMs: nowMs - startedAtMs,
  };
  const lookups = watchLookups(before?.lookups, {
    ...{ atMs: nowMs, elapsedSeconds, found: since('hits'), missed: since('misses'), sessions: reading.activeSessions },
    net: isWhole && sweep && sweep.others <= sweep.expires * MOST_OTHERS ? netOf(swept, before, since) : null,
  });
  const stream = streamEndOf(primaries, before, nowMs);
  const lastFailover = noteFailover(primaries, last, reading) ?? before?.lastFailover;
  return {
    reading,
    ...(stream && { stream }),
    ...(lastFailover && { lastFailover }),
    counters: Object.fromEntries(nodes.map(({ runId, counters }) => [runId, counters])),
    ...shards,
    window: addSample(window, sample, sampleSeconds),
    minutes: addMinute(before?.minutes ?? [], [
      Math.floor(nowMs / 1_000),
      reading.activeSessions,
      keys,
      reading.refusedWrites ?? null,
      reading.evictions,
    ]),
    ...(lookups && { lookups }),
    ...(sweep && { sweep: countOf(sweep) }),
    days,
    // A sweep that could not repair keys is no answer to them: it has its own alarm.
    ...(repairable >= WITHOUT_TTL_THRESHOLD && { pilingSinceMs: before?.pilingSinceMs ?? nowMs }),
    watchedSinceMs: before?.watchedSinceMs ?? nowMs,
  };
}

/** Keys with a TTL that came and were deleted, without those that went by themselves. Null: unknown. */
function netOf(
  swept: KeyTotals,
  before: StoreRecord | undefined,
  since: (counter: 'expired' | 'evictions') => number | undefined,
): number | null {
  const [expired, evicted] = [since('expired'), since('evictions')];
  if (before === undefined || expired === undefined || evicted === undefined) return null;
  const earlier = totalOf(before.reading.databases.filter(({ isSwept }) => isSwept));
  return swept.expires - earlier.expires + expired + evicted;
}

const ageOf = (atMs: number, nowMs: number): number => Math.max(0, Math.round((nowMs - atMs) / 1000));

function memoryOf(primaries: readonly NodeSample[]): Pick<StoreReading, 'memoryUsedBytes' | 'memoryMaxBytes' | 'memoryPercent'> {
  const limited = primaries.flatMap(({ memoryUsedBytes, memoryMaxBytes }) =>
    memoryMaxBytes === undefined ? [] : [{ memoryUsedBytes, memoryMaxBytes }],
  );
  return {
    memoryUsedBytes: sumOf(primaries, (node) => node.memoryUsedBytes),
    memoryMaxBytes: limited.length === 0 ? null : sumOf(limited, (node) => node.memoryMaxBytes),
    memoryPercent: limited.length === 0 ? null : Math.max(...limited.map((node) => (node.memoryUsedBytes / node.memoryMaxBytes) * 100)),
  };
}

const countOf = ({ takenAtMs, keys, expires, expiring, lasting, countedBy }: SweepBaseline): SweepCount => ({
  takenAtMs,
  keys,
  expires,
  expiring,
  lasting,
  ...(countedBy && { countedBy }),
});

/**
 * The previous record in the terms of a new count: that this one counts otherwise is no loss of sessions. The window keeps what the
 * count before has found, if it was made in the same way within the same two hours. Where that count shows no sessions at all, earlier
 * samples cannot be expressed in the new one: they are unknown.
 */
function recount(before: StoreRecord, sweep: SweepBaseline | undefined, swept: KeyTotals): StoreRecord {
  if (sweep?.takenAtMs === before.sweep?.takenAtMs) return before;
  const [earlier, now] = [sessionsBy(before.sweep, swept), sessionsBy(sweep, swept)];
  const recounted = (sessions: number, keys: number) =>
    earlier > 0 ? Math.min(keys, Math.round((sessions * now) / earlier)) : now === earlier ? sessions : undefined;
  const least = sweep ? measuredBefore(before.sweep, sweep) : 0;
  const inWindow = (one: WindowSample): WindowSample => {
    if (one.activeSessions === null) return one;
    const measured = Math.min(one.activeSessions, least);
    const sessions = recounted(one.activeSessions, keysAt(one.atMs, before));
    return { ...one, activeSessions: sessions === undefined && measured === 0 ? null : Math.max(sessions ?? 0, measured) };
  };
  const { activeSessions, keys } = before.reading;
  const reading = { ...before.reading, activeSessions: recounted(activeSessions, keys) ?? Math.round(now) };
  return { ...before, reading, window: before.window.map(inWindow) };
}

/** Keys at that time; the most of those that are on record where its minute is not. */
function keysAt(atMs: number, { minutes = [], reading }: StoreRecord): number {
  const atSeconds = Math.floor(atMs / 1_000);
  const minute = minutes.find(([seconds]) => seconds === atSeconds);
  return minute?.[2] ?? Math.max(reading.keys, ...minutes.map(([, , keys]) => keys));
}

/** How far sessions are below what is usual at this hour, in percent; undefined where that is not known, or too few. */
function judgeDrop(share: number, median: number, usual: number | undefined): number | undefined {
  const expected = usual === undefined ? undefined : Math.min(1, usual);
  return expected === undefined || expected * median < FEWEST_SESSIONS ? undefined : Math.max(0, (1 - share / expected) * 100);
}

/** How far the reading is below the baseline; 0 when it is not. */
function hitRateDrop(window: readonly WindowSample[], { hitRatePercent }: WindowSample): number | null {
  const baseline = baselineOf(window.map((sample) => sample.hitRatePercent));
  return baseline === undefined || hitRatePercent === null ? null : Math.max(0, baseline - hitRatePercent);
}
