/** Pages where the store allows no scripts: SCAN, and pipelined commands for every key. */
import type { Redis } from 'ioredis';
import { askEach, type Reply } from './ask-each.ts';
import { LONGEST_NAME_BYTES, MEASURED_ELEMENTS } from './page-script.ts';
import type { Page, PageRequest } from './sweep-store.ts';

/** SCAN, PTTL, TYPE, MEMORY USAGE, OBJECT IDLETIME, OBJECT ENCODING and TIME. */
const ROUND_TRIPS = 7;

export async function pipelinedPage(redis: Redis, { cursor, count, sampleEvery, sinceSample }: PageRequest): Promise<Page> {
  const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', count);
  const ttls = await askEach(redis, keys, (pipeline, key) => pipeline.pttl(key));
  const persistent = keys.filter((_, index) => ttls[index]?.[1] === -1);
  const sampled = keys.filter((_, index) => Number(ttls[index]?.[1]) >= 0 && (index + 1 + sinceSample) % sampleEvery === 0);
  // Names that are too long for a session's have been sent already: only a script could have kept them on the server.
  const isShort = (key: Buffer) => key.length <= LONGEST_NAME_BYTES;
  const [shortPersistent, shortSampled] = [persistent.filter(isShort), sampled.filter(isShort)];
  const inspected = [...shortPersistent, ...shortSampled];
  const types = await askEach(redis, inspected, (pipeline, key) => pipeline.type(key));
  const bytes = await askEach(redis, inspected, (pipeline, key) => pipeline.memory('USAGE', key, 'SAMPLES', MEASURED_ELEMENTS));
  const idle = await askEach(redis, shortPersistent, (pipeline, key) => pipeline.object('IDLETIME', key));
  // A whole number can be one object for many keys (scripts.ts).
  const encodings = await askEach(redis, inspected, (pipeline, key) => pipeline.object('ENCODING', key));
  const isInteger = (index: number) => encodings[index]?.[1] === 'int';
  const [time] = await askEach(redis, ['TIME'], (pipeline) => pipeline.time());
  const weighed = inspected.map((key, index) => ({
    key,
    type: isInteger(index) ? 'integer' : String(types[index]?.[1]),
    bytes: numberOf(bytes[index]),
  }));
  return {
    cursor: next.toString(),
    keys: keys.length,
    roundTrips: ROUND_TRIPS,
    serverTimeMs: timeOf(time),
    // A key that no longer exists has the type none.
    persistentKeys: weighed
      .slice(0, shortPersistent.length)
      .map((one, index) => ({ ...one, idleSeconds: isInteger(index) ? undefined : numberOf(idle[index]) }))
      .filter(({ type }) => type !== 'none'),
    samples: weighed
      .slice(shortPersistent.length)
      .map((one) => ({ ...one, weight: sampleEvery }))
      .filter(({ type }) => type !== 'none'),
    longNames: { persistent: persistent.length - shortPersistent.length, sampled: (sampled.length - shortSampled.length) * sampleEvery },
    larger: [], // measuring every key would double the commands
  };
}

/** Milliseconds since the epoch. A store that does not give its time leaves the function's: of both the earlier one counts. */
function timeOf([error, value]: Reply = [null, undefined]): number {
  if (error || !Array.isArray(value)) return Number.MAX_SAFE_INTEGER;
  const [seconds, micros] = value.map(Number) as [number, number];
  return seconds * 1000 + Math.floor(micros / 1000);
}

const numberOf = ([error, value]: Reply = [null, undefined]): number | undefined =>
  !error && value !== null && Number(value) >= 0 ? Number(value) : undefined;
