/** Reads what keys say of their life. Each function needs one or two round trips for any number of keys. */
import type { Redis } from 'ioredis';
import { UNREAD } from '../keys/unread.ts';
import { type Add, sendEach } from './ask-each.ts';
import type { RunScript } from './cached-script.ts';
import type { FieldsRequest, FoundFields, FoundText, FoundTtl } from './sweep-store.ts';

/** The numbers of a session are short: longer values are not read. */
const LONGEST_FIELD_BYTES = 128;
/** The cookie is at the beginning of a session's JSON. */
const TEXT_BYTES = 512;

/**
 * Asks the server not to count this connection's commands as use of keys.
 * @returns false where it does not know the command (Redis 7.0), or the user is not allowed to use it
 */
export async function keepIdleTimes(redis: Pick<Redis, 'call'>): Promise<boolean> {
  try {
    await redis.call('CLIENT', 'NO-TOUCH', 'ON');
    return true;
  } catch (error) {
    if (!/^(?:NOPERM|ERR)/.test((error as Error).message)) throw error;
    return false;
  }
}

/** The lengths, then the values that are short enough. */
export async function readFields(redis: Redis, wanted: readonly FieldsRequest[]): Promise<FoundFields[]> {
  const asked = wanted.flatMap(({ key, fields }, index) => fields.map((field) => ({ key, field, index })));
  const lengths = await each(redis, asked, (pipeline, { key, field }) => pipeline.hstrlen(key, field));
  // An absent field has the length 0, like an empty one.
  const isShort = (at: number) => lengths[at] !== UNREAD && Number(lengths[at]) <= LONGEST_FIELD_BYTES;
  const short = asked.filter((_, at) => isShort(at));
  const values = await each(redis, short, (pipeline, { key, field }) => pipeline.hgetBuffer(key, field));
  const valueBy = new Map(short.map((one, at) => [one, values[at]]));
  const found: Record<string, Buffer | typeof UNREAD>[] = wanted.map(() => ({}));
  for (const one of asked) {
    const value = valueBy.has(one) ? valueBy.get(one) : UNREAD;
    if (value !== null) (found[one.index] as (typeof found)[number])[one.field] = Buffer.isBuffer(value) ? value : UNREAD;
  }
  return found;
}

export async function readTexts(redis: Redis, keys: readonly Buffer[]): Promise<FoundText[]> {
  // One byte more shows whether there is more.
  const texts = await each(redis, keys, (pipeline, key) => pipeline.getrangeBuffer(key, 0, TEXT_BYTES));
  return texts.map(asText);
}

/**
 * readTexts-0: the beginnings of strings; nothing for a key that is none, or that cannot be read. Writes nothing.
 *
 * ARGV 1 the last byte, 2…N keys
 */
export const TEXTS_SCRIPT = `local texts = {}
for i = 2, #ARGV do
  local text = redis.pcall('GETRANGE', ARGV[i], '0', ARGV[1])
  texts[i - 1] = type(text) == 'string' and text or false
end
return texts`;

/** The same by one command, which is less work for this process. @param run runs TEXTS_SCRIPT */
export async function scriptedTexts(run: RunScript, keys: readonly Buffer[]): Promise<FoundText[]> {
  return keys.length === 0 ? [] : ((await run(TEXT_BYTES, ...keys)) as unknown[]).map(asText);
}

const asText = (text: unknown): FoundText =>
  Buffer.isBuffer(text) ? { start: text.subarray(0, TEXT_BYTES), isWhole: text.length <= TEXT_BYTES } : UNREAD;

export async function readTtls(redis: Redis, keys: readonly Buffer[]): Promise<FoundTtl[]> {
  const ttls = await each(redis, keys, (pipeline, key) => pipeline.pttl(key));
  return ttls.map((ttl) => (typeof ttl !== 'number' ? UNREAD : ttl === -1 ? 'none' : ttl === -2 ? 'gone' : ttl / 1_000));
}

/** Values in the order of `subjects`; UNREAD for an error about one key, such as a wrong type. */
async function each<T>(redis: Redis, subjects: readonly T[], add: Add<T>): Promise<unknown[]> {
  const replies = await sendEach(redis, subjects, add);
  return subjects.map((_, at) => {
    const [error, value] = replies[at] ?? [undefined, UNREAD];
    if (error && !/^(?:WRONGTYPE|NOPERM|MOVED|ASK|ERR unknown command)/i.test(error.message)) throw error;
    return error ? UNREAD : value;
  });
}
