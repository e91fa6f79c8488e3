/** The shop's store as the shop's own application sees it. */
import { readFile } from 'node:fs/promises';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Redis } from 'ioredis';
import { kept, secrets } from '../fleet.ts';
import { KEY_PREFIX } from './session-store.ts';
import type { Shop } from './shop.ts';

const PLANTED = Array.from({ length: 20 }, (_, index) => [`${KEY_PREFIX}planted-${index}`, JSON.stringify({ user: index })] as const);
const LIFE_SECONDS = 3600;

/** Sessions of people who are away while all of it happens. */
export const plantSessions = (shop: Shop): Promise<void> =>
  withStore(shop, async (store) => {
    for (const [key, value] of PLANTED) await store.set(key, value, 'EX', LIFE_SECONDS);
  });

/** The planted sessions that are there as they were, with a life that only time has shortened; and keys that are no sessions. */
export const lookAtKeys = (shop: Shop): Promise<{ readonly kept: number; readonly strangers: string[] }> =>
  withStore(shop, async (store) => {
    const values = await store.mget(PLANTED.map(([key]) => key));
    const lives = await Promise.all(PLANTED.map(([key]) => store.ttl(key)));
    const same = PLANTED.filter(([, value], index) => values[index] === value && (lives[index] ?? 0) > LIFE_SECONDS - 600);
    const strangers: string[] = [];
    for await (const keys of store.scanStream({ count: 1_000 })) {
      strangers.push(...(keys as string[]).filter((key) => !key.startsWith(KEY_PREFIX)));
    }
    return { kept: same.length, strangers };
  });

export const ALL_KEPT = { kept: PLANTED.length, strangers: [] };

async function withStore<T>({ outputs }: Shop, use: (store: Redis) => Promise<T>): Promise<T> {
  const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: outputs.ApplicationSecret }));
  const { username, password } = JSON.parse(SecretString) as { username: string; password: string };
  const store = new Redis({
    host: outputs.StoreHost,
    port: Number(outputs.StorePort),
    username,
    password,
    tls: { ca: await readFile(kept.caFile, 'utf8') },
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    enableReadyCheck: false,
    connectTimeout: 5_000,
  });
  try {
    await store.connect();
    return await use(store);
  } finally {
    store.disconnect();
  }
}
