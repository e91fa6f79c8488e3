/** What the generator of live traffic is told, what it reports, and the messages between its process and its owner. */

/** Times are in milliseconds. */
export interface TrafficOptions {
  /** Where the load balancer listens: `https://localhost:8443`. */
  readonly url: string;
  /** PEM file of the root that signed the listener's certificate. */
  readonly caFile?: string;
  /** Users who are logged in at the same time. @default 200 */
  readonly users?: number;
  /** A user's mean pause between an answer and the next request. @default 750: 200 users make about 260 requests a second */
  readonly thinkTimeMs?: number;
  /** A request that took longer has failed. @default 10 s */
  readonly requestTimeoutMs?: number;
  /** Keep-alive connections that the users share. @default 64 */
  readonly connections?: number;
  /** The logins are spread over this time. @default 2 s */
  readonly rampUpMs?: number;
  /** POST `{"user": …}` here begins a session. @default `/login` */
  readonly loginPath?: string;
  /** GET here answers `{user, count, version?, server?}`, the count one higher each time; 401 without a session. @default `/count` */
  readonly countPath?: string;
  /** Users are called `<prefix>-1`, `<prefix>-2`, … @default `user` */
  readonly userPrefix?: string;
  /** Two runs with one seed pause alike. @default 1 */
  readonly seed?: number;
}

export type TrafficSettings = Required<Omit<TrafficOptions, 'caFile'>> & Pick<TrafficOptions, 'caFile'>;

export const DEFAULTS: Omit<TrafficSettings, 'url' | 'caFile'> = {
  users: 200,
  thinkTimeMs: 750,
  requestTimeoutMs: 10_000,
  connections: 64,
  rampUpMs: 2_000,
  loginPath: '/login',
  countPath: '/count',
  userPrefix: 'user',
  seed: 1,
};

export const TRAFFIC_PHASES = ['before', 'during', 'after'] as const;
/** When a request was answered, as seen from the deploy that the traffic runs beside. */
export type TrafficPhase = (typeof TRAFFIC_PHASES)[number];

/** A request that did not give its user the next answer, the session aside. */
export type FailureClass =
  /** Refused, reset or closed before the answer was complete. */
  | 'connection'
  | 'timeout'
  /** 5xx, the load balancer's own 502, 503 and 504 included. */
  | 'serverError'
  /** Any status but 200, 401 and 5xx. */
  | 'unexpectedStatus'
  /** 200, but no JSON object with a user and a count. */
  | 'malformed'
  /** The right user, and a count further on than the user's requests account for. */
  | 'countJumped';

/** How a user saw that the session is gone. */
export type LossReason =
  /** 401 to somebody who had logged in. */
  | 'signedOut'
  /** An answer without a user: a new, empty session. */
  | 'noUser'
  /** Somebody else's session. */
  | 'wrongUser'
  /** What earlier answers had counted is forgotten. */
  | 'countWentBack';

export interface PhaseReport {
  readonly requests: number;
  readonly failed: number;
  /** Users who lost a session in this phase. */
  readonly sessionsLost: number;
  /** From sending a request to the end of its answer, failed requests included; 0 without requests. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One request, as far as it may be shown: never a cookie or a session id. */
export interface Example {
  readonly atMs: number;
  readonly path: string;
  /** Absent when no answer came. */
  readonly status?: number;
  /** The connection's error code, or the values that did not fit. */
  readonly detail?: string;
  readonly server?: string;
}

export interface TrafficReport {
  readonly users: number;
  /** Requests that ended: answered or failed. */
  readonly requests: number;
  /** Requests that failed while the session was not in doubt. */
  readonly failed: number;
  /** Users who hold a session now. */
  readonly sessions: number;
  /** Users who lost a session, each counted once however often it happened. */
  readonly sessionsLost: number;
  readonly elapsedMs: number;
  readonly phases: Readonly<Record<TrafficPhase, PhaseReport>>;
  readonly failures: Readonly<Partial<Record<FailureClass, Incidence>>>;
  readonly losses: Readonly<Partial<Record<LossReason, Incidence>>>;
  /** Good answers by the server and version that they name. */
  readonly perServer: Readonly<Record<string, number>>;
  readonly perVersion: Readonly<Record<string, number>>;
}

export interface Incidence {
  readonly count: number;
  /** The first few. */
  readonly examples: readonly Example[];
}

/** From the owner to the generator's process. */
export type TrafficCommand =
  | { readonly type: 'start'; readonly settings: TrafficSettings }
  | { readonly type: 'mark'; readonly phase: TrafficPhase }
  | { readonly type: 'snapshot'; readonly id: number }
  | { readonly type: 'stop'; readonly id: number };

/** From the generator's process to the owner. */
export type TrafficMessage =
  /** Every user has logged in. */
  { readonly type: 'ready' } | { readonly type: 'report'; readonly id: number; readonly report: TrafficReport };
