import type { ChainableCommander, Redis } from 'ioredis';
import { type Classify, countableIdle, type KnownKey } from '../../../sweep/keys/classify-key.ts';
import { declaredLife } from '../../../sweep/keys/read-life.ts';
import { asValue, type Identified, identify, UNKNOWN } from '../../../sweep/pages/identify.ts';
import { LONGEST_NAME_BYTES, MEASURED_ELEMENTS } from '../../../sweep/store/page-script.ts';
import { keepIdleTimes, pipelinedValues } from '../../../sweep/store/read-values.ts';
import { isCommandRefusal, isKeylessRefusal } from '../../../sweep/store/sweep-store.ts';

/**
 * listNames-0: one page of SCAN without the names that are too long for a session's, which anybody can make who can choose a part of a
 * name. Writes nothing (EVAL_RO), reads no value, and touches no key.
 *
 * ARGV 1 cursor, 2 COUNT, 3 the longest name's bytes Reply {cursor, {name, …}, {TTL in ms or -1, …} of the keys with longer names}
 */
export const NAMES_SCRIPT = `local page = redis.call('SCAN', ARGV[1], 'COUNT', ARGV[2])
local names, ttls, longest = {}, {}, tonumber(ARGV[3])
for _, key in ipairs(page[2]) do
  if #key <= longest then
    names[#names + 1] = key
  else
    local ttl = redis.pcall('PTTL', key)
    if type(ttl) == 'number' and ttl ~= -2 then ttls[#ttls + 1] = ttl end
  end
end
return { page[1], names, ttls }`;

/** `longNamesTtlMs`: the TTL of each key whose name is too long, in milliseconds; -1 without a TTL. */
export type NamesPage = { readonly cursor: string; readonly names: readonly Buffer[]; readonly longNamesTtlMs: readonly number[] };

/** How one page is read: by the script, or by SCAN where the user or the store does not allow scripts. */
export type ListNames = (cursor: string, count: number) => Promise<NamesPage>;

export function createListNames(redis: Redis): ListNames {
  let byScript = true;
  return async (cursor, count) => {
    if (byScript) {
      try {
        const reply = await redis.callBuffer('EVAL_RO', NAMES_SCRIPT, 0, cursor, count, LONGEST_NAME_BYTES);
        const [next, names, longNamesTtlMs] = reply as unknown as [Buffer, Buffer[], number[]];
        return { cursor: next.toString(), names, longNamesTtlMs };
      } catch (error) {
        if (!isCommandRefusal(error as Error, 'EVAL_RO') && !isKeylessRefusal(error as Error)) throw error;
        byScript = false;
      }
    }
    return scanNames(redis, cursor, count);
  };
}

/** Here the long names cross the network, and go no further. */
async function scanNames(redis: Redis, cursor: string, count: number): Promise<NamesPage> {
  const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', count);
  const pipeline = redis.pipeline();
  for (const key of keys.filter(isLong)) pipeline.pttl(key);
  const ttls = pipeline.length === 0 ? [] : ((await pipeline.exec()) ?? []);
  return {
    cursor: next.toString(),
    names: keys.filter((key) => !isLong(key)),
    longNamesTtlMs: ttls.flatMap(([error, ttl]) => (error === null && ttl !== -2 ? [Number(ttl)] : [])),
  };
}

const isLong = (key: Buffer): boolean => key.length > LONGEST_NAME_BYTES;

const COUNT = 100;

export interface SampledKey {
  readonly dialect: string;
  readonly role: KnownKey['rule']['role'] | 'unknown';
  readonly ttlSeconds: number | null;
  /** Since its last use, where the node's idle times show that (classify-key.ts). */
  readonly idleSeconds?: number;
  /** This and the following ones are only for keys that hold a session. */
  readonly bytes?: number;
  readonly declaredLifeSeconds?: number;
}

export interface Sampling {
  readonly classify: Classify;
  readonly pages: number;
  readonly mayGoOn: () => boolean;
  /** Since when the node has been primary; undefined where its idle times prove nothing. */
  readonly primarySinceMs: number | undefined;
  readonly now: () => number;
}

export async function readSample(redis: Redis, sampling: Sampling): Promise<readonly SampledKey[]> {
  const { pages, mayGoOn } = sampling;
  const sample: SampledKey[] = [];
  // Otherwise each read counts as a use: a sweep would give the session a whole life, and the store evict another one in its place.
  const keepsIdle = await keepIdleTimes(redis);
  const listNames = createListNames(redis);
  let cursor = '0';
  for (let page = 0; page < pages && (page === 0 || (cursor !== '0' && mayGoOn())); page += 1) {
    const { names, longNamesTtlMs, ...next } = await listNames(cursor, COUNT);
    cursor = next.cursor;
    sample.push(...(await readKeys(redis, names, { ...sampling, keepsIdle })), ...longNamesTtlMs.map(ofLongName));
  }
  return sample;
}

const ofLongName = (ttlMs: number): SampledKey => ({ dialect: 'unknown', role: 'unknown', ttlSeconds: secondsOf(ttlMs) });

const secondsOf = (ttlMs: number): number | null => (ttlMs < 0 ? null : Math.ceil(ttlMs / 1000));

type NamedKey = { readonly key: Buffer; readonly type: string; readonly ttlMs: number; readonly idle: unknown };

const zip = <A, B>(some: readonly A[], others: readonly B[]): (readonly [A, B])[] => some.map((one, at) => [one, others[at] as B]);

type KnownSample = NamedKey & { readonly found: Identified };

async function readKeys(
  redis: Redis,
  keys: readonly Buffer[],
  { classify, keepsIdle, primarySinceMs, now }: Sampling & { readonly keepsIdle: boolean },
): Promise<readonly SampledKey[]> {
  const firsts = await ask(redis, keys, (pipeline, key) => pipeline.type(key).pttl(key).object('IDLETIME', key).object('ENCODING', key));
  const named = keys.flatMap((key, index): NamedKey[] => {
    const [type, ttlMs, idle, encoding] = firsts[index] ?? [];
    if (typeof type !== 'string' || type === 'none' || ttlMs === -2) return [];
    const kind = type === 'string' && encoding === 'int' ? 'integer' : type;
    return [{ key, type: kind, ttlMs: typeof ttlMs === 'number' ? ttlMs : -1, idle }];
  });
  const store = { readValues: (wanted: Parameters<typeof pipelinedValues>[1]) => pipelinedValues(redis, wanted) };
  const [withTtl, without] = [named.filter(({ ttlMs }) => ttlMs >= 0), named.filter(({ ttlMs }) => ttlMs < 0)];
  const found = new Map([
    ...zip(withTtl, await identify(withTtl, { classify, store, mayRead: true })),
    // Without a TTL the idle time is all that shows whether somebody uses a session.
    ...zip(without, await identify(without, { classify, store, mayRead: keepsIdle })),
  ]);
  const known = named.map((one): KnownSample => {
    const own = found.get(one);
    return { ...one, found: own === undefined || own.isUnverified ? UNKNOWN : own };
  });
  const sessions = known.filter(({ found }) => found.known?.rule.role === 'session');
  const asked = await ask(
    redis,
    sessions.map(({ key }) => key),
    (pipeline, key) => pipeline.call('MEMORY', 'USAGE', key, 'SAMPLES', MEASURED_ELEMENTS),
  );
  const nowMs = now();
  const details = new Map(sessions.map(({ key, found }, at) => [key, detailsOf(found, asked[at] ?? [])]));
  return known.map(({ key, found, ttlMs, idle }) => ({
    dialect: found.known?.dialect.name ?? 'unknown',
    role: found.known?.rule.role ?? 'unknown',
    ttlSeconds: secondsOf(ttlMs),
    ...withIdle(countableIdle(typeof idle === 'number' ? idle : undefined, primarySinceMs, nowMs)),
    ...details.get(key),
  }));
}

const withIdle = (idleSeconds: number | undefined) => (idleSeconds === undefined ? {} : { idleSeconds });

function detailsOf({ known, ...found }: Identified, [bytes]: readonly unknown[]): Partial<SampledKey> {
  const declared = known?.rule.life && declaredLife(known.rule.life, asValue(found));
  return { ...(typeof bytes === 'number' && { bytes }), ...(declared !== undefined && { declaredLifeSeconds: declared }) };
}

/** In one round trip. A refused command gives an undefined reply. @throws the connection's error */
async function ask(
  redis: Redis,
  keys: readonly Buffer[],
  questions: (pipeline: ChainableCommander, key: Buffer) => unknown,
): Promise<readonly (readonly unknown[])[]> {
  if (keys.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const key of keys) questions(pipeline, key);
  const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => (error === null ? reply : undefined));
  const each = replies.length / keys.length;
  return keys.map((_, index) => replies.slice(index * each, (index + 1) * each));
}
