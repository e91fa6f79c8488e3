/** Uses that a node's idle times do not show: those during a background save, and those before the eviction policy became another. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoreNodes } from '../../../functions/records/store-nodes.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { type RealStore, startStoreOn } from './real-store.ts';
import { recordOf } from './recorded-nodes.ts';
import { runSweep } from './run-sweep.ts';

vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 3_600_000;
const LIFE_SECONDS = 1_000;

describe.each(STORE_ENGINES)('uses that idle times do not show, on $name', (engine) => {
  let store: RealStore;
  let first: StoreNodes;
  beforeEach(async () => {
    store = await startStoreOn(engine);
    // The collector has known this primary for long.
    first = await recordOf(store.redis, undefined, Date.now() - 2 * HOUR_MS);
  });
  afterEach(() => store?.stop());
  const sweep = async () =>
    runSweep(store.connect, {
      settings: { policy: 'delete', jitterSeconds: 0, idleSeconds: { phpredis: LIFE_SECONDS } },
      storeNodes: () => recordOf(store.redis, first),
    });

  it('a session that was read during a background save is alive', async () => {
    await store.redis.set('PHPREDIS_SESSION:in-use', 'x');
    const dump = await store.redis.dumpBuffer('PHPREDIS_SESSION:in-use');
    await store.redis.call('RESTORE', 'PHPREDIS_SESSION:in-use', '0', dump, 'REPLACE', 'IDLETIME', '9999');
    await store.redis.config('SET', 'rdb-key-save-delay', '1000000');
    await store.redis.bgsave();
    for (let poll = 0; poll < 100 && !(await store.redis.info('persistence')).includes('rdb_bgsave_in_progress:1'); poll += 1)
      await sleep(5);
    expect(await store.redis.get('PHPREDIS_SESSION:in-use')).toBe('x');
    while ((await store.redis.info('persistence')).includes('rdb_bgsave_in_progress:1')) await sleep(50);
    await sweep();
    expect(await store.redis.ttl('PHPREDIS_SESSION:in-use')).toBeGreaterThan(LIFE_SECONDS - 20);
  });

  it('a session that was used shortly before the policy changed from LFU is alive', async () => {
    await store.redis.config('SET', 'maxmemory-policy', 'allkeys-lfu');
    await store.redis.set('PHPREDIS_SESSION:in-use', 'x');
    await store.redis.get('PHPREDIS_SESSION:in-use');
    first = await recordOf(store.redis, undefined, Date.now() - 2 * HOUR_MS);
    await store.redis.config('SET', 'maxmemory-policy', 'noeviction');
    await sweep();
    expect(await store.redis.ttl('PHPREDIS_SESSION:in-use')).toBeGreaterThan(LIFE_SECONDS - 20);
  });
});
