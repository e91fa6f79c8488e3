import type { DialectShares } from '../shared/dialect-shares.ts';
import { type NodeUnread, type StoreReading, type StoreRecord, WITHOUT_TTL_THRESHOLD, type WindowSample } from './contract.ts';
import { countSince, hitRateOf } from './count-since.ts';
import { estimateSessions, knowSweep, structuralKeys } from './estimate-sessions.ts';
import { forecastMemory } from './forecast-memory.ts';
import { judgeLag } from './judge-lag.ts';
import { keepSample, usualOf } from './keep-window.ts';
import type { NodeSample } from './read-node.ts';

/** Everything that one reading is made of. */
export interface Look {
  readonly nodes: readonly NodeSample[];
  readonly unread: readonly NodeUnread[];
  readonly shares: DialectShares | undefined;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly sampleSeconds: number;
}

/** The record after this look at the store. @param before the record as the last reading left it; undefined at the first */
export function takeReading(look: Look, before: StoreRecord | undefined): StoreRecord {
  const { nodes, unread, shares, startedAtMs, nowMs, sampleSeconds } = look;
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const sum = (part: (node: NodeSample) => number) => primaries.reduce((total, node) => total + part(node), 0);
  const elapsedSeconds = before === undefined ? 0 : (nowMs - before.reading.takenAtMs) / 1000;
  const since = (counter: Parameters<typeof countSince>[0]) => countSince(counter, nodes, before?.counters, elapsedSeconds);

  const keys = sum((node) => node.keys);
  const sweep = knowSweep(shares, before?.sweep, keys);
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
    // A record of before they were kept has none.
    largestSessions: shares?.largest ?? [],
    largestSessionsOneIn: shares?.largestOneIn ?? null,
    nodes: [
      ...nodes.map(({ name, role, keys, memoryUsedBytes, connections }) => ({ name, role, keys, memoryUsedBytes, connections })),
      ...unread,
    ],
    collectMs: nowMs - startedAtMs,
  };
  return {
    reading,
    counters: Object.fromEntries(nodes.map(({ runId, counters }) => [runId, counters])),
    primaries: runIds,
    window: keepSample(window, sample, sampleSeconds),
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

/** How far the reading is below what was usual; 0 when it is not. */
function dropsFrom(
  window: readonly WindowSample[],
  { hitRatePercent, activeSessions }: WindowSample,
): Pick<StoreReading, 'hitRateDropPoints' | 'sessionDropPercent'> {
  const usualRate = usualOf(window.map((sample) => sample.hitRatePercent));
  const usualSessions = usualOf(window.map((sample) => sample.activeSessions));
  return {
    hitRateDropPoints: usualRate === undefined || hitRatePercent === null ? null : Math.max(0, usualRate - hitRatePercent),
    sessionDropPercent: usualSessions === undefined || usualSessions === 0 ? null : Math.max(0, (1 - activeSessions / usualSessions) * 100),
  };
}
