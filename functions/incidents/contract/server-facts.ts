import type { ApplicationCategory, ReadLogsOutput } from './read-logs.ts';
import type { UnreachableReason } from './store-facts.ts';

/** What the servers' logs, and the servers themselves, say about sessions: facts of evidence.ts, and its rules. */

export type ServersFacts = { readonly servers: readonly ServerFacts[] };

export interface ServerFacts {
  readonly instanceId: string;
  readonly gap?: string;
  readonly access?: AccessLogFacts;
  readonly application?: ApplicationLogFacts;
  /** Whether the release is ready, store included; absent where its contract names no path for that. */
  readonly ready?: boolean;
  /** What the server's own environment reaches, by the login of its application where the server knows that. */
  readonly store?: {
    readonly reachable: boolean;
    readonly error?: string;
    readonly reason?: UnreachableReason | 'auth';
    /** The store asks for a login, and the server has none to try: nobody knows whether the application's is accepted. */
    readonly loginUntried?: true;
  };
  readonly cookie?: CookieFacts;
  readonly route?: string;
  readonly release?: string;
  readonly gaps?: readonly string[];
}

/** A part of what a server answers, as it is. */
type Answered<Part extends 'access' | 'application' | 'cookie'> = NonNullable<ReadLogsOutput[Part]>;
type Counted = 'lines' | 'fromMs' | 'toMs' | 'statuses' | 'withSession' | 'replaced' | 'foreignRoute' | 'showsAnswered';

export interface AccessLogFacts extends Pick<Answered<'access'>, Counted>, Partial<Pick<Answered<'access'>, 'partial'>> {
  /** At most 500, by the first 12 hex digits of their hash under the incident's key. */
  readonly sessions: Readonly<Record<string, SessionTrace>>;
  /** By class of user agent. Null: the log does not show which sessions are new. */
  readonly created: { readonly byAgent: Readonly<Record<string, number>> } | null;
  /** Links and redirects from a page of another site; where the log has no methods, all requests from there. */
  readonly fromOtherSite: (ReturnFacts & { /** POSTs and other changes from there. */ readonly posts?: ReturnFacts }) | null;
  /** The latest 120 minutes that have requests, oldest first. Machines (bots, health checks, scripts) are in no count by minute or path. */
  readonly byMinute?: readonly ServerMinute[];
  /** At most 20 paths, those with the most errors first; all others are `other`, the last. Without paths in the log there is none. */
  readonly byPath?: readonly ServerPath[];
  readonly errorsByMinutePath?: readonly ErrorCell[];
}

interface RequestCounts {
  readonly requests: number;
  readonly redirects: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}
export interface ServerMinute extends RequestCounts {
  readonly minuteMs: number;
}
export interface ServerPath extends RequestCounts {
  /** All but common words and those of the release's contract is `*`. */
  readonly path: string;
  readonly lost: number | null;
  readonly statuses: Readonly<Record<string, number>>;
}
export type ErrorCell = { readonly minuteMs: number; readonly path: string; readonly status: number; readonly count: number };

/** With a session's cookie, and without; how many of the latter were sent to a login or refused. */
export type ReturnFacts = { readonly withCookie: number; readonly withoutCookie: number; readonly refused?: number };

export interface SessionTrace {
  readonly routes: readonly string[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly requests: number;
  /** Its last request here was redirected or refused (302, 401) without it, or got another session in its place. */
  readonly lost?: true;
  /** This server gave it out, as its log shows: it did not begin before `firstMs`. Absent as well where the log does not show that. */
  readonly begins?: true;
  /** Clients alone named it: this server neither gave it out nor found it. Anybody can invent an id; another server can have known it. */
  readonly unknown?: true;
  /** Its hash is beyond the common sample of `unknown` ids: another server can have received the id without reporting it. */
  readonly beyond?: true;
}

type Lines = ApplicationCategory | 'lines' | 'partial' | 'undated';

export interface ApplicationLogFacts extends Pick<Answered<'application'>, Lines> {
  readonly firstMs: Readonly<Record<string, number>>;
  readonly lastMs?: Readonly<Record<string, number>>;
  /** By the minute, oldest first: the latest 120 that have lines of the category. */
  readonly byMinute?: Readonly<Partial<Record<ApplicationCategory, readonly (readonly [minuteMs: number, lines: number])[]>>>;
  /** Forms of lines that can be new since about the first sign, the most useful first; absent where too little was read of the time before. */
  readonly forms?: readonly LineForm[];
}

/** What lines have in common that differ by numbers, names, ids, paths and what is in quotes. */
export interface LineForm {
  readonly text: string;
  /** It has a trace, or says itself that it is an error or a warning. */
  readonly bad?: true;
  readonly fromMs: number;
  readonly counts: readonly number[];
}

export type CookieFacts = Omit<Answered<'cookie'>, 'name'> & { readonly name?: string };
