/** Puts recorded keys into a store, as if they were recorded just now. */
import type { ChainableCommander, Redis } from 'ioredis';
import type { RecordedKey } from '../recordings/recording.ts';
import { timesIn } from '../recordings/times.ts';

/** The key at `startMs`; its name and value can have times. */
export function keyAt(key: RecordedKey, startMs: number): RecordedKey {
  return JSON.parse(JSON.stringify(key), (_, value: unknown) => {
    if (typeof value === 'string') return timesIn(value, startMs);
    const isFields = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isFields ? Object.fromEntries(Object.entries(value).map(([field, one]) => [timesIn(field, startMs), one])) : value;
  }) as RecordedKey;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** @param keys of {@link keyAt} @param ttls as recorded, or none: what a leak makes of them */
export async function plant(redis: Redis, keys: readonly RecordedKey[], ttls: 'recorded' | 'none'): Promise<void> {
  const pipeline = redis.pipeline();
  for (const key of keys) {
    write(pipeline, key);
    if (ttls === 'recorded' && key.ttl !== undefined) pipeline.pexpire(bytes(key.name), Math.round(key.ttl * 1000));
  }
  const failed = ((await pipeline.exec()) ?? []).find(([error]) => error !== null);
  if (failed) throw failed[0];
}

function write(pipeline: ChainableCommander, key: RecordedKey): void {
  const name = bytes(key.name);
  switch (key.type) {
    case 'string':
      pipeline.set(name, bytes(key.value));
      return;
    case 'hash':
      pipeline.hset(name, ...Object.entries(key.value).flat().map(bytes));
      return;
    case 'list':
      pipeline.rpush(name, ...key.value.map(bytes));
      return;
    case 'set':
      pipeline.sadd(name, ...key.value.map(bytes));
      return;
    case 'zset':
      for (const [member, score] of key.value) pipeline.zadd(name, score, bytes(member));
      return;
    case 'stream':
      // Entries of one run have the same recorded time.
      for (const [at, [id, words]] of key.value.entries()) pipeline.xadd(name, `${id.split('-')[0]}-${at + 1}`, ...words.map(bytes));
  }
}
