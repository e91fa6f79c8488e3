import type { ApplicationCategory } from './read-logs.ts';
import type { UnreachableReason } from './store-facts.ts';

/** What the servers' logs, and the servers themselves, say about sessions: facts of evidence.ts, and its rules. */

export interface ServersFacts {
  readonly servers: readonly ServerFacts[];
}

export interface ServerFacts {
  readonly instanceId: string;
  readonly zone?: string;
  readonly gap?: string;
  readonly access?: AccessLogFacts;
  readonly application?: ApplicationLogFacts;
  /** Whether the release's gate, which asks the store, is UP; absent where its contract names none. */
  readonly gate?: boolean;
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

export interface AccessLogFacts {
  readonly lines: number;
  /** Part of the window that the log covers; it is read from its end, at most 20 MB. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly withSession: number | null;
  /** Sessions that this server knew, and that a request got another one in place of. Null: the log does not show it. */
  readonly replaced: number | null;
  /** Requests whose session cookie named another route than the server's own; null where this server's is unknown. */
  readonly foreignRoute: number | null;
  /** At most 500, by the first 12 hex digits of their hash under the incident's key. */
  readonly sessions: Readonly<Record<string, SessionTrace>>;
  /** By class of user agent, and by path, in which all but common words is `*`. Null: the log does not show which sessions are new. */
  readonly created: { readonly byAgent: Readonly<Record<string, number>>; readonly byPath: Readonly<Record<string, number>> } | null;
  /** Links and redirects from a page of another site; where the log has no methods, all requests from there. */
  readonly fromOtherSite: (ReturnFacts & { /** POSTs and other changes from there. */ readonly posts?: ReturnFacts }) | null;
  /** Without it, a page that anybody gets looks as if the server knew the id that came with it. */
  readonly showsAnswered: boolean;
  /** Sessions that this server knew and that were lost: by their age in minutes. */
  readonly lostAtAgeMinutes: Readonly<Record<string, number>>;
  /** The same, by the seconds since that session's request before, in powers of two: `{"32": 4}` says 4 after 32 to 63 s. */
  readonly lostAfterIdleSeconds?: Readonly<Record<string, number>>;
  /** Sessions with three requests or more that were named no more, by their age then: a browser drops a cookie whose Max-Age has passed. */
  readonly endedAtAgeMinutes?: Readonly<Record<string, number>>;
  /** A limit of bytes or time ended the reading, or too many lines could not be read: what is not counted here can be in the rest. */
  readonly partial?: boolean;
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
  readonly lost: number | null;
}
export interface ServerMinute extends RequestCounts {
  readonly minuteMs: number;
  /** Sessions that clients alone named here, and that were refused: another server can have known them. Null as `lost`. */
  readonly lostUnknown: number | null;
}
export interface ServerPath extends RequestCounts {
  /** All but common words and those of the release's contract is `*`. */
  readonly path: string;
  readonly statuses: Readonly<Record<string, number>>;
}
export interface ErrorCell {
  readonly minuteMs: number;
  readonly path: string;
  readonly status: number;
  readonly count: number;
}

/** With a session's cookie, and without; how many of the latter were sent to a login or refused. */
export interface ReturnFacts {
  readonly withCookie: number;
  readonly withoutCookie: number;
  readonly refused?: number;
}

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

export interface ApplicationLogFacts {
  readonly lines: number;
  readonly storeConnection: number;
  readonly readOnly: number;
  readonly outOfMemory: number;
  readonly serialization: number;
  readonly sessionSerialization?: number;
  /** Sessions and cookies that cannot be decrypted, or whose signature is wrong. */
  readonly decryption?: number;
  readonly sessionTimeout: number;
  readonly firstMs: Readonly<Record<string, number>>;
  readonly lastMs?: Readonly<Record<string, number>>;
  /** By the minute, oldest first: the latest 120 that have lines of the category. */
  readonly byMinute?: Readonly<Partial<Record<ApplicationCategory, readonly (readonly [minuteMs: number, lines: number])[]>>>;
  /** Forms of lines that can be new since about the first sign, the most useful first; absent where too little was read of the time before. */
  readonly forms?: readonly LineForm[];
  readonly partial?: boolean;
  /** Most of its lines have no time, and are not counted: it shows nothing. */
  readonly undated?: boolean;
}

/** What lines have in common that differ by numbers, names, ids, paths and what is in quotes. */
export interface LineForm {
  readonly text: string;
  /** It has a trace, or says itself that it is an error or a warning. */
  readonly bad?: true;
  readonly fromMs: number;
  readonly counts: readonly number[];
}

export interface CookieFacts {
  readonly name?: string;
  readonly maxAgeSeconds: number | null;
  readonly sameSite: 'Strict' | 'Lax' | 'None' | null;
  /** The cookie is Secure, or the application sets it only if the load balancer's header says that the request came over HTTPS. */
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Whether a second answer, of the same session, set the cookie again. */
  readonly slides: boolean | null;
}
