/** What the generator of live traffic is told, what it reports, and the messages between its process and its owner. */

import type { FailureCause } from '../elbv2/failed-requests.ts';

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
  /** Share of a user's requests, from 0 to 1, that are long: GET `<longPath>?ms=<longMs>`. @default 0 */
  readonly longShare?: number;
  /** @default 25 s */
  readonly longMs?: number;
  /** @default `/slow` */
  readonly longPath?: string;
  /** Share that are downloads in chunks: GET `<downloadPath>?chunks=20&ms=<downloadMs>`, lines of JSON with `chunk` and `of`. @default 0 */
  readonly downloadShare?: number;
  /** @default 2 s */
  readonly downloadMs?: number;
  /** @default `/download` */
  readonly downloadPath?: string;
  /** Clients that keep a WebSocket open, besides the users. @default 0 */
  readonly webSocketUsers?: number;
  /** Answers each text with `{echo}`. @default `/socket` */
  readonly webSocketPath?: string;
  /** What the local load balancers know of failed requests (failed-requests.ndjson of the run), to tell targets and causes. */
  readonly failedRequestsFile?: string;
}

type Optional = 'caFile' | 'failedRequestsFile';
export type TrafficSettings = Required<Omit<TrafficOptions, Optional>> & Pick<TrafficOptions, Optional>;

export const DEFAULTS: Omit<TrafficSettings, 'url' | Optional> = {
  users: 200,
  thinkTimeMs: 750,
  requestTimeoutMs: 10_000,
  connections: 64,
  rampUpMs: 2_000,
  loginPath: '/login',
  countPath: '/count',
  userPrefix: 'user',
  seed: 1,
  longShare: 0,
  longMs: 25_000,
  longPath: '/slow',
  downloadShare: 0,
  downloadMs: 2_000,
  downloadPath: '/download',
  webSocketUsers: 0,
  webSocketPath: '/socket',
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
  /** The failed requests by phase, target and cause, the most frequent first; the first 10,000 of them. */
  readonly failedBy: readonly FailedGroup[];
  /** Absent without downloads, long requests or WebSockets. */
  readonly hard?: HardReport;
}

/** Failed requests that have all of this in common. */
export interface FailedGroup {
  readonly phase: TrafficPhase;
  readonly failure: FailureClass;
  /** By the load balancer: `deregistered` when the deregistration delay cut it off. Absent when it knows nothing of it. */
  readonly cause?: FailureCause;
  /** Instance that had the request, by the load balancer. */
  readonly target?: string;
  /** As the answer names them; the load balancer's own answers name none. */
  readonly server?: string;
  readonly version?: string;
  readonly count: number;
}

export interface HardReport {
  readonly long: { readonly requests: number; readonly failed: number };
  readonly download: { readonly requests: number; readonly failed: number };
  readonly webSockets: WebSocketReport;
}

/** Not among the failed requests: a WebSocket ends with every deploy, and what counts is that the next one opens. */
export interface WebSocketReport {
  readonly users: number;
  readonly opened: number;
  /** Texts that came back. */
  readonly answered: number;
  /** Ended by a close frame. */
  readonly closed: number;
  /** Ended without one: the deregistration delay was over, or the server died. */
  readonly cutOff: number;
  /** Asked for and not given. */
  readonly refused: number;
  readonly unanswered: number;
}

export const NO_WEB_SOCKETS: WebSocketReport = { users: 0, opened: 0, answered: 0, closed: 0, cutOff: 0, refused: 0, unanswered: 0 };

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
