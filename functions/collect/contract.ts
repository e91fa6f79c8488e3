/**
 * What the collector reads from the session store once a minute, what it keeps for the next reading, and the metrics that it
 * publishes. Times are milliseconds since the epoch; null means unknown, never zero.
 */
import type { KeyTotals, LargeSession } from '../records/dialect-shares.ts';
import type { DatabaseCount } from '../shared/store/parse-info.ts';

export interface NodeStatus {
  readonly name: string;
  readonly role: 'primary' | 'replica';
  readonly keys: number;
  readonly memoryUsedBytes: number;
  readonly connections: number;
  /** How busy its one thread was since the previous reading. Absent where it is not known. */
  readonly engineCpuPercent?: number;
}

/** Keys of one database, over all primaries. */
export interface DatabaseReading extends DatabaseCount {
  readonly isSwept: boolean;
}

export interface NodeError {
  readonly name: string;
  readonly error: string;
}

/** The state of the store at one time. Sums are over primaries only, so that no key counts twice. */
export interface StoreReading {
  readonly takenAtMs: number;
  /** The share of lookups since the previous reading that found their key, over all nodes; null without lookups. */
  readonly hitRatePercent: number | null;
  readonly activeSessions: number;
  /**
   * How `activeSessions` was estimated. `sweep`: by the last count of sessions, and how the number of keys with a TTL has changed since.
   * `keys`: there was no sweep yet, and each key counts as a session.
   */
  readonly activeSessionsFrom: 'sweep' | 'keys';
  /** `activeSessions` by dialect; empty before the first sweep. */
  readonly sessionsByDialect: Readonly<Record<string, number>>;
  /** In all databases. */
  readonly keys: number;
  /** Every database that has keys; sweeps repair keys in the swept ones. */
  readonly databases: readonly DatabaseReading[];
  /** Keys without a TTL in the swept databases beyond those that the last full sweep left on purpose. */
  readonly withoutTtl: number;
  /** Those keys without a TTL that the last full sweep could not repair. */
  readonly unrepaired: number;
  /** Keys without a TTL that the last full sweep left on purpose; null before the first. */
  readonly leftOnPurpose: number | null;
  /** Those left on purpose that have no TTL by design. */
  readonly structural: number | null;
  readonly memoryUsedBytes: number;
  readonly memoryMaxBytes: number | null;
  /** The share that the fullest primary uses. */
  readonly memoryPercent: number | null;
  readonly bytesPerSession: number | null;
  /** Since the previous reading; null at the first. */
  readonly evictions: number | null;
  /** Writes that a node refused since the previous reading (OOM, READONLY, NOREPLICAS, MISCONF); null as `authenticationFailures` is. */
  readonly refusedWrites: number | null;
  /** The processor time of the busiest node, since the previous reading; null at the first. */
  readonly engineCpuPercent: number | null;
  /** The connections of the node with the most. */
  readonly connections: number;
  readonly connectionsPercent: number;
  readonly replicationLagSeconds: number | null;
  readonly replicationLagBytes: number | null;
  readonly replicas: number;
  readonly growthBytesPerHour: number | null;
  /** Null when memory does not grow, or after too few readings. */
  readonly secondsUntilFull: number | null;
  /** Primaries whose server process is not the same as at the previous reading. */
  readonly failovers: number;
  /** In cluster mode: shards that the cluster names and that no primary answers for; the sums are of the others. Absent: the shards are not known. */
  readonly shardsWithoutPrimary?: number;
  /** Refused authentications since the previous reading; null at the first, and where the engine does not count them. */
  readonly authenticationFailures: number | null;
  /** Redis before 7.2 does not count refused authentications. */
  readonly countsAuthenticationFailures: boolean;
  /** How far the hit rate is below its median of the window, in percentage points; null without either. */
  readonly hitRateDropPoints: number | null;
  /**
   * How far active sessions are below their median of the window, or below the share of it that other days had left at this hour; null
   * without these, as in the first week.
   */
  readonly sessionDropPercent: number | null;
  /** Since the last sweep's end; null before the first sweep. */
  readonly sweepAgeSeconds: number | null;
  /** Since the sweep that found the largest sessions ended; null before the first. */
  readonly largestSessionsAgeSeconds: number | null;
  /** The largest sessions that this sweep found, largest first. */
  readonly largestSessions: readonly LargeSession[];
  /** One in `<count>` sessions was measured to find them, 1: all were; null before the first sweep. */
  readonly largestSessionsSampledOneIn: number | null;
  readonly nodes: readonly (NodeStatus | NodeError)[];
  /** Duration of the collection, from the first connection to the last answer. */
  readonly collectMs: number;
}

/** Counters of one server process since its start, or since their reset. */
export interface Counters {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  /** Keys that timed out; absent in records of earlier versions. */
  readonly expired?: number;
  readonly authenticationFailures: number | null;
  readonly refusedWrites: number | null;
  /** Processor time of the engine's one thread. */
  readonly engineSeconds: number | null;
}

/** A sample that later readings are compared with. */
export interface WindowSample {
  readonly atMs: number;
  readonly memoryUsedBytes: number;
  readonly memoryPercent: number | null;
  /** In the terms of the last count; null where it cannot be expressed in them. */
  readonly activeSessions: number | null;
  readonly hitRatePercent: number | null;
}

/** One reading of the last hour and a quarter: since epoch in seconds, sessions, keys of all databases, writes that were refused and keys that were deleted since the reading before. */
export type MinuteSample = readonly [
  atSeconds: number,
  sessions: number,
  keys: number,
  refusedWrites: number | null,
  evictions: number | null,
];

/** What was asked of the store between two readings. */
export interface LookupSample {
  /** Lookups per minute that found their key, and those that did not. */
  readonly found: number;
  readonly missed: number;
  /** Between the two. @default 1, in records of earlier versions */
  readonly minutes?: number;
  /** Keys with a TTL that came less those that went, without those that timed out or were evicted: below 0, somebody deleted them. Null: unknown. */
  readonly net: number | null;
  /** Active sessions at the later reading. */
  readonly sessions: number;
}

/** How people use the store, as the last quarter of an hour shows it. Alarms on it are quiet before it has eight readings. */
export interface Lookups {
  /** Oldest first. */
  readonly samples: readonly LookupSample[];
  /** Lookups per minute that found their key: the most of the last time, sinking slowly. */
  readonly usual: number;
  /** They fell within minutes, from so many per minute, and by how much they are below that now. */
  readonly fallen?: { readonly sinceMs: number; readonly from: number; readonly percent: number };
  /** The share of the sessions that were deleted within three minutes, while people came with them. */
  readonly lostPercent?: number;
  /** Sessions that began at once although no more pages are read, as a share of those that were there. */
  readonly againPercent?: number;
  /** Sessions that begin per minute, where they are far too many for the pages that are read; and how many began per lookup before. */
  readonly begun?: { readonly sinceMs: number; readonly perMinute: number; readonly usual: number };
}

/** The last count of sessions, and the keys of the swept databases at that time. */
export interface SweepCount extends Pick<KeyTotals, 'keys'> {
  readonly takenAtMs: number;
  /** Keys with a TTL. */
  readonly expires: number;
  /** Sessions with a TTL. */
  readonly expiring: number;
  /** Sessions without one. */
  readonly lasting: number;
  /** Identifies how it was counted; absent where that is not known. */
  readonly countedBy?: string;
}

/** How many sessions a day had, hour by hour (UTC), compared with the two hours before. */
export interface DayOfSessions {
  /** Since the epoch. */
  readonly day: number;
  /** The lowest share of the median before; null where too few sessions were there. */
  readonly lowest: readonly (number | null)[];
}

/** The end of the only primary's replication stream, as the next reading needs it. A cluster of several primaries has none. */
export interface StreamEnd {
  /** INFO master_replid. */
  readonly replicationId: string;
  /** INFO master_repl_offset, bytes. */
  readonly offset: number;
  /** Since the previous reading; null at the first one of this stream. */
  readonly bytesPerSecond: number | null;
}

/** A change of the primary, by the readings before and after it: by it the sessions that were lost are estimated. */
export interface FailoverSample {
  readonly before: {
    readonly atMs: number;
    readonly sessions: number;
    /** What the slowest replica had not acknowledged; null without a replica. */
    readonly lagBytes: number | null;
    readonly lagSeconds: number | null;
    readonly bytesPerSession: number | null;
  };
  readonly after: { readonly atMs: number; readonly sessions: number };
  /** How the number of sessions grew before the change: sessions per second, and how far that varies; null with too few samples. */
  readonly trend: { readonly sessionsPerSecond: number; readonly spread: number } | null;
  /** End of the old primary's stream at the reading before; null when it is unknown. */
  readonly stream: Pick<StreamEnd, 'offset' | 'bytesPerSecond'> | null;
  /** Where the new primary continued the old one's stream (INFO second_repl_offset); null when it did not. */
  readonly continuedFrom: number | null;
}

/** No primary answered the collector. */
export interface StoreUnreachable {
  /** When it found so first, without a reading since, and last. */
  readonly sinceMs: number;
  readonly seenAtMs: number;
  /** Why each node could not be read; empty when only replicas answer. */
  readonly failed: readonly NodeError[];
}

/** The record of the store: the latest reading, and what the next one needs. */
export interface StoreRecord {
  readonly reading: StoreReading;
  /** Counters of each server process by its run id, which changes with a restart. */
  readonly counters: Readonly<Record<string, Counters>>;
  /** Run ids of the primaries; of a shard that is listed and does not answer, the one that it had. */
  readonly primaries: readonly string[];
  /** In cluster mode: names of the nodes of each primary's shard, by the primary's run id; absent in records of earlier versions too. */
  readonly shards?: Readonly<Record<string, readonly string[]>>;
  readonly stream?: StreamEnd;
  readonly lastFailover?: FailoverSample;
  /** Oldest first. */
  readonly window: readonly WindowSample[];
  /** Oldest first; absent in records of earlier versions. */
  readonly minutes?: readonly MinuteSample[];
  readonly lookups?: Lookups;
  readonly sweep?: SweepCount;
  /** Today and the seven days before, oldest first. */
  readonly days: readonly DayOfSessions[];
  /** When the keys without a TTL that a sweep can repair reached their threshold; absent while they are below it. */
  readonly pilingSinceMs?: number;
  /** When the first reading was taken: without any sweep, its age counts from here. */
  readonly watchedSinceMs: number;
}

/** Environment of the collector, in addition to the store's. */
export const COLLECT_ENV = {
  installation: 'HOLDFAST_INSTALLATION',
  /** Every node, in the format of ElastiCache's attribute ReadEndPoint.Addresses: `[a, b]`. Absent: see store-nodes.ts. */
  storeNodes: 'HOLDFAST_STORE_NODES',
  storeNodePorts: 'HOLDFAST_STORE_NODE_PORTS',
  /** Numbers of the databases that are swept: `0,3`. */
  databases: 'HOLDFAST_STORE_DATABASES',
  collectMinutes: 'HOLDFAST_COLLECT_MINUTES',
  sampleSeconds: 'HOLDFAST_SAMPLE_SECONDS',
  /** Age of the last sweep beyond which it is overdue. */
  sweepOverdueSeconds: 'HOLDFAST_SWEEP_OVERDUE_SECONDS',
  /** How long keys without a TTL can stay above their threshold before a sweep is overdue. */
  sweepAnswerSeconds: 'HOLDFAST_SWEEP_ANSWER_SECONDS',
} as const;

/** Published at every reading, with the one dimension {@link STORE_DIMENSION}. */
export const STORE_METRICS = {
  hitRatePercent: 'HitRatePercent',
  activeSessions: 'ActiveSessions',
  /**
   * Lookups per minute that people are to be expected to make: 0 where they are too few to be seen, or not known yet, {@link PEOPLE_ARE_GONE}
   * while they make next to none. Published ahead, so that no gap of the readings is taken for that.
   */
  expectedLookups: 'ExpectedLookups',
} as const;

/**
 * Published only above a threshold (select-metrics.ts), so that they cost nothing while the store is healthy: CloudWatch
 * charges a custom metric for the hours in which it has data. Their alarms treat missing data as healthy.
 */
export const PROBLEM_METRICS = {
  /** 1 for each time that no primary answered, or, in cluster mode, that a shard has none; without any, nothing else has data. */
  unreachable: 'StoreUnreachable',
  memoryPercent: 'MemoryPercent',
  secondsUntilFull: 'SecondsUntilFull',
  evictions: 'Evictions',
  refusedWrites: 'RefusedWrites',
  engineCpuPercent: 'EngineCpuPercent',
  withoutTtl: 'SessionsWithoutTtl',
  unrepaired: 'SweepUnrepaired',
  hitRateDropPoints: 'HitRateDropPoints',
  sessionDropPercent: 'SessionDropPercent',
  /** Sessions that somebody deleted within minutes, while their users came with them. */
  sessionsLostPercent: 'SessionsLostPercent',
  /** Sessions that began at once, of those that were there, although no more pages are read. */
  loginsAgainPercent: 'LoginsAgainPercent',
  /** Sessions that begin per minute, where they are far too many for the pages that are read. */
  sessionsBegun: 'SessionsBegun',
  /** How far lookups are below what they were before they fell within minutes. */
  lookupsFallPercent: 'LookupsFallPercent',
  replicationLagSeconds: 'ReplicationLagSeconds',
  failovers: 'Failovers',
  connectionsPercent: 'ConnectionsPercent',
  authenticationFailures: 'AuthenticationFailures',
  sweepOverdueSeconds: 'SweepOverdueSeconds',
} as const;

export const STORE_DIMENSION = 'Installation';

/**
 * With such a part of what is expected, less so many a minute, people go on: lookups that find a session, or pages. At night, of fifteen, two do.
 * What is expected is the most of half an hour, of which an evening leaves half.
 */
export const PEOPLE_GO_ON = { share: 0.25, less: 2.25 } as const;
/** Expected lookups that no number of pages comes near. */
export const PEOPLE_ARE_GONE = 1_000_000_000;
/** Without so many readings the collector is silent, which is an alarm; until then, what it expected holds. */
export const SILENT_READINGS = 5;
