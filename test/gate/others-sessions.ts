/** Sessions of others in the store of a site: those of the crowd, which it uses itself, and some that nobody uses meanwhile. */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { sendHttp } from '../../functions/shared/send-http.ts';
import { type Site, STORE_PASSWORD } from './two-releases.ts';

export interface OthersSessions {
  /** Sessions in the store: none where they are in cookies alone. */
  readonly count: number;
  /** How many of them are gone, or of those that nobody uses changed by a byte. */
  touched(): Promise<number>;
}

const UNUSED = 20;
const LIMIT_MS = 15_000;

export async function noteOthersSessions({ url, keyPrefix }: Site, storePort: number, ca: string): Promise<OthersSessions> {
  const call = { method: 'POST', url: new URL('/login', url), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  const ofCrowd = await keysOf(storePort, keyPrefix);
  for (let user = 0; user < UNUSED; user++)
    await sendHttp({ ...call, body: `user=unused${user}` }, { timeoutMs: LIMIT_MS, mostBytes: 100_000, ca });
  const all = await keysOf(storePort, keyPrefix);
  if (ofCrowd.size > 0 && all.size < ofCrowd.size + UNUSED) throw new Error(`${all.size - ofCrowd.size} of ${UNUSED} users have a session`);
  return {
    count: all.size,
    async touched() {
      const now = await keysOf(storePort, keyPrefix);
      return [...all].filter(([key, digest]) => (ofCrowd.has(key) ? !now.has(key) : now.get(key) !== digest)).length;
    },
  };
}

/** Digests of what is stored, by key; times to live apart. */
async function keysOf(storePort: number, keyPrefix: string): Promise<ReadonlyMap<string, string>> {
  const client = new Redis({ port: storePort, password: STORE_PASSWORD });
  try {
    const keys = (await client.keys(`${keyPrefix}*`)).toSorted();
    const contents = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
    return new Map(
      keys.map((key, index) => [
        key,
        createHash('sha256')
          .update(contents[index] ?? '')
          .digest('hex'),
      ]),
    );
  } finally {
    client.disconnect();
  }
}
