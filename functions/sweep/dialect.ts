/** How a session framework lays out its keys, as far as a sweep has to know. */

/** What may be done with a key that never expires, the least first. */
export const POLICIES = ['report', 'expire', 'delete'] as const;
export type Policy = (typeof POLICIES)[number];

export type KeyType = 'string' | 'hash' | 'set' | 'zset' | 'list' | 'stream';

/**
 * What a key is to its framework: a session; something that belongs to one and should end with it; or `structural`, which
 * has no TTL by design and is never touched.
 */
export type KeyRole = 'session' | 'companion' | 'structural';

/** Where it is written how long a session may still live. */
export type LifeSource =
  /** Hash fields with the last access (ms since the epoch) and the longest idle time (s); −1 means for ever. */
  | {
      readonly from: 'fields';
      readonly lastAccess: string;
      readonly maxInactive: string;
      /** What the framework itself adds to the longest idle time. */
      readonly graceSeconds: number;
      readonly defaultSeconds: number;
      /** The key that has the fields, where it is another one. */
      readonly of?: (key: string) => string;
    }
  /** The first bytes of a JSON text have `"expires":"2026-…"`; a use since then shows in the store's own idle time. */
  | { readonly from: 'json-expires'; readonly defaultSeconds: number }
  /** The key ends in the time (ms since the epoch) that it is about. */
  | { readonly from: 'key-time'; readonly graceSeconds: number }
  /** ASP.NET Core's fields `sldexp` and `absexp`, in ticks of 100 ns; −1 means none. */
  | { readonly from: 'ticks' }
  /** Nothing is written: a whole session since the key was last used, by the store's own idle time. */
  | { readonly from: 'idle'; readonly defaultSeconds: number };

export interface KeyRule {
  readonly role: KeyRole;
  /** Matches a whole key, whose bytes are its characters (latin1). */
  readonly pattern: RegExp;
  readonly type: KeyType;
  /** Absent for structural keys. */
  readonly life?: LifeSource;
  /** Of a set of session ids: the key of the session that a member is about; a member whose session is gone is dead. */
  readonly memberKey?: (key: string, member: string) => string | undefined;
}

export interface Dialect {
  readonly name: string;
  /** The most that a sweep may do, whatever it is told. */
  readonly mostPolicy: Policy;
  /** The first rule that fits decides, over all dialects in order. */
  readonly rules: readonly KeyRule[];
}

/** The weaker of two policies. */
export const weaker = (one: Policy, other: Policy): Policy => (POLICIES.indexOf(one) <= POLICIES.indexOf(other) ? one : other);
