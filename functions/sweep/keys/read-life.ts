import type { LifeSource } from './dialect.ts';

/** What the store returns about a key, besides its name. */
export interface LifeFacts {
  /** Undefined where the store keeps no idle times: under an LFU policy, and on ElastiCache Serverless. */
  readonly idleSeconds: number | undefined;
  /** The existing hash fields that the life source needs. */
  readonly fields: Readonly<Record<string, string>>;
  /** The beginning of a string's value, where the life source needs it. */
  readonly text: string;
}

export type Life =
  | {
      readonly kind: 'limited';
      /** The session's remaining life; 0 or less when it is over. */
      readonly remainingSeconds: number;
      /** False when its last use is unknown: then it counts as used just now. */
      readonly isCertain: boolean;
    }
  /** Without expiry by intent. */
  | { readonly kind: 'permanent' };

const TICKS_A_SECOND = 10_000_000;
/** Ticks between the year 1 and the epoch, in seconds. */
const EPOCH_IN_SECONDS = 62_135_596_800;

/**
 * A session's remaining life. In doubt the longer one: a last access in the future counts as now, and of two accesses the
 * later one counts.
 * @param nowMs the earlier of the known clocks, so that a clock that jumps ahead shortens no life
 */
export function readLife(source: LifeSource, key: string, facts: LifeFacts, nowMs: number): Life {
  const { idleSeconds, fields } = facts;
  const sinceUse = (seconds: number): Life => ({
    kind: 'limited',
    remainingSeconds: seconds - (idleSeconds ?? 0),
    isCertain: idleSeconds !== undefined,
  });
  switch (source.from) {
    case 'idle':
      return sinceUse(source.defaultSeconds);
    case 'key-time':
      return {
        kind: 'limited',
        remainingSeconds: Number(/\d+$/.exec(key)?.[0]) / 1000 + source.graceSeconds - nowMs / 1000,
        isCertain: true,
      };
    case 'fields': {
      const maxInactive = readNumber(fields[source.maxInactive]);
      if (maxInactive !== undefined && maxInactive < 0) return { kind: 'permanent' };
      const seconds = (maxInactive ?? source.defaultSeconds) + source.graceSeconds;
      const lastAccess = readNumber(fields[source.lastAccess]);
      if (lastAccess === undefined) return sinceUse(seconds);
      return { kind: 'limited', remainingSeconds: seconds - Math.max(0, nowMs - lastAccess) / 1000, isCertain: true };
    }
    case 'json-expires': {
      const { expiresMs = 0, maxAgeSeconds = source.defaultSeconds } = readExpiry(facts.text);
      // The text is as old as the last save: reading a session extends its life as well.
      const remainingSeconds = Math.max((expiresMs - nowMs) / 1000, maxAgeSeconds - (idleSeconds ?? 0));
      return { kind: 'limited', remainingSeconds, isCertain: idleSeconds !== undefined };
    }
    case 'ticks': {
      const sliding = readNumber(fields['sldexp']) ?? -1;
      const absolute = readNumber(fields['absexp']) ?? -1;
      if (sliding < 0 && absolute < 0) return { kind: 'permanent' };
      const used = sliding < 0 ? Number.POSITIVE_INFINITY : sliding / TICKS_A_SECOND - (idleSeconds ?? 0);
      const until = absolute < 0 ? Number.POSITIVE_INFINITY : absolute / TICKS_A_SECOND - EPOCH_IN_SECONDS - nowMs / 1000;
      return { kind: 'limited', remainingSeconds: Math.min(used, until), isCertain: idleSeconds !== undefined || sliding < 0 };
    }
  }
}

/** Hash fields that a source reads. */
export function fieldsOf(source: LifeSource): readonly string[] {
  switch (source.from) {
    case 'fields':
      return [source.lastAccess, source.maxInactive];
    case 'ticks':
      return ['sldexp', 'absexp'];
    default:
      return [];
  }
}

/**
 * A whole number as the frameworks write it: its digits, quoted or typed (`["java.lang.Long",1700000000000]`), or a
 * serialised java.lang.Long or Integer, whose last bytes are its value. Undefined for anything else.
 */
export function readNumber(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [, digits] = /^(?:\["java\.lang\.\w+",)?"?(-?\d{1,19})"?\]?$/.exec(value) ?? [];
  if (digits !== undefined) return Number(digits);
  if (!value.startsWith('\xac\xed\x00\x05sr')) return undefined;
  const bytes = Buffer.from(value, 'latin1');
  if (value.includes('java.lang.Long')) return Number(bytes.readBigInt64BE(bytes.length - 8));
  if (value.includes('java.lang.Integer')) return bytes.readInt32BE(bytes.length - 4);
  return undefined;
}

/** `expires`, and the cookie's lifetime when it is renewed: `originalMaxAge`, in ms. */
function readExpiry(text: string): { expiresMs?: number; maxAgeSeconds?: number } {
  const expiresMs = Date.parse(/"expires":\s*"([^"]{10,40})"/.exec(text)?.[1] ?? '');
  const maxAgeMs = Number(/"originalMaxAge":\s*(\d{1,15})/.exec(text)?.[1] ?? Number.NaN);
  return { ...(!Number.isNaN(expiresMs) && { expiresMs }), ...(!Number.isNaN(maxAgeMs) && { maxAgeSeconds: maxAgeMs / 1000 }) };
}
