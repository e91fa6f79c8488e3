/** Reads every key of a store with its value, byte by byte. */
import type { Redis } from 'ioredis';
import type { RecordedValue } from '../recordings/recording.ts';

export type ReadKey = RecordedValue & { readonly name: string; readonly ttlMs: number };

const text = (bytes: Buffer): string => bytes.toString('latin1');
const texts = (bytes: readonly Buffer[]): string[] => bytes.map(text);
const pairs = (words: readonly string[]): [string, string][] =>
  words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] as string] as [string, string]] : []));

/** `1.7e+9` as `1700000000`. */
const decimal = (score: string): string => (Number.isFinite(Number(score)) ? String(Number(score)) : score);

export async function readKeyspace(redis: Redis): Promise<readonly ReadKey[]> {
  const found = new Map<string, Buffer>();
  let cursor = '0';
  do {
    const [next, names] = await redis.scanBuffer(cursor, 'COUNT', 1_000);
    for (const name of names) found.set(text(name), name);
    cursor = String(next);
  } while (cursor !== '0');
  const keys: ReadKey[] = [];
  for (const [name, bytes] of found) {
    const ttlMs = await redis.pttl(bytes);
    // It has expired meanwhile.
    if (ttlMs === -2) continue;
    keys.push({ name, ttlMs, ...(await readValue(redis, bytes)) });
  }
  return keys;
}

export async function readValue(redis: Redis, key: Buffer): Promise<RecordedValue> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return { type, value: text((await redis.getBuffer(key)) as Buffer) };
    case 'hash':
      return { type, value: Object.fromEntries(pairs(texts((await redis.callBuffer('HGETALL', key)) as Buffer[]))) };
    case 'list':
      return { type, value: texts(await redis.lrangeBuffer(key, 0, -1)) };
    case 'set':
      return { type, value: texts(await redis.smembersBuffer(key)) };
    case 'zset':
      return {
        type,
        value: pairs(texts(await redis.zrangeBuffer(key, '0', '-1', 'WITHSCORES'))).map(([member, score]) => [member, decimal(score)]),
      };
    case 'stream': {
      const entries = (await redis.callBuffer('XRANGE', key, '-', '+')) as [Buffer, Buffer[]][];
      return { type, value: entries.map(([id, words]) => [text(id), texts(words)] as const) };
    }
    default:
      throw new Error(`${text(key)} is of type ${type}, which the recorder cannot read. Nothing was written.`);
  }
}
