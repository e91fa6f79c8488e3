/** Pages and repairs where the store allows no scripts: SCAN, and pipelined commands for every key. */
import type { ChainableCommander, Redis } from 'ioredis';
import type { Guard, Page, PageRequest, RepairOutcome, RepairRequest } from '../store/sweep-store.ts';
import { isRefusal } from './scripted-pages.ts';

type Reply = [error: Error | null, value: unknown];

export async function pipelinedPage(redis: Redis, { cursor, count, sampleEvery, sinceSample }: PageRequest): Promise<Page> {
  const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', count);
  const ttls = await ask(redis, keys, (pipeline, key) => pipeline.pttl(key));
  const persistent = keys.filter((_, index) => ttls[index]?.[1] === -1);
  const sampled = keys.filter((_, index) => Number(ttls[index]?.[1]) >= 0 && (index + 1 + sinceSample) % sampleEvery === 0);
  const inspected = [...persistent, ...sampled];
  const types = await ask(redis, inspected, (pipeline, key) => pipeline.type(key));
  const bytes = await ask(redis, inspected, (pipeline, key) => pipeline.memory('USAGE', key, 'SAMPLES', 5));
  const idle = await ask(redis, persistent, (pipeline, key) => pipeline.object('IDLETIME', key));
  const [seconds, micros] = await redis.time();
  const weighed = inspected.map((key, index) => ({ key, type: String(types[index]?.[1]), bytes: numberOf(bytes[index]) }));
  return {
    cursor: next.toString(),
    keys: keys.length,
    serverTimeMs: Number(seconds) * 1000 + Math.floor(Number(micros) / 1000),
    // A key that no longer exists has the type none.
    persistentKeys: weighed
      .slice(0, persistent.length)
      .map((one, index) => ({ ...one, idleSeconds: numberOf(idle[index]) }))
      .filter(({ type }) => type !== 'none'),
    samples: weighed.slice(persistent.length).filter(({ type }) => type !== 'none'),
    larger: [], // measuring every key would double the commands
  };
}

/**
 * Checks again, then EXPIRE with NX: it keeps a TTL that the application sets in between, but cannot see any other change. It
 * deletes no key: a key past its life gets the seconds of its request.
 */
export async function pipelinedRepair(redis: Redis, requests: readonly RepairRequest[], dry: boolean): Promise<RepairOutcome[]> {
  const keys = requests.map(({ key }) => key);
  const ttls = await ask(redis, keys, (pipeline, key) => pipeline.pttl(key));
  const types = await ask(redis, keys, (pipeline, key) => pipeline.type(key));
  const guards = await ask(redis, requests, (pipeline, { key, guard }) => askGuard(pipeline, key, guard));
  const isUnchanged = requests.map(
    ({ type, guard }, index) => ttls[index]?.[1] === -1 && types[index]?.[1] === type && holds(guard, guards[index]),
  );
  const repaired = requests.filter((_, index) => isUnchanged[index]);
  const replies = dry
    ? repaired.map((): Reply => [null, 1])
    : await ask(redis, repaired, (pipeline, { key, seconds }) => pipeline.expire(key, seconds, 'NX'));
  const outcomes = new Map(repaired.map((request, index) => [request, outcomeOf(replies[index])]));
  return requests.map((request) => outcomes.get(request) ?? 'changed-meanwhile');
}

function askGuard(pipeline: ChainableCommander, key: Buffer, guard: Guard): ChainableCommander {
  switch (guard.kind) {
    case 'field':
      return pipeline.hgetBuffer(key, guard.field);
    case 'text':
      return pipeline.getrangeBuffer(key, 0, guard.value.length - 1);
    case 'idle':
      return pipeline.object('IDLETIME', key);
    case 'none':
      return pipeline.type(key);
  }
}

function holds(guard: Guard, [error, value]: Reply = [null, undefined]): boolean {
  if (error) return false;
  if (guard.kind === 'none') return true;
  return guard.kind === 'idle' ? Number(value) >= guard.seconds : Buffer.isBuffer(value) && value.equals(guard.value);
}

function outcomeOf([error, value]: Reply = [new Error('no reply'), undefined]): RepairOutcome {
  if (error) return /^(?:MOVED|ASK)/.test(error.message) ? 'changed-meanwhile' : 'not-permitted';
  return value === 1 ? 'done' : 'changed-meanwhile';
}

/** One round trip for all subjects. @throws the store's own errors, but not those about a single key */
async function ask<T>(
  redis: Redis,
  subjects: readonly T[],
  add: (pipeline: ChainableCommander, subject: T) => ChainableCommander,
): Promise<Reply[]> {
  if (subjects.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const subject of subjects) add(pipeline, subject);
  const replies = ((await pipeline.exec()) ?? []) as Reply[];
  const fault = replies.find(([error]) => error && !isRefusal(error) && !/^(?:ERR|WRONGTYPE|NOPERM)/.test(error.message))?.[0];
  if (fault) throw fault;
  return replies;
}

const numberOf = ([error, value]: Reply = [null, undefined]): number | undefined =>
  !error && value !== null && Number(value) >= 0 ? Number(value) : undefined;
