/**
 * What the collector reads from the session store once a minute, what it keeps for the next reading, and the metrics
 * that it publishes. Times are milliseconds since the epoch; null is what is not known, never zero.
 */
import type { LargeSession } from '../shared/dialect-shares.ts';

/** A node that answered. */
export interface NodeSeen {
  readonly name: string;
  readonly role: 'primary' | 'replica';
  readonly keys: number;
  readonly memoryUsedBytes: number;
  readonly connections: number;
}

/** A node that did not, and why. */
export interface NodeUnread {
  readonly name: string;
  readonly unread: string;
}

/** The state of the store at one time. Sums are over primaries, so that no replica counts a key twice. */
export interface StoreReading {
  readonly takenAtMs: number;
  /** Of the lookups since the reading before, over all nodes; null when there was none. */
  readonly hitRatePercent: number | null;
  readonly activeSessions: number;
  /** `sweep`: the last sweep's share of sessions × the keys now. `keys`: no sweep has been, and each key counts. */
  readonly activeSessionsFrom: 'sweep' | 'keys';
  /** The same estimate by dialect; empty before the first sweep. */
  readonly sessionsByDialect: Readonly<Record<string, number>>;
  readonly keys: number;
  /** Keys without a TTL that are not structural: `keys − expires − structural`. */
  readonly withoutTtl: number;
  /** Keys without a TTL by design, as the last sweep counted them; null before the first. */
  readonly structural: number | null;
  readonly memoryUsedBytes: number;
  readonly memoryMaxBytes: number | null;
  /** Of the fullest primary. */
  readonly memoryPercent: number | null;
  readonly bytesPerSession: number | null;
  /** Since the reading before; null at the first. */
  readonly evictions: number | null;
  /** Of the node that has most. */
  readonly connections: number;
  readonly connectionsPercent: number;
  readonly replicationLagSeconds: number | null;
  readonly replicationLagBytes: number | null;
  readonly replicas: number;
  readonly growthBytesPerHour: number | null;
  /** Null when memory does not grow, or not enough readings have been. */
  readonly secondsUntilFull: number | null;
  /** Primaries that are another process than at the reading before. */
  readonly failovers: number;
  /** Log-ins refused since the reading before; null where the engine does not count them. */
  readonly authenticationFailures: number | null;
  /** How far the hit rate is below its median of the window, in percentage points; null without either. */
  readonly hitRateDropPoints: number | null;
  /** How far active sessions are below their median of the window; null without it. */
  readonly sessionDropPercent: number | null;
  /** Since the last sweep's end; null when none has been. */
  readonly sweepAgeSeconds: number | null;
  /** As the last sweep found them, `sweepAgeSeconds` ago, largest first; empty when it told none. */
  readonly largestSessions: readonly LargeSession[];
  /** One in so many sessions was weighed to find them, 1 for all; null before the first sweep. */
  readonly largestSessionsOneIn: number | null;
  readonly nodes: readonly (NodeSeen | NodeUnread)[];
  /** From the first connection to the last answer: what one collection takes of the function. */
  readonly collectMs: number;
}

/** Counters of one server process since it began, or since they were reset. */
export interface Counters {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly authenticationFailures: number | null;
}

/** What a later reading compares with. */
export interface WindowSample {
  readonly atMs: number;
  readonly memoryUsedBytes: number;
  readonly memoryPercent: number | null;
  readonly activeSessions: number;
  readonly hitRatePercent: number | null;
}

/** The record of the store: the latest reading, and what the next one needs. */
export interface StoreRecord {
  readonly reading: StoreReading;
  /** By the run id of the process: a restarted server is another one. */
  readonly counters: Readonly<Record<string, Counters>>;
  /** Run ids of the primaries. */
  readonly primaries: readonly string[];
  /** Oldest first. */
  readonly window: readonly WindowSample[];
  /** Keys that were there when the collector first saw the sweep. */
  readonly sweep?: { readonly takenAtMs: number; readonly keys: number };
  /** Since when keys without a TTL pile up; absent while they do not. */
  readonly pilingSinceMs?: number;
  /** When the first reading was taken: what a sweep that never came is overdue since. */
  readonly watchedSinceMs: number;
}

/** Environment of the collector, beside what says where the store is. */
export const COLLECT_ENV = {
  installation: 'HOLDFAST_INSTALLATION',
  /** Every node, as ElastiCache's attribute ReadEndPoint.Addresses writes them: `[a, b]`. Absent: found by INFO, but over TLS. */
  storeNodes: 'HOLDFAST_STORE_NODES',
  storeNodePorts: 'HOLDFAST_STORE_NODE_PORTS',
  /** Seconds between two samples of the window. */
  sampleSeconds: 'HOLDFAST_SAMPLE_SECONDS',
  /** Age of the last sweep beyond which it is overdue. */
  sweepOverdueSeconds: 'HOLDFAST_SWEEP_OVERDUE_SECONDS',
  /** How long keys without a TTL may pile up until one has come. */
  sweepAnswerSeconds: 'HOLDFAST_SWEEP_ANSWER_SECONDS',
} as const;

/** Published at every reading, with the one dimension {@link STORE_DIMENSION}. */
export const STORE_METRICS = {
  hitRatePercent: 'HitRatePercent',
  activeSessions: 'ActiveSessions',
} as const;

/**
 * Published only from the value beside it on, so that they cost nothing while all is well: a custom metric is charged
 * for the hours in which it has data. No data means that there is nothing to tell, and their alarms take it so.
 */
export const TROUBLE_METRICS = {
  memoryPercent: 'MemoryPercent',
  secondsUntilFull: 'SecondsUntilFull',
  evictions: 'Evictions',
  withoutTtl: 'SessionsWithoutTtl',
  hitRateDropPoints: 'HitRateDropPoints',
  sessionDropPercent: 'SessionDropPercent',
  replicationLagSeconds: 'ReplicationLagSeconds',
  failovers: 'Failovers',
  connectionsPercent: 'ConnectionsPercent',
  authenticationFailures: 'AuthenticationFailures',
  sweepOverdueSeconds: 'SweepOverdueSeconds',
} as const;

/** From so many keys without a TTL on, they pile up: the alarm goes off, and starts a sweep. */
export const WITHOUT_TTL_THRESHOLD = 100;

export const STORE_DIMENSION = 'Installation';

/** How the numbers come about that are no plain readings; what `holdfast store` says beside them. */
export const METHODS = {
  hitRatePercent: 'hits of all lookups since the reading before, over all nodes (INFO keyspace_hits, keyspace_misses)',
  activeSessions: "estimate: the last sweep's sessions × keys now / keys then; before the first sweep, every key",
  largestSessions: 'by MEMORY USAGE, of the last sweep; those that expired since are still among them',
  withoutTtl: 'keys − keys that expire − structural keys of the last sweep, over primaries (INFO keyspace)',
  secondsUntilFull: 'what is left of maxmemory / the median slope between every two samples of the window (Theil–Sen)',
  replicationLagSeconds:
    "since the slowest replica's last confirmation, as its primary sees it (INFO replication: lag), or since its link is down, as it says itself",
  replicationLagBytes: "what the slowest replica has not confirmed of its primary's stream (master_repl_offset − offset)",
} as const;
