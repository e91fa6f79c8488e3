/** Reads what keys say of what they are, and of their life. A script needs one round trip for any number of keys, pipelines two. */
import type { Redis } from 'ioredis';
import { UNREAD } from '../keys/read-expiry.ts';
import type { RunScript } from './scripted-repair.ts';
import { type Add, type FoundText, type FoundTtl, type FoundValue, sendEach, type ValueRequest } from './sweep-store.ts';

/** The numbers of a session are short: longer values are not read. */
const LONGEST_FIELD_BYTES = 128;
/** Of a longer field not even the beginning is read: the store copies all of it for that. */
const LONGEST_START_BYTES = 65_536;
/** A longer hash is no session: its fields are read by their names alone. */
const MOST_FIELDS = 64;
/** express-session's cookie is at the beginning of a session's JSON; koa-session and older versions of fastify's write at its end. */
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

/**
 * read-values-0: the values of a batch's keys. Writes nothing. An error about one key, such as a wrong type, makes that value unread.
 *
 * ARGV 1 bytes of a text's beginning and end, 2 of the longest field, 3 of the longest field whose beginning is read, 4 how many keys of which
 * the text alone is read, and these keys; then of each other key: the key, 1 for its text or 2 for the names of its fields, how many fields,
 * how many long fields, the names of the fields, and of each long field its name and that of the field without which it is not read (empty: it only has to exist).
 * Returns of each key: the text's beginning and its end, or the names in lines (false for what is not read), then of each field its value,
 * false without the field, or 0 for one that is not read.
 */
export const VALUES_SCRIPT = `local ends, longest, longest_start = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function field_of(key, name, most)
  local length = redis.pcall('HSTRLEN', key, name)
  if type(length) ~= 'number' or length > most then return 0 end
  local value = redis.pcall('HGET', key, name)
  if type(value) == 'table' then return 0 end
  return type(value) == 'string' and string.sub(value, 1, longest) or false
end
local function long_field_of(key, name, after)
  if after ~= '' and redis.pcall('HSTRLEN', key, after) == 0 then return false end
  return field_of(key, name, after == '' and 0 or longest_start)
end
local function text_of(key)
  local start = redis.pcall('GETRANGE', key, '0', ARGV[1])
  if type(start) ~= 'string' then return {false, false} end
  local rest = #start > ends and redis.pcall('GETRANGE', key, '-' .. ARGV[1], '-1')
  return {start, type(rest) == 'string' and rest or false}
end
local function names_of(key)
  local count = redis.pcall('HLEN', key)
  local names = type(count) == 'number' and count <= ${MOST_FIELDS} and redis.pcall('HKEYS', key)
  return {type(names) == 'table' and not names.err and string.sub(table.concat(names, '\\n'), 1, longest_start) or false, false}
end
local found, at = {}, 5 + tonumber(ARGV[4])
for text = 5, at - 1 do found[text - 4] = text_of(ARGV[text]) end
while at <= #ARGV do
  local key, whole, long = ARGV[at], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local one = ARGV[at + 1] == '1' and text_of(key) or ARGV[at + 1] == '2' and names_of(key) or {false, false}
  at = at + 4
  for field = 1, whole do one[field + 2] = field_of(key, ARGV[at + field - 1], longest) end
  at = at + whole
  for field = 1, long do one[whole + field + 2] = long_field_of(key, ARGV[at + 2 * field - 2], ARGV[at + 2 * field - 1]) end
  at = at + 2 * long
  found[#found + 1] = one
end
return found`;

/** By one command, which is less work for this process, too. @param run runs VALUES_SCRIPT */
export async function scriptedValues(run: RunScript, wanted: readonly ValueRequest[]): Promise<FoundValue[]> {
  if (wanted.length === 0) return [];
  const isText = ({ fields = [], longFields = [], text }: ValueRequest) => text === true && fields.length + longFields.length === 0;
  const texts = wanted.filter(isText);
  const others = wanted.filter((one) => !isText(one));
  const words = others.flatMap(({ key, text, names, fields = [], longFields = [] }) => [
    key,
    text ? 1 : names ? 2 : 0,
    fields.length,
    longFields.length,
    ...fields,
    ...longFields.flatMap(({ name, after = '' }) => [name, after]),
  ]);
  const limits = [TEXT_BYTES, LONGEST_FIELD_BYTES, LONGEST_START_BYTES];
  const replies = (await run(...limits, texts.length, ...texts.map(({ key }) => key), ...words)) as readonly (readonly unknown[])[];
  const replyOf = new Map([...texts, ...others].map((one, index) => [one, replies[index]]));
  return wanted.map((one) => {
    const { text, fields = [], longFields = [] } = one;
    const [start, end, ...values] = replyOf.get(one) ?? [];
    const named = [...fields, ...longFields.map(({ name }) => name)].map((field, at) => [field, values[at]] as const);
    return {
      ...foundIn(named, text && [start, end]),
      ...(one.names && Buffer.isBuffer(start) && { names: start.toString('latin1').split('\n') }),
    };
  });
}

/** By pipelines, without the names of fields: the lengths and the beginnings of texts, then what is short enough, and the ends. */
export async function pipelinedValues(redis: Redis, wanted: readonly ValueRequest[]): Promise<FoundValue[]> {
  const asked = wanted.flatMap(({ key, fields = [], longFields = [] }, index) => [
    ...fields.map((field) => ({ key, index, field, most: LONGEST_FIELD_BYTES, after: undefined })),
    ...longFields.map(({ name, after }) => ({ key, index, field: name, most: after ? LONGEST_START_BYTES : 0, after })),
  ]);
  const texts = wanted.flatMap(({ key, text }, index) => (text ? [{ key, index, field: undefined }] : []));
  const first = await each(redis, [...asked, ...texts], (pipeline, { key, field }) =>
    // One byte more shows whether there is more.
    field === undefined ? pipeline.getrangeBuffer(key, 0, TEXT_BYTES) : pipeline.hstrlen(key, field),
  );
  const isShort = (at: number, most: number) => first[at] !== UNREAD && Number(first[at]) <= most;
  const missing = new Set(asked.filter((_, at) => first[at] === 0).map(({ index, field }) => `${index} ${field}`));
  const isAfterMissing = ({ index, after }: (typeof asked)[number]) => after !== undefined && missing.has(`${index} ${after}`);
  const short = asked.filter((one, at) => isShort(at, one.most) && !isAfterMissing(one));
  const starts = texts.map((text, at) => ({ ...text, start: first[asked.length + at] }));
  const long = starts.filter(({ start }) => Buffer.isBuffer(start) && start.length > TEXT_BYTES);
  const second = await each(redis, [...short, ...long], (pipeline, one) =>
    one.field === undefined ? pipeline.getrangeBuffer(one.key, -TEXT_BYTES, -1) : pipeline.hgetBuffer(one.key, one.field),
  );
  const valueBy = new Map<unknown, unknown>([...short, ...long].map((one, at) => [one, second[at]]));
  const textBy = new Map(starts.map((one) => [one.index, [one.start, valueBy.get(one)] as const]));
  const fieldsBy = Map.groupBy(asked, ({ index }) => index);
  return wanted.map(({ text }, index) => {
    // An absent field has the length 0, like an empty one: its value is null.
    const found = (one: (typeof asked)[number]) => (valueBy.has(one) ? valueBy.get(one) : isAfterMissing(one) ? null : UNREAD);
    const named = (fieldsBy.get(index) ?? []).map((one) => [one.field, found(one)] as const);
    return foundIn(named, text && (textBy.get(index) ?? []));
  });
}

/** @param text its beginning and end; undefined where it was not asked for */
function foundIn(fields: readonly (readonly [string, unknown])[], text: readonly unknown[] | undefined | false): FoundValue {
  const found: Record<string, Buffer | typeof UNREAD> = {};
  for (const [field, value] of fields) {
    if (value === null || value === undefined) continue;
    // Of a field that was also asked only whether it exists, what was read counts.
    if (Buffer.isBuffer(value)) found[field] = value.subarray(0, LONGEST_FIELD_BYTES);
    else if (!Object.hasOwn(found, field)) found[field] = UNREAD;
  }
  return { fields: found, ...(text && { text: asText(text) }) };
}

function asText([start, end]: readonly unknown[]): FoundText {
  if (!Buffer.isBuffer(start)) return UNREAD;
  const isWhole = start.length <= TEXT_BYTES;
  return { start: start.subarray(0, TEXT_BYTES), ...(!isWhole && Buffer.isBuffer(end) && { end }), isWhole };
}

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
