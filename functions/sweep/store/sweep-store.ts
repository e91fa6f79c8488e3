/** The session store, for a sweep. Keys are bytes: a framework can put anything into them. */

import type { ChainableCommander, Redis } from 'ioredis';
import type { Method } from '../contract/checkpoint.ts';
import type { UnrepairedReason } from '../contract/tally.ts';
import type { LongField, UNREAD } from '../keys/read-expiry.ts';

/** A key without a TTL. */
export interface PersistentKey {
  readonly key: Buffer;
  /** TYPE's reply; `integer` for a string that the store keeps as a whole number, as counters are. No framework's session is one. */
  readonly type: string;
  /** Undefined where the store keeps no idle times. */
  readonly idleSeconds: number | undefined;
  /** Undefined where MEMORY USAGE is not available. */
  readonly bytes: number | undefined;
}

/** A key with a TTL, and its size. */
export interface Sample extends Omit<PersistentKey, 'idleSeconds'> {
  /** Number of keys that it stands for; 0: it was read for its size alone. */
  readonly weight: number;
}

/** Keys whose names are too long for a session's, which are counted and not returned. */
interface LongNames {
  /** Those of all keys without a TTL. */
  readonly persistent: number;
  /** Those of the keys with a TTL, as the sampled ones show. */
  readonly sampled: number;
}

export const NO_LONG_NAMES: LongNames = { persistent: 0, sampled: 0 };

export interface Page {
  /** Cursor of the next page; `0` after the last one. Valid on this node only. */
  readonly cursor: string;
  readonly keys: number;
  /** The time of the server's clock, milliseconds since the epoch. Infinity where it was not asked: the page has no persistent keys. */
  readonly serverTimeMs: number;
  /** Number of round trips that the page took. */
  readonly roundTrips: number;
  readonly persistentKeys: readonly PersistentKey[];
  readonly samples: readonly Sample[];
  /** Other keys with a TTL above the request's size limit; none where pages are read by pipelines. */
  readonly larger: readonly Sample[];
  readonly longNames: LongNames;
}

/** The keys of one page, or of several that are handled together. */
export type PageKeys = Omit<Page, 'cursor' | 'roundTrips'>;

export interface PageSample {
  /** One in `<count>` keys. */
  readonly every: number;
  /** Keys since the last one. */
  readonly since: number;
}

export interface PageRequest {
  readonly cursor: string;
  /** SCAN's COUNT: the approximate number of keys. */
  readonly count: number;
  readonly sampleEvery: number;
  readonly sinceSample: number;
  /** Keys with a TTL and more bytes are returned too; 0: none. */
  readonly largeFromBytes: number;
  /** The keys that are measured for that; absent: each. */
  readonly measured?: PageSample;
}

/**
 * What must be unchanged since the key's life was read, for its repair to be applied. Idle times are the node's own, and a
 * key that was used since has a shorter one.
 */
export type Guard =
  | { readonly kind: 'none' }
  /** With `idleSeconds`, the key's idle time must be that long too. It is set where the sweep's own reads do not reset idle times. */
  | { readonly kind: 'field'; readonly field: string; readonly value: Buffer; readonly idleSeconds?: number }
  | { readonly kind: 'text'; readonly value: Buffer; readonly idleSeconds?: number }
  | { readonly kind: 'idle'; readonly seconds: number };

export interface RepairRequest extends Pick<PersistentKey, 'key' | 'type'> {
  readonly action: 'expire' | 'delete';
  /** The TTL that `expire` sets, as does a delete that the store cannot do. */
  readonly seconds: number;
  readonly guard: Guard;
}

/** `expired`: a session that was to be deleted got the request's seconds, where deleting it safely is not possible. */
export type RepairOutcome = 'done' | 'expired' | Extract<UnrepairedReason, 'changed-meanwhile' | 'not-permitted'>;

/** What became of repairs, as far as the store replied. */
export interface Repaired {
  /** In the order of the requests; undefined where no reply arrived: that repair can have taken effect or not. */
  readonly outcomes: readonly (RepairOutcome | 'not-sent' | undefined)[];
  /** The error that ended the connection; absent where all outcomes are known. */
  readonly interruption?: Error;
}

/** What a cursor counts: buckets, or slots and then the buckets of the slot. */
export type CursorOrder = 'buckets' | 'slots';

export interface StoreIdentity {
  /** Changes with every start of a server: a cursor is valid for one run of one node. */
  readonly runId: string;
  /** INFO master_replid: equal for a primary and its replicas; changes with each promotion, unlike the run id. */
  readonly replicationId: string;
  readonly role: 'master' | 'slave';
  /** Equal while idle times show each use (idle-mark.ts). */
  readonly idleMark: string | undefined;
  readonly version: string;
  readonly clustered: boolean;
  /** What the cursors of SCAN count. */
  readonly cursorOrder: CursorOrder;
}

/** A new life of a session that has a TTL, in seconds from now. */
export interface NewLife {
  /** `raise` only lengthens, `shorten` only shortens, by what the key has at that moment. */
  readonly how: 'raise' | 'shorten';
  /** The TTL that it gets at least, however long it has been idle. */
  readonly leastSeconds: number;
  /** A longer TTL, from which the server subtracts the key's idle time; it counts where the result exceeds `leastSeconds`. */
  readonly unusedSeconds?: number;
  /** The hash must have no other field than these, but for empty ones. */
  readonly onlyFields?: readonly string[];
}

/** A session with a TTL that is to get another one. */
export interface LifeRequest extends Pick<PersistentKey, 'key' | 'type'> {
  readonly life: NewLife;
  /** What was read of the session, by hash field (an empty name: of its text). If any of it has changed since, its life is not changed. */
  readonly unchanged: readonly { readonly field: string; readonly value: Buffer }[];
}

/** `kept`: it has what it should have, or is not as it was read. An error: the reply did not arrive. */
export type LifeOutcome = 'changed' | 'kept' | 'not-permitted' | { readonly error: Error };

/** What is read of a key: of a hash some fields, of a string its two ends. */
export interface ValueRequest {
  readonly key: Buffer;
  /** Fields that are read whole. Those of a session's life are short: longer ones are not read. */
  readonly fields?: readonly string[];
  readonly longFields?: readonly LongField[];
  readonly text?: boolean;
  readonly names?: boolean;
}
export type FoundFields = Readonly<Record<string, Buffer | typeof UNREAD>>;
/** A string's beginning, and where that is not all of it, its end. */
export type FoundText = { readonly start: Buffer; readonly end?: Buffer; readonly isWhole: boolean } | typeof UNREAD;
export interface FoundValue {
  /** Of those asked for only the ones that exist. */
  readonly fields: FoundFields;
  /** Undefined where it was not asked for. */
  readonly text?: FoundText;
  /** Of a short hash's fields, as latin1 text, where they were asked for and may be read. */
  readonly names?: readonly string[];
}
/** Seconds; `none` without a TTL, `gone` without the key. */
export type FoundTtl = number | 'none' | 'gone' | typeof UNREAD;

/** A key without a TTL, as its primary knows it. */
export type Inspected = Pick<PersistentKey, 'type' | 'idleSeconds'>;

export interface SweepStore {
  identify(): Promise<StoreIdentity>;
  readonly method: Method;
  /** Commands that read pages, as INFO commandstats names them; undefined for pipelines, whose commands other clients send too. */
  readonly pageCommands: readonly string[] | undefined;
  page(request: PageRequest): Promise<Page>;
  /** Undefined for a key that has a TTL or does not exist. */
  inspect(keys: readonly Buffer[]): Promise<(Inspected | undefined)[]>;
  /** Whether the reads below leave a key's idle time as it is: CLIENT NO-TOUCH, which Redis 7.0 does not have. */
  readonly readsKeepIdle: boolean;
  /**
   * In the order of the requests.
   * @param together by one script, where allowed: less work for this process. A paced sweep measures what its scripts take for its pages'
   */
  readValues(wanted: readonly ValueRequest[], together?: boolean): Promise<FoundValue[]>;
  readTtls(keys: readonly Buffer[]): Promise<FoundTtl[]>;
  /** @param dry checks everything, permissions included, but writes nothing */
  repair(requests: readonly RepairRequest[], dry: boolean): Promise<Repaired>;
  /** In the order of the requests. @param dry as above */
  changeLives(requests: readonly LifeRequest[], dry: boolean): Promise<readonly LifeOutcome[]>;
}

export type Reply = [error: Error | null, value: unknown];
export type Add<T> = (pipeline: ChainableCommander, subject: T, index: number) => ChainableCommander;

/** One round trip for all subjects. @throws the store's own errors, but not those about a single key */
export async function askEach<T>(redis: Redis, subjects: readonly T[], add: Add<T>): Promise<Reply[]> {
  const replies = await sendEach(redis, subjects, add);
  const fault = faultIn(replies);
  if (fault) throw fault;
  return replies;
}

/**
 * Like {@link askEach}, but does not throw when the connection breaks: keeps the replies that arrived, and returns the error as the reply
 * of all others.
 */
export async function sendEach<T>(redis: Redis, subjects: readonly T[], add: Add<T>): Promise<Reply[]> {
  if (subjects.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const [index, subject] of subjects.entries()) add(pipeline, subject, index);
  try {
    return ((await pipeline.exec()) ?? []) as Reply[];
  } catch (error) {
    return subjects.map(() => [error as Error, undefined]);
  }
}

/** The first error that is not about a single key. */
export const faultIn = (replies: readonly Reply[]): Error | undefined =>
  replies.find(([error]) => error && isFault(error))?.[0] ?? undefined;

/** True for an error of the connection, or of the whole store. */
export const isFault = (error: Error): boolean => !isRefusal(error) && !/^(?:ERR|WRONGTYPE|NOPERM)/.test(error.message);

/** Consecutive groups of `size` values; the last one can be smaller. */
export function inGroups<T>(values: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < values.length; at += size) groups.push(values.slice(at, at + size));
  return groups;
}

/** What the store's error messages mean, on every engine. Pure. */

/** True for an error about these keys, and not about the store itself. */
export const isRefusal = ({ message }: Error): boolean =>
  /NOPERM|can't access at least one of the keys|MOVED|^ASK|CROSSSLOT|non local key|No permissions/i.test(message);

/** True where the key's slot is on another node now, or on its way there. */
export const isElsewhere = ({ message }: Error): boolean => /^(?:MOVED|ASK)/.test(message);

/** True where the user has no permission for the command, whatever the key, or the engine does not have it. */
export const isCommandRefusal = ({ message }: Error, command: string): boolean =>
  /^ERR unknown command/i.test(message) || (message.startsWith('NOPERM') && message.includes(`run the '${command.toLowerCase()}' command`));

/** ElastiCache Serverless runs only scripts that have keys. */
export const isKeylessRefusal = ({ message }: Error): boolean => /without any input keys/i.test(message);
