/** What is read of a key's value, and what it states. */

/** The two ends of a string, as latin1 text. */
export interface KeyText {
  readonly start: string;
  /** Where the beginning is not all of it. */
  readonly end?: string;
  readonly isWhole: boolean;
}

/** What was read of a key's value. Bytes are characters (latin1). */
export interface KeyValue {
  /** The existing hash fields of those that were asked for. */
  readonly fields: Readonly<Record<string, string | typeof UNREAD>>;
  /** Undefined where it was not asked for. */
  readonly text?: KeyText | typeof UNREAD;
  /** Of all fields of a short hash, where they were asked for. */
  readonly names?: readonly string[] | undefined;
}

/** A field that can be long. Its beginning is read where another one exists; without such a condition only whether it exists. */
export interface LongField {
  readonly name: string;
  readonly after?: string | undefined;
}

/** When a session ends, as its own value states it. */
export interface Expiry {
  /** Milliseconds since the epoch; undefined for a session that says nothing of it. */
  readonly expiresMs?: number;
  /** Lifetime that each use renews, such as the cookie's `originalMaxAge`. */
  readonly maxAgeSeconds?: number;
}

/** A value that exists, but could not be read: too long, of another type, not permitted, or on another node. */
export const UNREAD: unique symbol = Symbol('unread');
