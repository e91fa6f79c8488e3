/** Other clients' ways to find keys without a TTL, on one connection with one cursor. */
import { Redis } from 'ioredis';

type ReadPage = (redis: Redis, cursor: string, count: number) => Promise<{ readonly cursor: string; readonly keys: number }>;

export const scanPage: ReadPage = async (redis, from, count) => {
  const [cursor, keys] = await redis.scanBuffer(from, 'COUNT', count);
  return { cursor: cursor.toString(), keys: keys.length };
};

export const scanPttlPage: ReadPage = async (redis, from, count) => {
  const [cursor, keys] = await redis.scanBuffer(from, 'COUNT', count);
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.pttl(key);
  await pipeline.exec();
  return { cursor: cursor.toString(), keys: keys.length };
};

/** @returns the number of keys */
export async function scanStore(port: number, readPage: ReadPage, count: number): Promise<number> {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, disableClientInfo: true });
  await redis.connect();
  try {
    let keys = 0;
    let cursor = '0';
    do {
      const page = await readPage(redis, cursor, count);
      ({ cursor } = page);
      keys += page.keys;
    } while (cursor !== '0');
    return keys;
  } finally {
    redis.disconnect();
  }
}
