import type { DialectShares } from '../records/dialect-shares.ts';
import { compareWithBaseline, type TtlBaseline, totalsOf, WITHOUT_TTL_THRESHOLD } from '../records/ttl-baseline.ts';
import { sumDatabases } from '../shared/store/parse-info.ts';
import type { NodeError, StoreReading, StoreRecord, WindowSample } from './contract.ts';
import { countSince, hitRateOf } from './count-since.ts';
import { chooseBaseline, estimateSessions } from './estimate-sessions.ts';
import { forecastMemory } from './forecast-memory.ts';
import { judgeLag } from './judge-lag.ts';
import { bytesPerSession } from './measure-sessions.ts';
import { noteFailover, streamEndOf } from './note-failover.ts';
import type { NodeSample } from './read-node.ts';
import { addSample, baselineOf } from './sample-window.ts';

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
  /** Undefined where the shards are not known. */
  readonly shardsWithoutPrimary?: number | undefined;
}

/** The record after this observation of the store. @param before the record of the previous reading; undefined at the first */
export function takeReading(observation: Observation, before: StoreRecord | undefined): StoreRecord {
  const { nodes, failed, shares, baseline, swept, startedAtMs, nowMs, sampleSeconds } = observation;
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const sum = (part: (node: NodeSample) => number) => primaries.reduce((total, node) => total + part(node), 0);
  const elapsedSeconds = before === undefined ? 0 : (nowMs - before.reading.takenAtMs) / 1000;
  const since = (counter: Parameters<typeof countSince>[0]) => countSince(counter, nodes, before?.counters, elapsedSeconds);

  const engineCpuOf = (node: NodeSample) => {
    const seconds = countSince('engineSeconds', [node], before?.counters, elapsedSeconds);
    return seconds === undefined || elapsedSeconds === 0 ? [] : [Math.min(100, Math.round((seconds / elapsedSeconds) * 1_000) / 10)];
  };
  const engineCpu = nodes.flatMap(engineCpuOf);

  const databases = sumDatabases(primaries.map((node) => node.databases)).map((one) => ({ ...one, isSwept: swept.includes(one.database) }));
  const keysIn = (counts: typeof databases) => counts.reduce((total, { keys }) => total + keys, 0);
  const keys = keysIn(databases);
  const sweptKeys = keysIn(databases.filter(({ isSwept }) => isSwept));
  const sweep = chooseBaseline(shares, before?.sweep, sweptKeys);
  const sessions = estimateSessions(sweptKeys, sweep);
  const { withoutTtl, repairable } = compareWithBaseline(databases, swept, baseline);
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
  const window = before?.window ?? [];
  const forecast = forecastMemory([...window, sample]);
  const lag = judgeLag(nodes);
  const runIds = primaries.map(({ runId }) => runId);

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
        hasOtherKeys: sweptKeys < keys,
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
    ...(observation.shardsWithoutPrimary !== undefined && { shardsWithoutPrimary: observation.shardsWithoutPrimary }),
    failovers: before === undefined ? 0 : runIds.filter((runId) => !before.primaries.includes(runId)).length,
    authenticationFailures: since('authenticationFailures') ?? null,
    countsAuthenticationFailures: nodes.some(({ counters }) => counters.authenticationFailures !== null),
    ...dropsFrom(window, sample),
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
          keys: databases.reduce((total, { keys }) => total + keys, 0),
          ...(engineCpuPercent !== undefined && { engineCpuPercent }),
        };
      }),
      ...failed,
    ],
    collectMs: nowMs - startedAtMs,
  };
  const stream = streamEndOf(primaries, before, nowMs);
  const lastFailover = noteFailover(primaries, before, reading) ?? before?.lastFailover;
  return {
    reading,
    ...(stream && { stream }),
    ...(lastFailover && { lastFailover }),
    counters: Object.fromEntries(nodes.map(({ runId, counters }) => [runId, counters])),
    primaries: runIds,
    window: addSample(window, sample, sampleSeconds),
    ...(sweep && { sweep: { takenAtMs: sweep.shares.takenAtMs, keys: sweep.keys } }),
    // A sweep that could not repair keys is no answer to them: it has its own alarm.
    ...(repairable >= WITHOUT_TTL_THRESHOLD && { pilingSinceMs: before?.pilingSinceMs ?? nowMs }),
    watchedSinceMs: before?.watchedSinceMs ?? nowMs,
  };
}

const ageOf = (atMs: number, nowMs: number): number => Math.max(0, Math.round((nowMs - atMs) / 1000));

function memoryOf(primaries: readonly NodeSample[]): Pick<StoreReading, 'memoryUsedBytes' | 'memoryMaxBytes' | 'memoryPercent'> {
  const limited = primaries.flatMap(({ memoryUsedBytes, memoryMaxBytes }) =>
    memoryMaxBytes === undefined ? [] : [{ memoryUsedBytes, memoryMaxBytes }],
  );
  return {
    memoryUsedBytes: primaries.reduce((sum, node) => sum + node.memoryUsedBytes, 0),
    memoryMaxBytes: limited.length === 0 ? null : limited.reduce((sum, node) => sum + node.memoryMaxBytes, 0),
    memoryPercent: limited.length === 0 ? null : Math.max(...limited.map((node) => (node.memoryUsedBytes / node.memoryMaxBytes) * 100)),
  };
}

/** How far the reading is below the baseline; 0 when it is not. */
function dropsFrom(
  window: readonly WindowSample[],
  { hitRatePercent, activeSessions }: WindowSample,
): Pick<StoreReading, 'hitRateDropPoints' | 'sessionDropPercent'> {
  const baselineRate = baselineOf(window.map((sample) => sample.hitRatePercent));
  const baselineSessions = baselineOf(window.map((sample) => sample.activeSessions));
  return {
    hitRateDropPoints: baselineRate === undefined || hitRatePercent === null ? null : Math.max(0, baselineRate - hitRatePercent),
    sessionDropPercent:
      baselineSessions === undefined || baselineSessions === 0 ? null : Math.max(0, (1 - activeSessions / baselineSessions) * 100),
  };
}
