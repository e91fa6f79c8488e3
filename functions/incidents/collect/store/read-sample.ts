import type { ChainableCommander, Redis } from 'ioredis';
import type { Classify, KnownKey } from '../../../sweep/keys/classify-key.ts';
import type { LifeSource } from '../../../sweep/keys/dialect.ts';
import { LOGIN_FIELDS } from '../../../sweep/keys/login-fields.ts';
import { readExpiry } from '../../../sweep/keys/read-expiry.ts';
import { fieldsOf } from '../../../sweep/keys/read-life.ts';
import { readNumber } from '../../../sweep/keys/read-number.ts';
import { isForeign } from '../../../sweep/keys/read-remains.ts';
import { UNREAD } from '../../../sweep/keys/unread.ts';
import { fieldTexts } from '../../../sweep/pages/read-lives.ts';
import { MEASURED_ELEMENTS } from '../../../sweep/store/page-script.ts';
import { keepIdleTimes, readFields } from '../../../sweep/store/read-values.ts';
import type { FoundFields } from '../../../sweep/store/sweep-store.ts';
import { createListNames } from './list-names.ts';

/** SCAN's COUNT: one page takes the store some 30 µs, and its questions as much again. */
const COUNT = 100;
/** express-session's cookie comes first. */
const HEAD_BYTES = 1_024;

/** A key of the sample, without its name. */
export interface SampledKey {
  readonly dialect: string;
  readonly role: KnownKey['rule']['role'] | 'unknown';
  /** Null without a TTL. */
  readonly ttlSeconds: number | null;
  /** Since its last use; only for sessions without a TTL. */
  readonly idleSeconds?: number;
  /** This and the following ones are only for keys that hold a session. */
  readonly bytes?: number;
  readonly declaredLifeSeconds?: number;
  readonly anonymous?: boolean;
}

/** Some pages of one database. @param mayGoOn asked before each page but the first. @throws the connection's error */
export async function readSample(redis: Redis, classify: Classify, pages: number, mayGoOn: () => boolean): Promise<readonly SampledKey[]> {
  const sample: SampledKey[] = [];
  // Otherwise each read counts as a use: a sweep would give the session a whole life, and the store evict another one in its place.
  await keepIdleTimes(redis);
  const listNames = createListNames(redis);
  let cursor = '0';
  for (let page = 0; page < pages && (page === 0 || (cursor !== '0' && mayGoOn())); page += 1) {
    const { names, longNamesTtlMs, ...next } = await listNames(cursor, COUNT);
    cursor = next.cursor;
    sample.push(...(await readKeys(redis, names, classify)), ...longNamesTtlMs.map(ofLongName));
  }
  return sample;
}

/** No framework writes such names: as any other unknown key, without its idle time. */
const ofLongName = (ttlMs: number): SampledKey => ({ dialect: 'unknown', role: 'unknown', ttlSeconds: secondsOf(ttlMs) });

const secondsOf = (ttlMs: number): number | null => (ttlMs < 0 ? null : Math.ceil(ttlMs / 1000));

/** A key by its name and type alone. */
interface NamedKey {
  readonly key: Buffer;
  readonly found: KnownKey | undefined;
  /** Negative without a TTL. */
  readonly ttlMs: number;
  readonly idle: unknown;
}

async function readKeys(redis: Redis, keys: readonly Buffer[], classify: Classify): Promise<readonly SampledKey[]> {
  const firsts = await ask(redis, keys, (pipeline, key) => pipeline.type(key).pttl(key).object('IDLETIME', key).object('ENCODING', key));
  const named = keys.flatMap((key, index): NamedKey[] => {
    const [type, ttlMs, idle, encoding] = firsts[index] ?? [];
    // It ended meanwhile.
    if (typeof type !== 'string' || type === 'none' || ttlMs === -2) return [];
    const kind = type === 'string' && encoding === 'int' ? 'integer' : type;
    return [{ key, found: classify(key.toString('latin1'), kind), ttlMs: typeof ttlMs === 'number' ? ttlMs : -1, idle }];
  });
  const known = await withoutForeign(redis, named);
  const sessions = known.filter(({ found }) => found?.rule.role === 'session');
  const details = new Map<Buffer, Partial<SampledKey>>();
  const asked = await ask(
    redis,
    sessions.map(({ key }) => key),
    (pipeline, key, index) => {
      const { dialect, rule } = (sessions[index] as (typeof sessions)[number]).found as KnownKey;
      // Asked after the idle time: reading a value counts as a use.
      pipeline.call('MEMORY', 'USAGE', key, 'SAMPLES', MEASURED_ELEMENTS);
      const life = rule.life as LifeSource;
      if (life.from === 'json-expires') pipeline.getrangeBuffer(key, 0, HEAD_BYTES - 1);
      else pipeline.exists(key);
      const login = LOGIN_FIELDS[dialect.name];
      return login === undefined ? pipeline.exists(key) : pipeline.hstrlen(key, login);
    },
  );
  const withFields = sessions.flatMap(({ key, found }) => {
    const life = found?.rule.life;
    return life?.from === 'fields' ? [{ key, fields: [life.maxInactive] }] : [];
  });
  // Their lengths first: one field can have more bytes than this function has memory.
  const read = await readFields(redis, withFields);
  const fields = new Map(withFields.map(({ key }, index) => [key, read[index] ?? {}]));
  for (const [index, { key, found }] of sessions.entries())
    details.set(key, detailsOf(found as KnownKey, asked[index] ?? [], fields.get(key) ?? {}));
  return known.map(({ key, found, ttlMs, idle }) => ({
    dialect: found?.dialect.name ?? 'unknown',
    role: found?.rule.role ?? 'unknown',
    ttlSeconds: secondsOf(ttlMs),
    ...(typeof idle === 'number' && { idleSeconds: idle }),
    ...details.get(key),
  }));
}

/** Keys that have the name of a session and are another program's, by their fields, are of no dialect. */
async function withoutForeign(redis: Redis, named: readonly NamedKey[]): Promise<readonly NamedKey[]> {
  const inTicks = named.filter(({ found }) => found?.rule.life?.from === 'ticks');
  const read = await readFields(
    redis,
    inTicks.map(({ key, found }) => ({ key, fields: fieldsOf(found?.rule.life as LifeSource) })),
  );
  const foreign = new Set(inTicks.filter(({ found }, index) => isForeign(found?.rule.life, fieldTexts(read[index] ?? {}))));
  return named.map((one) => (foreign.has(one) ? { ...one, found: undefined } : one));
}

function detailsOf({ dialect, rule }: KnownKey, [bytes, start, login]: readonly unknown[], fields: FoundFields): Partial<SampledKey> {
  const declared = declaredLife(rule.life as LifeSource, start, fields);
  return {
    ...(typeof bytes === 'number' && { bytes }),
    ...(declared !== undefined && { declaredLifeSeconds: declared }),
    ...(LOGIN_FIELDS[dialect.name] !== undefined && typeof login === 'number' && { anonymous: login === 0 }),
  };
}

/** The longest idle time that the session itself names. */
function declaredLife(source: LifeSource, start: unknown, fields: FoundFields): number | undefined {
  if (source.from === 'fields') {
    const value = fields[source.maxInactive];
    return value === undefined || value === UNREAD ? undefined : readNumber(value.toString('latin1'));
  }
  if (source.from !== 'json-expires' || !Buffer.isBuffer(start)) return undefined;
  return readExpiry(start.toString(), start.length < HEAD_BYTES)?.maxAgeSeconds;
}

/** The replies for each key, as many for one as for another, in one round trip. A refused command gives an undefined reply. @throws the connection's error */
async function ask(
  redis: Redis,
  keys: readonly Buffer[],
  questions: (pipeline: ChainableCommander, key: Buffer, index: number) => unknown,
): Promise<readonly (readonly unknown[])[]> {
  if (keys.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const [index, key] of keys.entries()) questions(pipeline, key, index);
  const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => (error === null ? reply : undefined));
  const each = replies.length / keys.length;
  return keys.map((_, index) => replies.slice(index * each, (index + 1) * each));
}
