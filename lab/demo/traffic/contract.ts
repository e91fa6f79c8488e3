/** The traffic generator's options and report, and the messages between its process and its owner. */
import type { FailureCause } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import type { Recipe } from '../../../functions/canary/contract/recipe.ts';
import type { ProcessIdentity } from '../../processes/process-table.ts';

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
  /** Users log out and log in again: their visits last from a quarter of this time to the whole of it. 0: they stay. @default 0 */
  readonly visitMs?: number;
  /** The logins are spread over this time. @default 2 s */
  readonly rampUpMs?: number;
  /** POST `{"user": …}` here starts a session. @default `/login` */
  readonly loginPath?: string;
  /** GET here returns `{user, count, version?, server?}`, the count one higher each time; 401 without a session. @default `/count` */
  readonly countPath?: string;
  /** Users are named `<prefix>-1`, `<prefix>-2`, … @default `user` */
  readonly userPrefix?: string;
  /** Seed of the random pauses: runs with the same seed pause alike. @default 1 */
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
  /** Clients that keep a WebSocket open, in addition to the users. @default 0 */
  readonly webSocketUsers?: number;
  /** Replies to each text with `{echo}`. @default `/socket` */
  readonly webSocketPath?: string;
  /** The local load balancers' record of failed requests (failed-requests.ndjson of the run), for targets and causes. */
  readonly failedRequestsFile?: string;
  /**
   * The process that serves the requests. When it has ended, the generator sends no more by itself, even while its owner is
   * suspended: another cloud can listen at the same port. @default the owner alone ends the traffic
   */
  readonly endsWith?: ProcessIdentity;
  /** How users log in, and the page that names them. @default {@link loginPath} and {@link countPath} of the examples */
  readonly recipe?: FilledRecipe;
}

/** A canary's recipe with the passwords of its users, by their names. */
export interface FilledRecipe {
  readonly recipe: Recipe;
  readonly passwords: Readonly<Record<string, string>>;
}

type Optional = 'caFile' | 'failedRequestsFile' | 'endsWith' | 'recipe';
export type TrafficSettings = Required<Omit<TrafficOptions, Optional>> & Pick<TrafficOptions, Optional>;

export const DEFAULTS: Omit<TrafficSettings, 'url' | Optional> = {
  users: 200,
  thinkTimeMs: 750,
  requestTimeoutMs: 10_000,
  connections: 64,
  visitMs: 0,
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
/** When a request was answered, relative to the deploy that runs under the traffic. */
export type TrafficPhase = (typeof TRAFFIC_PHASES)[number];

/** Why a request failed although its session was not lost. */
export type FailureClass =
  /** Refused, reset or closed before the answer was complete. */
  | 'connection'
  | 'timeout'
  /** 5xx, including the load balancer's own 502, 503 and 504. */
  | 'serverError'
  /** Any status other than 200, 401 and 5xx. */
  | 'unexpectedStatus'
  /** 200, but the body is not a JSON object with a user and a count; with a recipe, without what its step takes. */
  | 'malformed'
  /** The right user, but a higher count than the user's requests account for. */
  | 'countJumped';

/** How a user detected that the session was lost. */
export type LossReason =
  /** 401 for a user who had logged in; with a recipe, a page of `who` that shows no user, and a redirect in its place. */
  | 'signedOut'
  /** An answer without a user: a new, empty session. */
  | 'noUser'
  /** Another user's session. */
  | 'wrongUser'
  /** The count is lower than in an earlier answer. */
  | 'countWentBack';

export interface PhaseReport {
  readonly requests: number;
  readonly failed: number;
  /** Users who lost a session in this phase. */
  readonly sessionsLost: number;
  /** From sending a request to the end of its answer, including failed requests; 0 without requests. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One request without its secrets: no cookie and no session id. */
export interface Example {
  readonly atMs: number;
  readonly path: string;
  /** Absent when no answer came. */
  readonly status?: number;
  /** The connection's error code, or the values that did not match. */
  readonly detail?: string;
  readonly server?: string;
}

export interface TrafficReport {
  readonly users: number;
  /** Requests that ended: answered or failed. */
  readonly requests: number;
  /** Requests that failed without a lost session. */
  readonly failed: number;
  /** Users who hold a session now. */
  readonly sessions: number;
  /** Users who lost a session at least once. */
  readonly sessionsLost: number;
  /** Users who lost a session, or had a request that failed. */
  readonly usersHurt: number;
  readonly elapsedMs: number;
  readonly phases: Readonly<Record<TrafficPhase, PhaseReport>>;
  readonly failures: Readonly<Partial<Record<FailureClass, Incidence>>>;
  readonly losses: Readonly<Partial<Record<LossReason, Incidence>>>;
  /** Good answers by the server and version in their body. */
  readonly perServer: Readonly<Record<string, number>>;
  readonly perVersion: Readonly<Record<string, number>>;
  /** The first 10,000 failed requests, grouped by phase, target and cause; the most frequent first. */
  readonly failedBy: readonly FailedGroup[];
  /** Absent without downloads, long requests or WebSockets. */
  readonly hard?: HardReport;
}

/** Failed requests with the same phase, failure, cause, target, server and version. */
export interface FailedGroup {
  readonly phase: TrafficPhase;
  readonly failure: FailureClass;
  /** The cause that the load balancer recorded: `deregistered` when the deregistration delay cut it off. Absent without a record. */
  readonly cause?: FailureCause;
  /** Instance that received the request, as the load balancer recorded it. */
  readonly target?: string;
  /** From the answer's body; absent in the load balancer's own answers. */
  readonly server?: string;
  readonly version?: string;
  readonly count: number;
}

export interface HardReport {
  readonly long: { readonly requests: number; readonly failed: number };
  readonly download: { readonly requests: number; readonly failed: number };
  readonly webSockets: WebSocketReport;
}

/**
 * What became of WebSockets. An ended one is not a failed request, because every deploy ends them: what matters is that the next one opens.
 */
export interface WebSocketReport {
  readonly users: number;
  readonly opened: number;
  /** Texts that were echoed. */
  readonly answered: number;
  /** Ended by a close frame. */
  readonly closed: number;
  /** Ended without a close frame: the deregistration delay was over, or the server died. */
  readonly cutOff: number;
  /** The handshake failed. */
  readonly refused: number;
  readonly unanswered: number;
}

export const NO_WEB_SOCKETS: WebSocketReport = { users: 0, opened: 0, answered: 0, closed: 0, cutOff: 0, refused: 0, unanswered: 0 };

export interface Incidence {
  readonly count: number;
  /** The first few. */
  readonly examples: readonly Example[];
  /** By what came: a status, a connection's error code, or `no answer`. */
  readonly came: Readonly<Record<string, { readonly count: number; readonly latest: Example }>>;
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
