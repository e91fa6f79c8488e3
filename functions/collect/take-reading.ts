import type { DialectShares } from '../records/dialect-shares.ts';
import { type NodeError, type StoreReading, type StoreRecord, WITHOUT_TTL_THRESHOLD, type WindowSample } from './contract.ts';
import { countSince, hitRateOf } from './count-since.ts';
import { chooseBaseline, estimateSessions, structuralKeys } from './estimate-sessions.ts';
import { forecastMemory } from './forecast-memory.ts';
import { judgeLag } from './judge-lag.ts';
import type { NodeSample } from './read-node.ts';
import { addSample, baselineOf } from './sample-window.ts';

/** The input of one reading. */
export interface Observation {
  readonly nodes: readonly NodeSample[];
  readonly failed: readonly NodeError[];
  readonly shares: DialectShares | undefined;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly sampleSeconds: number;
}

/** The record after this observation of the store. @param before the record of the previous reading; undefined at the first */
export function takeReading(observation: Observation, before: StoreRecord | undefined): StoreRecord {
  const { nodes, failed, shares, startedAtMs, nowMs, sampleSeconds } = observation;
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const sum = (part: (node: NodeSample) => number) => primaries.reduce((total, node) => total + part(node), 0);
  const elapsedSeconds = before === undefined ? 0 : (nowMs - before.reading.takenAtMs) / 1000;
  const since = (counter: Parameters<typeof countSince>[0]) => countSince(counter, nodes, before?.counters, elapsedSeconds);

  const keys = sum((node) => node.keys);
  const sweep = chooseBaseline(shares, before?.sweep, keys);
  const structural = sweep && structuralKeys(sweep.shares);
  const sessions = estimateSessions(keys, sweep);
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
    withoutTtl: Math.max(0, keys - sum((node) => node.expires) - (structural ?? 0)),
    structural: structural ?? null,
    ...memory,
    bytesPerSession: sessions.activeSessions === 0 ? null : Math.round(sum((node) => node.datasetBytes) / sessions.activeSessions),
    evictions: since('evictions') ?? null,
    connections: Math.max(...nodes.map((node) => node.connections)),
    connectionsPercent: Math.max(...nodes.map((node) => (node.connections / node.maxConnections) * 100)),
    replicationLagSeconds: lag.seconds ?? null,
    replicationLagBytes: lag.bytes ?? null,
    replicas: lag.replicas,
    growthBytesPerHour: forecast.growthBytesPerHour === undefined ? null : Math.round(forecast.growthBytesPerHour),
    secondsUntilFull: forecast.secondsUntilFull ?? null,
    failovers: before === undefined ? 0 : runIds.filter((runId) => !before.primaries.includes(runId)).length,
    authenticationFailures: since('authenticationFailures') ?? null,
    ...dropsFrom(window, sample),
    sweepAgeSeconds: shares === undefined ? null : Math.max(0, Math.round((nowMs - shares.takenAtMs) / 1000)),
    largestSessions: shares?.largest ?? [],
    largestSessionsSampledOneIn: shares?.largestSampledOneIn ?? null,
    nodes: [
      ...nodes.map(({ name, role, keys, memoryUsedBytes, connections }) => ({ name, role, keys, memoryUsedBytes, connections })),
      ...failed,
    ],
    collectMs: nowMs - startedAtMs,
  };
  return {
    reading,
    counters: Object.fromEntries(nodes.map(({ runId, counters }) => [runId, counters])),
    primaries: runIds,
    window: addSample(window, sample, sampleSeconds),
    ...(sweep && { sweep: { takenAtMs: sweep.shares.takenAtMs, keys: sweep.keys } }),
    ...(reading.withoutTtl >= WITHOUT_TTL_THRESHOLD && { pilingSinceMs: before?.pilingSinceMs ?? nowMs }),
    watchedSinceMs: before?.watchedSinceMs ?? nowMs,
  };
}

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
