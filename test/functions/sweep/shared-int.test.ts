/** Small integers are one object for all keys: its idle time is not the key's. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { STORE_ENGINES } from '../../store-engines.ts';
import { type RealStore, startStoreOn } from './real-store.ts';
import { runSweep } from './run-sweep.ts';

vi.setConfig({ testTimeout: 60_000 });
describe.each(STORE_ENGINES)('a value that the server shares among keys, on $name', (engine) => {
  let store: RealStore;
  beforeEach(async () => {
    store = await startStoreOn(engine);
  });
  afterEach(() => store?.stop());
  it('a session that was created just now is not deleted, whether the server shares its value or not', async () => {
    await sleep(3_100);
    await store.redis.mset({ 'token:1': '42', 'token:2': 'user-42' });
    await runSweep(store.connect, {
      settings: {
        policy: 'delete',
        jitterSeconds: 0,
        dialects: [{ name: 'mine', pattern: 'token:*', type: 'string', structural: false, idleSeconds: 2 }],
      },
    });
    expect(await store.redis.exists('token:1', 'token:2')).toBe(2);
  });
});
