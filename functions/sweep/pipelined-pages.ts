/** Pages and mends without scripts, where the store allows none: SCAN, and every key asked for from here. */
import type { ChainableCommander, Redis } from 'ioredis';
import { isRefusal } from './scripted-pages.ts';
import type { Guard, MendOutcome, MendRequest, Page, PageRequest } from './sweep-store.ts';

type Reply = [error: Error | null, value: unknown];

export async function pipelinedPage(redis: Redis, { cursor, count, sampleEvery, sinceSample }: PageRequest): Promise<Page> {
  const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', count);
  const ttls = await ask(redis, keys, (pipeline, key) => pipeline.pttl(key));
  const offending = keys.filter((_, index) => ttls[index]?.[1] === -1);
  const sampled = keys.filter((_, index) => Number(ttls[index]?.[1]) >= 0 && (index + 1 + sinceSample) % sampleEvery === 0);
  const looked = [...offending, ...sampled];
  const types = await ask(redis, looked, (pipeline, key) => pipeline.type(key));
  const bytes = await ask(redis, looked, (pipeline, key) => pipeline.memory('USAGE', key, 'SAMPLES', 5));
  const idle = await ask(redis, offending, (pipeline, key) => pipeline.object('IDLETIME', key));
  const [seconds, micros] = await redis.time();
  const weighed = looked.map((key, index) => ({ key, type: String(types[index]?.[1]), bytes: numberOf(bytes[index]) }));
  return {
    cursor: next.toString(),
    keys: keys.length,
    serverTimeMs: Number(seconds) * 1000 + Math.floor(Number(micros) / 1000),
    // A key that vanished meanwhile has the type none.
    offenders: weighed
      .slice(0, offending.length)
      .map((one, index) => ({ ...one, idleSeconds: numberOf(idle[index]) }))
      .filter(({ type }) => type !== 'none'),
    samples: weighed.slice(offending.length).filter(({ type }) => type !== 'none'),
    larger: [], // to weigh every key from here would double the commands
  };
}

/**
 * Looks again, then EXPIRE with NX: what an application does between the two is not seen, but a TTL that it sets is kept. No
 * key is deleted this way: one that is past its life gets the seconds of its request.
 */
export async function pipelinedMend(redis: Redis, requests: readonly MendRequest[], dry: boolean): Promise<MendOutcome[]> {
  const keys = requests.map(({ key }) => key);
  const ttls = await ask(redis, keys, (pipeline, key) => pipeline.pttl(key));
  const types = await ask(redis, keys, (pipeline, key) => pipeline.type(key));
  const guards = await ask(redis, requests, (pipeline, { key, guard }) => askGuard(pipeline, key, guard));
  const isAsItWas = requests.map(
    ({ type, guard }, index) => ttls[index]?.[1] === -1 && types[index]?.[1] === type && holds(guard, guards[index]),
  );
  const mended = requests.filter((_, index) => isAsItWas[index]);
  const replies = dry
    ? mended.map((): Reply => [null, 1])
    : await ask(redis, mended, (pipeline, { key, seconds }) => pipeline.expire(key, seconds, 'NX'));
  const outcomes = new Map(mended.map((request, index) => [request, outcomeOf(replies[index])]));
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

function outcomeOf([error, value]: Reply = [new Error('no reply'), undefined]): MendOutcome {
  if (error) return /^(?:MOVED|ASK)/.test(error.message) ? 'changed-meanwhile' : 'not-permitted';
  return value === 1 ? 'done' : 'changed-meanwhile';
}

/** One round trip for all. An answer about one key stands for that key; trouble with the store itself is thrown. */
async function ask<T>(
  redis: Redis,
  subjects: readonly T[],
  add: (pipeline: ChainableCommander, subject: T) => ChainableCommander,
): Promise<Reply[]> {
  if (subjects.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const subject of subjects) add(pipeline, subject);
  const replies = ((await pipeline.exec()) ?? []) as Reply[];
  const trouble = replies.find(([error]) => error && !isRefusal(error) && !/^(?:ERR|WRONGTYPE|NOPERM)/.test(error.message))?.[0];
  if (trouble) throw trouble;
  return replies;
}

const numberOf = ([error, value]: Reply = [null, undefined]): number | undefined =>
  !error && value !== null && Number(value) >= 0 ? Number(value) : undefined;
