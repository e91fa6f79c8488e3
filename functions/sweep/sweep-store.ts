/** The session store as a sweep works on it. Keys are bytes: a framework may put anything into them. */
import type { LeftReason } from './choose-mend.ts';

/** A key that never expires. */
export interface Offender {
  readonly key: Buffer;
  readonly type: string;
  /** Undefined where the store keeps none. */
  readonly idleSeconds: number | undefined;
  /** Undefined where the store does not tell. */
  readonly bytes: number | undefined;
}

/** A key that does expire, weighed. */
export type Sample = Omit<Offender, 'idleSeconds'>;

export interface Page {
  /** Where the next page begins; `0` after the last one. Means nothing on another node. */
  readonly cursor: string;
  readonly keys: number;
  /** By the server's clock, milliseconds since the epoch. */
  readonly serverTimeMs: number;
  /** What the page took of the server, by its own clock; undefined where it does not tell. */
  readonly busyMs?: number;
  readonly offenders: readonly Offender[];
  readonly samples: readonly Sample[];
  /** Of the others, those above the request's limit; none where pages are read by pipelines. */
  readonly larger: readonly Sample[];
}

export interface PageRequest {
  readonly cursor: string;
  /** SCAN's COUNT: about so many keys. */
  readonly count: number;
  readonly sampleEvery: number;
  readonly sinceSample: number;
  /** Keys that expire and have more bytes come back too; 0 for none. */
  readonly largeFromBytes: number;
}

/** What has to be as it was when the key's life was read, for its mend to hold. */
export type Guard =
  | { readonly kind: 'none' }
  | { readonly kind: 'field'; readonly field: string; readonly value: Buffer }
  | { readonly kind: 'text'; readonly value: Buffer }
  | { readonly kind: 'idle'; readonly seconds: number };

export interface MendRequest {
  readonly key: Buffer;
  readonly type: string;
  readonly action: 'expire' | 'delete';
  /** Of `expire`. */
  readonly seconds: number;
  readonly guard: Guard;
}

export type MendOutcome = 'done' | Extract<LeftReason, 'changed-meanwhile' | 'not-permitted'>;

/** Which node answers, and how it can be asked. */
export interface StoreIdentity {
  /** Changes with every start of a server: cursors hold for one run of one node. */
  readonly runId: string;
  readonly role: 'master' | 'slave';
  readonly version: string;
  readonly clustered: boolean;
}

/** How pages are read: by a script on the server; or key by key from here, where scripts are not allowed. */
export type Method = 'script' | 'pipeline';

export interface SweepStore {
  identify(): Promise<StoreIdentity>;
  readonly method: Method;
  page(request: PageRequest): Promise<Page>;
  /** Hash fields of short values; those that are absent or long are left out. */
  readFields(wanted: readonly { readonly key: Buffer; readonly fields: readonly string[] }[]): Promise<Record<string, Buffer>[]>;
  /** The first bytes of strings. */
  readTexts(keys: readonly Buffer[]): Promise<Buffer[]>;
  /** @param dry looks as far as the write, and does not write */
  mend(requests: readonly MendRequest[], dry: boolean): Promise<MendOutcome[]>;
}
