/**
 * What a runbook collects before it judges: facts by source. Times are milliseconds since the epoch. A source that failed is a gap
 * with a reason; within a source, an absent or null value is unknown, never zero. No session id, cookie value, path parameter,
 * address or name of a person is in any of it.
 */
import type { FailoverSample, StoreReading, WindowSample } from '../../collect/contract.ts';

/** Where facts come from. Each is collected on its own, with its own time limit. */
export const SOURCES = [
  /** The load balancer's and target group's settings and target states. */
  'balancer',
  /** The load balancer's metrics in CloudWatch. */
  'traffic',
  /** Counters of every node, and a sample of sessions, read from the store. */
  'store',
  /** The replication group's state and events in ElastiCache's API. */
  'storeGroup',
  /** The collector's latest reading and its window, on record. */
  'readings',
  /** The servers' logs and their view of the store, by an SSM document. */
  'servers',
  /** Auto Scaling: suspended processes, recent launches and terminations. */
  'scaling',
  /** Deploys on record. */
  'deploys',
  /** Sweeps on record. */
  'sweeps',
  /** Changes of configuration in CloudTrail. */
  'changes',
  /** Sessions that the canary keeps alive from outside. */
  'canary',
  /** What users have begun and not finished, by the fleets' tables of critical actions. */
  'criticalActions',
] as const;
export type Source = (typeof SOURCES)[number];

/** What one source gave. `gap`: why it gave nothing, in a sentence. */
export type Collected<Facts> =
  | { readonly takenAtMs: number; readonly facts: Facts /** What is missing of it, in sentences. */; readonly gaps?: readonly string[] }
  | { readonly gap: string };

export interface Facts {
  readonly balancer: BalancerFacts;
  readonly traffic: TrafficFacts;
  readonly store: StoreFacts;
  readonly storeGroup: StoreGroupFacts;
  readonly readings: ReadingFacts;
  readonly servers: ServersFacts;
  readonly scaling: ScalingFacts;
  readonly deploys: DeployFacts;
  readonly sweeps: SweepFacts;
  readonly changes: ChangeFacts;
  readonly canary: CanaryFacts;
  readonly criticalActions: CriticalActionFacts;
}

/** All evidence of one run of a runbook. */
export interface Evidence {
  readonly incidentId: string;
  /** Begin of what is looked at: the hour before the incident's first sign. */
  readonly fromMs: number;
  readonly toMs: number;
  /** When the trouble showed first: the first alarm's change of state, or the request of a person. */
  readonly firstSignMs: number;
  readonly sources: { readonly [S in Source]?: Collected<Facts[S]> };
}

export interface BalancerFacts {
  /** Where the fleet keeps its sessions, by its configuration. */
  readonly strategy: 'sticky' | 'tomcat-cluster' | 'redis';
  /** The current release's contract counts `sessions` in memory, whatever the strategy; false: it does not. */
  readonly sessionsInMemory?: boolean | null;
  readonly stickiness: Stickiness;
  /** As the configuration deployed it. */
  readonly expectedStickiness: Stickiness;
  readonly targets: readonly { readonly instanceId: string; readonly state: string; readonly reason?: string }[];
  readonly listeners: readonly { readonly protocol: 'HTTP' | 'HTTPS'; readonly port: number; readonly redirectsToHttps: boolean }[];
  /** The path of the health check, and whether the app contract's `health.gate` (which asks the store) is the same. */
  readonly healthCheckAsksStore: boolean | null;
}

export interface Stickiness {
  readonly enabled: boolean;
  readonly type?: 'lb_cookie' | 'app_cookie';
  /** Name of the application's cookie; only with `app_cookie`. */
  readonly cookieName?: string;
  readonly durationSeconds?: number;
}

/** Responses per minute of the fleet's targets and of the load balancer itself. */
export interface TrafficFacts {
  /** From five minutes before the first sign: an alarm fires after some minutes of trouble. */
  readonly now: TrafficShares;
  /** The rest of the hour before. Null: there were no requests. */
  readonly before: TrafficShares | null;
  /** When a baseline was planted and not measured (local cloud only). */
  readonly plantedBaseline?: true;
}
export interface TrafficShares {
  /** Over how many minutes; without it, shares can be compared and counts cannot. */
  readonly minutes?: number;
  readonly requests: number;
  /** Of the requests, in percent. */
  readonly redirectPercent: number;
  readonly clientErrorPercent: number;
  readonly targetErrorPercent: number;
  readonly balancerErrorPercent: number;
}

export interface StoreFacts {
  /** Every node that the collector knows. */
  readonly nodes: readonly StoreNodeFacts[];
  /** By dialect of the catalogue (sweep/keys): what a sample of keys shows. `unknown`: keys of none. */
  readonly dialects: readonly DialectFacts[];
  /** Bytes by power of two, over all dialects: `{"1024": 40}` says 40 sessions of 1,024 to 2,047 bytes. */
  readonly sizes: Readonly<Record<string, number>>;
}
export interface StoreNodeFacts {
  readonly name: string;
  /** `readOnly`: it answers, and refuses writes where a primary is expected. */
  readonly state: 'ok' | 'unreachable' | 'loading' | 'readOnly' | 'refusedLogin';
  /** Why it could not be read; absent when it answered. */
  readonly error?: string;
  readonly role?: 'primary' | 'replica';
  /** Of a replica. */
  readonly linkUp?: boolean;
  readonly replicas?: number;
  readonly uptimeSeconds?: number;
  readonly memoryUsedBytes?: number;
  readonly memoryMaxBytes?: number;
  readonly datasetBytes?: number;
  readonly clientBuffersBytes?: number;
  readonly fragmentationRatio?: number;
  readonly evictedKeys?: number;
  readonly rejectedWrites?: number;
  readonly policy?: string;
  readonly connectedClients?: number;
}
export interface DialectFacts {
  readonly dialect: string;
  readonly keys: number;
  /** Sessions of the sample; every share below is of these. */
  readonly sampled: number;
  /** Keys of the sample that have no TTL by design, such as an index; these are in no share. */
  readonly structural?: number;
  readonly withoutTtl: number;
  /** Of the sessions without TTL, the age of the youngest, by idle time where it is known. */
  readonly youngestWithoutTtlSeconds?: number | null;
  /** Of the sessions with TTL. */
  readonly ttlSeconds: { readonly min: number; readonly median: number; readonly max: number } | null;
  /** The life that the session itself names (maxInactiveInterval, cookie.originalMaxAge); null where the dialect has none. */
  readonly declaredLifeSeconds: number | null;
  readonly bytes: { readonly median: number; readonly p99: number; readonly max: number } | null;
  /** Sessions of nobody who is logged in, where the dialect shows it. */
  readonly anonymousPercent?: number | null;
}

export interface StoreGroupFacts {
  readonly status: string;
  readonly automaticFailover: boolean;
  /** In cluster mode ElastiCache names no roles. */
  readonly members: readonly { readonly node: string; readonly role?: 'primary' | 'replica'; readonly zone?: string }[];
  /** Oldest first; the messages are ElastiCache's own. */
  readonly events: readonly { readonly atMs: number; readonly message: string }[];
}

export interface ReadingFacts {
  readonly reading: StoreReading | null;
  readonly window: readonly WindowSample[];
  /** The latest one that the collector noted. */
  readonly lastFailover?: FailoverSample;
  /** The age of the latest reading, at the time of collection. */
  readonly ageSeconds: number | null;
}

export interface ServersFacts {
  readonly servers: readonly ServerFacts[];
}

/** One server's part, as the SSM document `read-logs` prints it. */
export interface ServerFacts {
  readonly instanceId: string;
  /** Why this server gave nothing, in a sentence. */
  readonly gap?: string;
  readonly access?: AccessLogFacts;
  /** Lines of the application's log in the window, by what they are about. */
  readonly application?: ApplicationLogFacts;
  /** What the server's own environment reaches. */
  readonly store?: { readonly reachable: boolean; readonly error?: string };
  /** Attributes of the session cookie that the application sets on `session.page` of its contract; its value is never read. */
  readonly cookie?: CookieFacts;
  /** Route that the application adds to the session ids it creates, where it adds one. */
  readonly route?: string;
  readonly release?: string;
  /** What is missing of this server, in sentences. */
  readonly gaps?: readonly string[];
}

export interface AccessLogFacts {
  readonly lines: number;
  /** Part of the window that the log covers; it is read from its end, at most 20 MB. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that named a session, and of these the ones after which another session was in its place. Null: the log does not show it. */
  readonly withSession: number | null;
  readonly replaced: number | null;
  /** Requests whose session cookie named another route than the server's own; null where this server's is unknown. */
  readonly foreignRoute: number | null;
  /**
   * At most 500 sessions, sampled by the hash: its first 12 hex digits under the incident's key → the routes seen with it, when
   * first and last, and how many requests.
   */
  readonly sessions: Readonly<Record<string, SessionTrace>>;
  /**
   * New sessions by class of user agent (`browser`, `bot`, `health-check`, `script`, `none`; `unknown` without user agents in the log)
   * and by path, in which all but common words is `*`. Null: the log does not show which sessions are new.
   */
  readonly created: { readonly byAgent: Readonly<Record<string, number>>; readonly byPath: Readonly<Record<string, number>> } | null;
  /** Requests that came from a page of another site: with a session cookie, and without. */
  readonly fromOtherSite: {
    readonly withCookie: number;
    readonly withoutCookie: number;
    /** Of those without a cookie: answered 302 or 401. */
    readonly refused?: number;
  } | null;
  /** Redirects and refusals (302, 401) of requests that named a session: by the age of that session in minutes. */
  readonly lostAtAgeMinutes: Readonly<Record<string, number>>;
  /** The same, by the seconds since that session's request before, in powers of two: `{"32": 4}` says 4 after 32 to 63 s. */
  readonly lostAfterIdleSeconds?: Readonly<Record<string, number>>;
  /**
   * Sessions with three requests or more that were named no more, five minutes or longer before the log's end, by the age at their last
   * request in minutes. A browser drops a cookie whose Max-Age has passed, so no refusal shows it.
   */
  readonly endedAtAgeMinutes?: Readonly<Record<string, number>>;
}
export interface SessionTrace {
  readonly routes: readonly string[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly requests: number;
  /** It answered 302 or 401 at the end. */
  readonly lost?: true;
}

export interface ApplicationLogFacts {
  readonly lines: number;
  /** Lines by category; the lines themselves stay on the server. */
  readonly storeConnection: number;
  readonly readOnly: number;
  readonly outOfMemory: number;
  readonly serialization: number;
  readonly sessionTimeout: number;
  /** When the first of the category was written. */
  readonly firstMs: Readonly<Record<string, number>>;
  /** When the last one was. */
  readonly lastMs?: Readonly<Record<string, number>>;
}

export interface CookieFacts {
  readonly name: string;
  readonly maxAgeSeconds: number | null;
  readonly sameSite: 'Strict' | 'Lax' | 'None' | null;
  /** Also when the request came over plain HTTP, by the load balancer's header. */
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Whether a second answer, of the same session, set the cookie again. */
  readonly slides: boolean | null;
}

export interface ScalingFacts {
  readonly suspended: readonly string[];
  readonly usesElbHealthChecks: boolean;
  readonly launched: number;
  readonly terminated: number;
  /** Of the terminated, those that were replaced as unhealthy. */
  readonly replacedUnhealthy: number;
}

export interface DeployFacts {
  /** Those that ran in the window, latest first. */
  readonly deploys: readonly {
    readonly deployId: string;
    readonly fleet?: string;
    readonly from: string;
    readonly to: string;
    readonly status: string;
    readonly startedAtMs: number;
    readonly finishedAtMs?: number;
  }[];
  readonly currentVersion: string | null;
}

export interface SweepFacts {
  readonly sweeps: readonly {
    readonly sweepId: string;
    readonly startedAtMs: number;
    readonly status: string;
    readonly repaired: number;
    /** Of the repaired: at most these have a life below their framework's default, by the sweep's configuration. */
    readonly shortened: number;
  }[];
}

/** CloudTrail's last events are minutes late: what is newer than `completeUntilMs` is a gap. */
export interface ChangeFacts {
  readonly changes: readonly {
    readonly atMs: number;
    readonly event: string;
    readonly roleArn: string;
    readonly eventId: string;
    readonly resource: string;
  }[];
  readonly completeUntilMs: number;
}

export interface CanaryFacts {
  readonly sessions: number;
  readonly vanished: number;
}

/** For the report; it supports no cause. */
export interface CriticalActionFacts {
  /** Fleets whose configuration has the table. */
  readonly fleets: readonly {
    readonly fleet: string;
    readonly pending: number;
    /** There are more: counting ended at its limit. */
    readonly atLeast?: true;
  }[];
}
