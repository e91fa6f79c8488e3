import type { Remains } from '../contract/tally.ts';
import type { LifeSource } from './dialect.ts';
import { readNumber } from './evidence.ts';
import { type KeyValue, UNREAD } from './read-expiry.ts';

/** What the store returns about a key, besides its name. */
export interface LifeFacts extends KeyValue {
  /** Undefined where it is unknown: without idle times in the store, or without a record of the node (classify-key.ts). */
  readonly idleSeconds: number | undefined;
}

export type Life =
  | {
      readonly kind: 'limited';
      /** The session's remaining life; 0 or less when it is over. */
      readonly remainingSeconds: number;
      /** False when its last use is unknown: then it counts as used just now. */
      readonly isCertain: boolean;
      /** The session's own value states it. Otherwise the framework's default, or a configured life, is assumed. */
      readonly isDeclared: boolean;
      /** The key must not live longer than this, because another key has to outlive it. */
      readonly atMostSeconds?: number;
    }
  /** The session never expires, by intent. */
  | { readonly kind: 'permanent' }
  /** Its lifetime is stored in a form that this program cannot read. */
  | { readonly kind: 'unreadable' };

const UNREADABLE: Life = { kind: 'unreadable' };
const PERMANENT: Life = { kind: 'permanent' };

/** Redis is from 2009: an earlier time is in another unit, or in another form that looks like a number. */
const EARLIEST_MS = Date.UTC(2009, 0, 1);
const TICKS_PER_SECOND = 10_000_000;

/**
 * A session's remaining life, in doubt the longer one: a last access in the future counts as now, and of two accesses the later one counts.
 * If the fields are missing, the framework's default life counts; if a field has an unknown form, the life is unreadable.
 * @param nowMs the earlier of the known clocks, so that a clock that jumps ahead shortens no life
 */
export function readLife(source: LifeSource, key: string, facts: LifeFacts, nowMs: number): Life {
  const { idleSeconds } = facts;
  const sinceUse = (seconds: number): Life => ({
    kind: 'limited',
    remainingSeconds: seconds - (idleSeconds ?? 0),
    isCertain: idleSeconds !== undefined,
    isDeclared: false,
  });
  switch (source.from) {
    case 'idle':
      return sinceUse(source.defaultSeconds);
    case 'key-time': {
      const remainingSeconds = Number(key.slice(key.lastIndexOf(':') + 1)) / 1000 + source.graceSeconds - nowMs / 1000;
      return { kind: 'limited', remainingSeconds, isCertain: true, isDeclared: false };
    }
    case 'fields': {
      const maxInactive = numberOf(facts, source.maxInactive);
      const lastAccess = numberOf(facts, source.lastAccess);
      if (maxInactive === UNREAD) return UNREADABLE;
      if (maxInactive !== undefined && maxInactive < 0) return PERMANENT;
      const seconds = (maxInactive ?? source.defaultSeconds) + source.graceSeconds;
      if (lastAccess === undefined) return sinceUse(seconds);
      if (lastAccess === UNREAD || lastAccess < EARLIEST_MS) return UNREADABLE;
      const remainingSeconds = source.isEnd ? (lastAccess - nowMs) / 1000 : seconds - Math.max(0, nowMs - lastAccess) / 1000;
      return { kind: 'limited', remainingSeconds, isCertain: true, isDeclared: maxInactive !== undefined };
    }
    case 'text': {
      const expiry = facts.text === undefined || facts.text === UNREAD ? undefined : source.read(facts.text);
      if (expiry === undefined) return UNREADABLE;
      const { expiresMs = 0, maxAgeSeconds = source.defaultSeconds } = expiry;
      const isDeclared = expiry.expiresMs !== undefined || expiry.maxAgeSeconds !== undefined;
      // The text is as old as the last save: reading a session extends its life as well.
      const remainingSeconds = Math.max((expiresMs - nowMs) / 1000, maxAgeSeconds - (idleSeconds ?? 0));
      return { kind: 'limited', remainingSeconds, isCertain: idleSeconds !== undefined, isDeclared };
    }
    case 'ticks': {
      const sliding = numberOf(facts, 'sldexp');
      // Its distributed cache renews the life with each use.
      return typeof sliding === 'number' && sliding >= TICKS_PER_SECOND ? sinceUse(sliding / TICKS_PER_SECOND) : UNREADABLE;
    }
  }
}

/** Undefined for an absent field. */
function numberOf({ fields }: LifeFacts, field: string): number | typeof UNREAD | undefined {
  const value = fields[field];
  return typeof value === 'string' ? (readNumber(value) ?? UNREAD) : value;
}

export function fieldsOf(source: LifeSource): readonly string[] {
  switch (source.from) {
    case 'fields':
      return [...new Set([source.lastAccess, source.maxInactive, ...(source.remains ? [source.remains.ended.field] : [])])];
    case 'ticks':
      return ['sldexp'];
    default:
      return [];
  }
}

/** The longest idle time that the session itself names. */
export function declaredLife(source: LifeSource, { fields, text }: KeyValue): number | undefined {
  if (source.from === 'text') return text === undefined || text === UNREAD ? undefined : source.read(text)?.maxAgeSeconds;
  const value = source.from === 'fields' ? fields[source.maxInactive] : undefined;
  return value === undefined || value === UNREAD ? undefined : readNumber(value);
}

/**
 * What is left of a session that is over, by the fields of its hash. Pure.
 * @param fields as latin1 text, those that exist of the ones that the source needs
 * @returns undefined for a session, for a key that has gone meanwhile, and where it cannot be known
 */
export function readRemains(source: LifeSource | undefined, fields: Readonly<Record<string, string | typeof UNREAD>>): Remains | undefined {
  if (source?.from !== 'fields' || source.remains === undefined || Object.keys(fields).length === 0) return undefined;
  const { ended, incomplete } = source.remains;
  const value = fields[ended.field];
  if (value !== undefined && value !== UNREAD && ended.is(value)) return 'ended';
  return [source.lastAccess, source.maxInactive].every((field) => field in fields) ? undefined : incomplete;
}
