/** Reads the remaining life of a page's keys, and what would show that a key was used since. */

import type { SweepSettings } from '../contract/settings.ts';
import type { Remains } from '../contract/tally.ts';
import { policyFor } from '../keys/choose-repair.ts';
import type { KnownKey } from '../keys/classify-key.ts';
import { countableIdle } from '../keys/countable-idle.ts';
import type { LifeSource } from '../keys/dialect.ts';
import { fieldsOf, type Life, type LifeFacts, readLife } from '../keys/read-life.ts';
import { isForeign, readRemains } from '../keys/read-remains.ts';
import { UNREAD } from '../keys/unread.ts';
import type { FoundFields, FoundText, FoundTtl, Guard, PageKeys, PersistentKey, SweepStore } from '../store/sweep-store.ts';

export interface LifeReading {
  readonly store: Pick<SweepStore, 'readFields' | 'readTexts' | 'readTtls' | 'readsKeepIdle'>;
  readonly settings: Pick<SweepSettings, 'policy' | 'policies'>;
  /** Since when the node has been primary; undefined where idle times prove nothing (countable-idle.ts). */
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
  /** Its fields show that it is another program's, whatever its name. */
  readonly isForeign: boolean;
}

interface Subject {
  readonly persistentKey: PersistentKey;
  readonly source: LifeSource;
  readonly canDelete: boolean;
}

/** What was read for one key, where its source needs it. */
interface Found {
  readonly fields: FoundFields;
  readonly text: FoundText | undefined;
  /** The TTL of a marker's session, or of a session's marker. */
  readonly otherTtl: FoundTtl | undefined;
}

/**
 * In the order of the keys; undefined for unknown and structural keys.
 * @param page with idle times from before these reads, which would change them where `readsKeepIdle` is false
 */
export async function readLives(
  page: PageKeys,
  known: readonly (KnownKey | undefined)[],
  work: LifeReading,
): Promise<(ReadLife | undefined)[]> {
  const subjects = page.persistentKeys.map((persistentKey, index): Subject | undefined => {
    const one = known[index];
    const source = one?.rule.life;
    return one && source && { persistentKey, source, canDelete: policyFor(one, work.settings) === 'delete' };
  });
  const found = await readAll(
    subjects.filter((subject) => subject !== undefined),
    work.store,
  );
  const nowMs = Math.min(work.nowMs, page.serverTimeMs);
  const lifeOf = ({ persistentKey, source }: Subject, values: Found, idleSeconds: number | undefined) => {
    const countable = countableIdle(idleSeconds, work.primarySinceMs, nowMs);
    return readLife(source, asText(persistentKey.key), { idleSeconds: countable, ...factsOf(values) }, nowMs);
  };
  const needsIdle = (subject: Subject) => {
    const values = found.get(subject) as Found;
    return dependsOnIdle(lifeOf(subject, values, undefined), lifeOf(subject, values, Number.MAX_SAFE_INTEGER), subject.canDelete);
  };
  const asked = work.askIdle ? await askIdle([...found.keys()].filter(needsIdle), work.askIdle) : undefined;
  return subjects.map((subject) => {
    if (subject === undefined) return undefined;
    const values = found.get(subject) as Found;
    const idleSeconds = asked ? asked.get(subject) : subject.persistentKey.idleSeconds;
    const life = lifeOf(subject, values, idleSeconds);
    const guard = guardOf(subject, idleSeconds, values, work.store.readsKeepIdle);
    const { fields } = factsOf(values);
    const remains = readRemains(subject.source, fields);
    const foreign = isForeign(subject.source, fields);
    return { life: boundedBy(life, subject.source, values, guard), guard, idleSeconds, remains, isForeign: foreign };
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

async function readAll(subjects: readonly Subject[], store: LifeReading['store']): Promise<Map<Subject, Found>> {
  const withFields = subjects.filter(({ source }) => fieldsOf(source).length > 0);
  const withText = subjects.filter(({ source }) => source.from === 'json-expires');
  const withOther = subjects.flatMap((subject) => {
    const other = otherKey(subject);
    return other ? [{ subject, other }] : [];
  });
  const fields = await store.readFields(withFields.map((subject) => ({ key: fieldsKey(subject), fields: fieldsOf(subject.source) })));
  const texts = await store.readTexts(withText.map(({ persistentKey }) => persistentKey.key));
  const ttls = await store.readTtls(withOther.map(({ other }) => other));
  const fieldsBy = new Map(withFields.map((subject, at) => [subject, fields[at]] as const));
  const textBy = new Map(withText.map((subject, at) => [subject, texts[at]] as const));
  const ttlBy = new Map(withOther.map(({ subject }, at) => [subject, ttls[at]] as const));
  const foundFor = (subject: Subject): Found => ({
    fields: fieldsBy.get(subject) ?? {},
    text: textBy.get(subject),
    otherTtl: ttlBy.get(subject),
  });
  return new Map(subjects.map((subject) => [subject, foundFor(subject)]));
}

export const asText = (bytes: Buffer): string => bytes.toString('latin1');
const asKey = (text: string): Buffer => Buffer.from(text, 'latin1');

const fieldsKey = ({ persistentKey: { key }, source }: Subject): Buffer =>
  source.from === 'fields' && source.of ? asKey(source.of(asText(key))) : key;

/**
 * The other key of a session and its marker, whose TTL limits this one's. For a session it is needed only if the session could be deleted.
 */
function otherKey({ persistentKey: { key }, source, canDelete }: Subject): Buffer | undefined {
  const other = source.from !== 'fields' ? undefined : (source.of ?? (canDelete ? source.marker : undefined));
  return other && asKey(other(asText(key)));
}

/** Values as latin1 text. */
export const fieldTexts = (fields: FoundFields): LifeFacts['fields'] =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === UNREAD ? UNREAD : asText(value)]));

/** What was read, as the life depends on it. */
export function factsOf({ fields, text }: Pick<Found, 'fields' | 'text'>): Omit<LifeFacts, 'idleSeconds'> {
  return {
    fields: fieldTexts(fields),
    ...(text !== undefined && { text: text === UNREAD ? UNREAD : { start: asText(text.start), isWhole: text.isWhole } }),
  };
}

/** Time by which a session outlives its marker, so that the framework can read it then. */
const AFTER_MARKER_SECONDS = 60;

function boundedBy(life: Life, source: LifeSource, { otherTtl }: Found, guard: Guard): Life {
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
    case 'json-expires':
      return guard.kind === 'text' && guard.idleSeconds !== undefined;
    case 'fields':
      return guard.kind !== 'none';
    default:
      return true; // ASP.NET Core sets a TTL with each use, and other keys have nothing that is read
  }
}

/** What changes when the application uses the session. */
function guardOf({ source }: Subject, idleSeconds: number | undefined, { fields, text }: Found, readsKeepIdle: boolean): Guard {
  const idle: Guard = idleSeconds === undefined ? { kind: 'none' } : { kind: 'idle', seconds: idleSeconds };
  switch (source.from) {
    case 'fields': {
      if (source.of) return { kind: 'none' };
      const value = fields[source.lastAccess];
      if (Buffer.isBuffer(value)) return { kind: 'field', field: source.lastAccess, value };
      return readsKeepIdle ? idle : { kind: 'none' };
    }
    case 'json-expires':
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
