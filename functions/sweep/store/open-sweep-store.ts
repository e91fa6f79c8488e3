import type { Redis } from 'ioredis';
import { cachedScript } from '../pages/cached-script.ts';
import { pipelinedPage } from '../pages/pipelined-pages.ts';
import { createRepair } from '../pages/repair-keys.ts';
import { scriptedPage } from '../pages/scripted-pages.ts';
import { PAGE_SCRIPT } from '../pages/scripts.ts';
import { findUsableScripts } from './find-usable-scripts.ts';
import type { Method, StoreIdentity, SweepStore } from './sweep-store.ts';

/** The numbers of a session are short: longer values are not read. */
const LONGEST_FIELD_BYTES = 128;
/** The cookie is at the beginning of a session's JSON. */
const TEXT_BYTES = 512;

/** Opens a sweep's view of a connected store, and finds out how to read its pages. @throws when the store does not answer */
export async function openSweepStore(redis: Redis): Promise<SweepStore & { readonly identity: StoreIdentity }> {
  const identity = readIdentity(await redis.info());
  const scripts = await findUsableScripts(redis);
  const runPage = scripts.readOnly && cachedScript(redis, scripts.readOnly, PAGE_SCRIPT);
  const method: Method = runPage === undefined ? 'pipeline' : 'script';
  return {
    identity,
    identify: async () => readIdentity(await redis.info()),
    method,
    page: (request) => (runPage ? scriptedPage(runPage, request) : pipelinedPage(redis, request)),
    readFields: (wanted) => readFields(redis, wanted),
    async readTexts(keys) {
      const texts = await each(redis, keys, (pipeline, key) => pipeline.getrangeBuffer(key, 0, TEXT_BYTES - 1));
      return texts.map((text) => (Buffer.isBuffer(text) ? text : Buffer.alloc(0)));
    },
    repair: createRepair(redis, scripts, !identity.clustered),
  };
}

/** Two round trips: the lengths, then the values that are short enough. */
async function readFields(
  redis: Redis,
  wanted: readonly { readonly key: Buffer; readonly fields: readonly string[] }[],
): Promise<Record<string, Buffer>[]> {
  const asked = wanted.flatMap(({ key, fields }, index) => fields.map((field) => ({ key, field, index })));
  const lengths = await each(redis, asked, (pipeline, { key, field }) => pipeline.hstrlen(key, field));
  const short = asked.filter((_, at) => Number(lengths[at]) > 0 && Number(lengths[at]) <= LONGEST_FIELD_BYTES);
  const values = await each(redis, short, (pipeline, { key, field }) => pipeline.hgetBuffer(key, field));
  const found: Record<string, Buffer>[] = wanted.map(() => ({}));
  for (const [at, { field, index }] of short.entries()) {
    const value = values[at];
    if (Buffer.isBuffer(value)) (found[index] as Record<string, Buffer>)[field] = value;
  }
  return found;
}

/** Values in the order of `subjects`; undefined for an error about one key, such as a wrong type. */
async function each<T>(
  redis: Redis,
  subjects: readonly T[],
  add: (pipeline: ReturnType<Redis['pipeline']>, subject: T) => unknown,
): Promise<unknown[]> {
  if (subjects.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const subject of subjects) add(pipeline, subject);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, value]) => {
    if (error && !/^(?:WRONGTYPE|NOPERM|MOVED|ASK)/.test(error.message)) throw error;
    return error ? undefined : value;
  });
}

function readIdentity(info: string): StoreIdentity {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const clustered = field('redis_mode') === 'cluster' || field('server_mode') === 'cluster';
  return {
    // ElastiCache Serverless is one endpoint, without nodes of its own.
    runId: field('run_id') || 'not-reported',
    role: field('role') === 'slave' ? 'slave' : 'master',
    version: field('valkey_version') || field('redis_version'),
    clustered,
    cursorOrder: clustered && hasTablePerSlot(field('valkey_version'), field('redis_version')) ? 'slots' : 'buckets',
  };
}

/** In cluster mode, since Valkey 8.0 and Redis 7.4. Valkey also reports the version of Redis that it is compatible with. */
function hasTablePerSlot(valkey: string, redis: string): boolean {
  const [major = 0, minor = 0] = (valkey || redis).split('.').map(Number);
  return major >= 8 || (valkey === '' && major === 7 && minor >= 4);
}
