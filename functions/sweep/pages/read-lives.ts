/** The remaining life of a page's keys, and what would show that a key was used since. */
import type { SweepSettings } from '../contract/settings.ts';
import type { Remains } from '../contract/tally.ts';
import { policyFor } from '../keys/choose-repair.ts';
import { countableIdle } from '../keys/classify-key.ts';
import type { LifeSource } from '../keys/dialect.ts';
import { UNREAD } from '../keys/read-expiry.ts';
import { type Life, readLife, readRemains } from '../keys/read-life.ts';
import type { FoundTtl, Guard, PageKeys, PersistentKey, SweepStore } from '../store/sweep-store.ts';
import { asText, asValue, type Identified } from './identify.ts';

export interface LifeReading {
  readonly store: Pick<SweepStore, 'readValues' | 'readTtls' | 'readsKeepIdle'>;
  readonly settings: Pick<SweepSettings, 'policy' | 'policies'>;
  /** Since when the node has been primary; undefined where idle times prove nothing (classify-key.ts). */
  readonly primarySinceMs: number | undefined;
  /** Asks the primary for idle times, for pages that were read from a replica, whose own idle times prove nothing. */
  readonly askIdle?: ((keys: readonly Buffer[]) => Promise<readonly (number | undefined)[]>) | undefined;
  /** The time of this function's clock, milliseconds since the epoch. */
  readonly nowMs: number;
}

export interface ReadLife {
  readonly life: Life;
  readonly guard: Guard;
  /** The idle time that the primary returned; undefined where it was not asked, because the decision does not depend on it. */
  readonly idleSeconds: number | undefined;
  /** Undefined for a session that is not over. */
  readonly remains: Remains | undefined;
}

interface Subject {
  readonly persistentKey: PersistentKey;
  readonly source: LifeSource;
  readonly canDelete: boolean;
  readonly found: Pick<Identified, 'fields' | 'text'>;
}

/**
 * In the order of the keys; undefined for unknown, unverified and structural keys.
 * @param page with idle times from before its keys were identified, which would change them where `readsKeepIdle` is false
 */
export async function readLives(page: PageKeys, identified: readonly Identified[], work: LifeReading): Promise<(ReadLife | undefined)[]> {
  const subjects = page.persistentKeys.map((persistentKey, index): Subject | undefined => {
    const found = identified[index];
    const source = found?.known?.rule.life;
    if (found?.known === undefined || source === undefined || found.isUnverified) return undefined;
    return { persistentKey, source, canDelete: policyFor(found.known, work.settings) === 'delete', found };
  });
  const existing = subjects.filter((subject) => subject !== undefined);
  const ttls = await readOtherTtls(existing, work.store);
  const nowMs = Math.min(work.nowMs, page.serverTimeMs);
  const lifeOf = ({ persistentKey, source, found }: Subject, idleSeconds: number | undefined) => {
    const countable = countableIdle(idleSeconds, work.primarySinceMs, nowMs);
    return readLife(source, asText(persistentKey.key), { idleSeconds: countable, ...asValue(found) }, nowMs);
  };
  const needsIdle = (subject: Subject) =>
    dependsOnIdle(lifeOf(subject, undefined), lifeOf(subject, Number.MAX_SAFE_INTEGER), subject.canDelete);
  const asked = work.askIdle ? await askIdle(existing.filter(needsIdle), work.askIdle) : undefined;
  return subjects.map((subject) => {
    if (subject === undefined) return undefined;
    const idleSeconds = asked ? asked.get(subject) : subject.persistentKey.idleSeconds;
    const life = lifeOf(subject, idleSeconds);
    const guard = guardOf(subject, idleSeconds, work.store.readsKeepIdle);
    const remains = readRemains(subject.source, asValue(subject.found).fields);
    return { life: boundedBy(life, subject.source, ttls.get(subject), guard), guard, idleSeconds, remains };
  });
}

/**
 * Whether the idle time can change the decision: compares the key's life as if it was used just now with its life as if nobody had used it
 * for ever.
 */
export function dependsOnIdle(life: Life, unused: Life, canDelete: boolean): boolean {
  if (life.kind !== 'limited' || unused.kind !== 'limited') return life.kind !== unused.kind;
  return life.remainingSeconds !== unused.remainingSeconds || (canDelete && life.isCertain !== unused.isCertain);
}

async function askIdle(subjects: readonly Subject[], ask: NonNullable<LifeReading['askIdle']>) {
  const idle = subjects.length === 0 ? [] : await ask(subjects.map(({ persistentKey }) => persistentKey.key));
  return new Map(subjects.map((subject, at) => [subject, idle[at]]));
}

/** The TTL of a marker's session, or of a session's marker. */
async function readOtherTtls(subjects: readonly Subject[], store: LifeReading['store']): Promise<ReadonlyMap<Subject, FoundTtl>> {
  const withOther = subjects.flatMap((subject) => {
    const other = otherKey(subject);
    return other ? [{ subject, other }] : [];
  });
  const ttls = withOther.length === 0 ? [] : await store.readTtls(withOther.map(({ other }) => other));
  return new Map(withOther.map(({ subject }, at) => [subject, ttls[at] as FoundTtl]));
}

/**
 * The other key of a session and its marker, whose TTL limits this one's. For a session it is needed only if the session could be deleted.
 */
function otherKey({ persistentKey: { key }, source, canDelete }: Subject): Buffer | undefined {
  const other = source.from !== 'fields' ? undefined : (source.of ?? (canDelete ? source.marker : undefined));
  return other && Buffer.from(other(asText(key)), 'latin1');
}

/** Time by which a session outlives its marker, so that the framework can read it then. */
const AFTER_MARKER_SECONDS = 60;

function boundedBy(life: Life, source: LifeSource, otherTtl: FoundTtl | undefined, guard: Guard): Life {
  if (life.kind !== 'limited') return life;
  if (source.from === 'fields' && source.of) {
    if (otherTtl === UNREAD) return { kind: 'unreadable' };
    if (typeof otherTtl !== 'number') return life;
    return { ...life, atMostSeconds: otherTtl - Math.min(AFTER_MARKER_SECONDS, otherTtl / 2) };
  }
  // A session that still has its marker is not deleted: the framework reads the session when the marker expires.
  const hasMarker = otherTtl !== undefined && otherTtl !== 'gone';
  return { ...life, isCertain: life.isCertain && !hasMarker && showsUse(source, guard) };
}

/** Whether the guard would show a use of the key since its idle time was read. */
function showsUse(source: LifeSource, guard: Guard): boolean {
  switch (source.from) {
    case 'text':
      return guard.kind === 'text' && guard.idleSeconds !== undefined;
    case 'fields':
      return guard.kind !== 'none';
    default:
      return true; // ASP.NET Core sets a TTL with each use, and other keys have nothing that is read
  }
}

/** What changes when the application uses the session. */
function guardOf({ source, found: { fields, text } }: Subject, idleSeconds: number | undefined, readsKeepIdle: boolean): Guard {
  const idle: Guard = idleSeconds === undefined ? { kind: 'none' } : { kind: 'idle', seconds: idleSeconds };
  switch (source.from) {
    case 'fields': {
      if (source.of) return { kind: 'none' };
      const value = fields[source.lastAccess];
      if (Buffer.isBuffer(value)) return { kind: 'field', field: source.lastAccess, value };
      return readsKeepIdle ? idle : { kind: 'none' };
    }
    case 'text':
      if (text === undefined || text === UNREAD || text.start.length === 0) return { kind: 'none' };
      return { kind: 'text', value: text.start, ...(readsKeepIdle && idleSeconds !== undefined && { idleSeconds }) };
    case 'ticks':
      return readsKeepIdle ? idle : { kind: 'none' };
    case 'idle':
      return idle;
    case 'key-time':
      return { kind: 'none' };
  }
}
