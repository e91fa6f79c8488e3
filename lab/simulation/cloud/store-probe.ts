/** The store check's connections to the session store. */
import type { StoreProbe } from '../../../functions/deploy/store-check/store-check.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { SimulatedStore } from './store.ts';

/** As functions/shared/store/store-connection.ts has them: connectTimeout, and what it waits before each attempt. */
const CONNECT_TIMEOUT_MS = 3_000;
const WAITS_MS = [0, 200, 400, 600, 800, 1_000];

/** @returns what the store check takes as `connect` */
export function storeConnector(kernel: Kernel, store: SimulatedStore): () => Promise<StoreProbe> {
  const random = kernel.random('store check');
  const answer = async <T>(read: () => T): Promise<T> => {
    await kernel.sleep(random.whole(1, 5));
    if (!store.answers) throw new Error('Connection is closed.');
    return read();
  };
  const open = (): StoreProbe => ({
    ping: () => answer(() => 'PONG'),
    info: () => answer(() => store.info()),
    disconnect: () => {},
  });
  return async () => {
    // The address of a primary that has ended either refuses or is silent.
    const attemptMs = random.chance(0.5) ? 1 : CONNECT_TIMEOUT_MS;
    for (const waitMs of WAITS_MS) {
      await kernel.sleep(waitMs);
      if (store.answers) return open();
      await kernel.sleep(attemptMs);
    }
    throw Object.assign(new Error('connect failed'), { code: attemptMs === 1 ? 'ECONNREFUSED' : 'ETIMEDOUT' });
  };
}
