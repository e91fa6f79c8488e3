/** The layout of a session framework's keys, as far as a sweep needs it. */
import { type KeyType, POLICIES, type Policy } from '../contract/settings.ts';
import type { Expiry, KeyText, KeyValue } from './read-expiry.ts';

/**
 * A key's role in its framework: a session; a `companion`, which belongs to a session and should expire with it; or
 * `structural`, which has no TTL by design and is never changed.
 */
export type KeyRole = 'session' | 'companion' | 'structural';

export interface RemainsRule {
  /**
   * The kind of remains that a hash without a last access or a longest idle time is: the framework writes both when it creates a session.
   */
  readonly incomplete: 'ghost' | 'partial';
  /** The field, as latin1 text, of a session that a user has logged out of. */
  readonly ended: { readonly field: string; readonly is: (value: string) => boolean };
}

/** Where a session's remaining life is stored. */
export type LifeSource =
  /** Hash fields with the last access (ms since the epoch) and the longest idle time (s); −1 means no expiry. */
  | {
      readonly from: 'fields';
      readonly lastAccess: string;
      readonly maxInactive: string;
      /** What the framework adds to the longest idle time. */
      readonly graceSeconds: number;
      readonly defaultSeconds: number;
      /** The first field is the time of the session's end, and there is no second. */
      readonly isEnd?: true;
      /** What shows that a session's hash is no session of a user any more. */
      readonly remains?: RemainsRule;
      /** Only for the key of a marker: returns the key of its session, which has the fields and must outlive the marker. */
      readonly of?: (key: string) => string;
      /** Only for the key of a session with a marker: returns the marker's key. The framework ends a session when its marker expires. */
      readonly marker?: (key: string) => string;
    }
  /** A text states it, most often JSON with `"expires":"2026-…"`; later use shows in the store's idle time. */
  | { readonly from: 'text'; readonly read: (text: KeyText) => Expiry | undefined; readonly defaultSeconds: number }
  /** The key ends in the time (ms since the epoch) that it belongs to. */
  | { readonly from: 'key-time'; readonly graceSeconds: number }
  /** ASP.NET Core's field `sldexp`, in ticks of 100 ns. */
  | { readonly from: 'ticks' }
  /** Not stored: a whole lifetime since the key's last use, by the store's idle time. */
  | { readonly from: 'idle'; readonly defaultSeconds: number };

/** In a time that grows with the length of the key, and no faster: an application's user chooses parts of it (linear-patterns.test.ts). */
export type KeyPattern = Pick<RegExp, 'test'>;

/** What a key's value shows besides its name, which another program can give to its keys too. */
export interface Evidence {
  /** Hash fields that it reads whole. A string is read at both ends. */
  readonly fields?: readonly string[];
  /** A field of which it reads the beginning, where the last of those exists: it can be long, and hashes of other programs have it too. */
  readonly start?: string;
  /** A field that only has to exist. */
  readonly existing?: string;
  /** Values of many programs show it too: under another name it says nothing. */
  readonly isWeak?: boolean;
  readonly shows: (value: KeyValue, key: string) => boolean;
}

export interface KeyRule {
  readonly role: KeyRole;
  /** Matches a whole key, as latin1 text. */
  readonly pattern: KeyPattern;
  readonly type: KeyType;
  /** Absent where the name alone is its framework's own. */
  readonly evidence?: Evidence;
  /** Names of many programs fit: where reading a value counts as its use, it is not read. */
  readonly hasCommonName?: true;
  /** Absent for structural keys. */
  readonly life?: LifeSource;
  /** The framework depends on when the key ends: its TTL gets no jitter, and half of the minimum at least. */
  readonly endsOnTime?: boolean;
  /** A set of session ids has this: the key of a member's session. A member without a session is dead. */
  readonly memberKey?: (key: string, member: string) => string | undefined;
}

export interface Dialect {
  readonly name: string;
  /** The strongest policy that a sweep applies, regardless of its input. */
  readonly maxPolicy: Policy;
  /** By a common setting, or by default, its sessions last until the application ends them, and no request renews a TTL. */
  readonly canLastForEver?: true;
  /** The first matching rule decides, over all dialects in order. */
  readonly rules: readonly KeyRule[];
}

export const weaker = (one: Policy, other: Policy): Policy => (POLICIES.indexOf(one) <= POLICIES.indexOf(other) ? one : other);

/** What the catalogue's dialects are written with. */

export const HOUR = 3_600;
export const DAY = 86_400;
export const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

export const idle = (defaultSeconds: number): LifeSource => ({ from: 'idle', defaultSeconds });
const rule =
  (role: 'session' | 'companion') =>
  (pattern: KeyRule['pattern'], type: KeyRule['type'], life: LifeSource, evidence?: Evidence): KeyRule => ({
    role,
    pattern,
    type,
    life,
    ...(evidence && { evidence }),
  });
export const session = rule('session');
export const companion = rule('companion');
export const common = (rule: KeyRule): KeyRule => ({ ...rule, hasCommonName: true });
export const onTime = (rule: KeyRule): KeyRule => ({ ...rule, endsOnTime: true });
export const structural = (pattern: RegExp, type: KeyRule['type'], memberKey?: KeyRule['memberKey']): KeyRule => ({
  role: 'structural',
  pattern,
  type,
  ...(memberKey && { memberKey }),
});

export const dialect = (name: string, ...rules: readonly KeyRule[]): Dialect => ({ name, maxPolicy: 'expire', rules });

export const simple = (name: string, pattern: RegExp, life: LifeSource, evidence?: Evidence): Dialect =>
  dialect(name, session(pattern, 'string', life, evidence));

export const withCommonName = (one: Dialect): Dialect => ({ ...one, rules: one.rules.map(common) });
