import type { Redis } from 'ioredis';
import { cachedScript, type ReadOnlyEval } from '../pages/cached-script.ts';
import { pipelinedPage, pipelinedRepair } from '../pages/pipelined-pages.ts';
import { scriptedPage, scriptedRepair } from '../pages/scripted-pages.ts';
import { PAGE_SCRIPT } from '../pages/scripts.ts';
import type { Method, StoreIdentity, SweepStore } from './sweep-store.ts';

/** The numbers of a session are short: longer values are not read. */
const LONGEST_FIELD_BYTES = 128;
/** The cookie is at the beginning of a session's JSON. */
const TEXT_BYTES = 512;

/** Opens a sweep's view of a connected store, and finds out how to read its pages. @throws when the store does not answer */
export async function openSweepStore(redis: Redis): Promise<SweepStore & { readonly identity: StoreIdentity }> {
  const identity = readIdentity(await redis.info());
  const evaluate = await usableEval(redis);
  const runPage = evaluate && cachedScript(redis, evaluate, PAGE_SCRIPT);
  const method: Method = evaluate === undefined ? 'pipeline' : 'script';
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
    repair: (requests, dry) =>
      evaluate ? scriptedRepair(redis, evaluate, !identity.clustered, requests, dry) : pipelinedRepair(redis, requests, dry),
  };
}

/** Undefined without permission to run scripts. */
async function usableEval(redis: Redis): Promise<ReadOnlyEval | undefined> {
  for (const evaluate of ['EVAL_RO', 'EVAL'] as const) {
    try {
      await redis.call(evaluate, 'return 1', 0);
      return evaluate;
    } catch (error) {
      if (!/^(?:NOPERM|ERR unknown command)/i.test((error as Error).message)) throw error;
    }
  }
  return undefined;
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
  return {
    runId: field('run_id'),
    role: field('role') === 'slave' ? 'slave' : 'master',
    version: field('valkey_version') || field('redis_version'),
    clustered: field('redis_mode') === 'cluster' || field('server_mode') === 'cluster',
  };
}
