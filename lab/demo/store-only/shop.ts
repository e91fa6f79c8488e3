/** Runs the shop, its users who are logged in, and those who come. */

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../processes/free-port.ts';
import type { ProcessLedger } from '../../processes/process-ledger.ts';
import { type ManagedProcess, spawnManaged } from '../../processes/spawn-managed.ts';
import { waitUntil } from '../../processes/wait.ts';
import type { StoreSignIn } from './owner-store.ts';

export interface Shop {
  /** Logs this many users in, each with a session of its own. */
  login(users: number): Promise<void>;
  /** Newcomers log in, a second apart, until the signal. */
  newcomers(perSecond: number, signal: AbortSignal): Promise<void>;
  /** A user who is logged in comes back, until the signal: how often, and how often the session was gone. */
  visits(signal: AbortSignal): Promise<{ readonly visits: number; readonly refused: number }>;
  /** Its owner's next release: with `disableTTL` sessions are stored without an expiry. */
  restart(settings: { readonly disableTTL: boolean }): Promise<void>;
}

export interface ShopOptions {
  readonly store: StoreSignIn;
  readonly caFile: string;
  readonly node: string;
  readonly ledger: ProcessLedger;
  readonly folder: string;
}

const START_MS = 20_000;
const REQUEST_MS = 5_000;
const AT_ONCE = 20;

export async function startShop({ store, caFile, node, ledger, folder }: ShopOptions): Promise<Shop> {
  const port = await freePort();
  const env = {
    PATH: path.dirname(node),
    SHOP_PORT: String(port),
    SHOP_STORE_HOST: store.host,
    SHOP_STORE_PORT: String(store.port),
    SHOP_STORE_USER: store.user,
    SHOP_STORE_PASSWORD: store.password,
    SHOP_STORE_CA: caFile,
  };
  const logFile = path.join(folder, 'shop.log');
  let shop: ManagedProcess | undefined;
  const ask = (url: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${url}`, { headers, signal: AbortSignal.timeout(REQUEST_MS) });
  const restart = async ({ disableTTL }: { readonly disableTTL: boolean }) => {
    await shop?.stop();
    const settings = { ...env, SHOP_DISABLE_TTL: disableTTL ? 'yes' : 'no' };
    shop = await spawnManaged(ledger, node, [path.join(import.meta.dirname, 'shop.mjs')], { name: 'shop', logFile, env: settings });
    await waitUntil('the shop', async () => (await ask('/').catch(() => undefined)) !== undefined, { timeoutMs: START_MS, pollMs: 100 });
  };
  const login = async (users: number) => {
    for (let left = users; left > 0; left -= AT_ONCE) {
      const replies = await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => ask('/login')));
      const refused = replies.find(({ ok }) => !ok);
      if (refused) throw new Error(`the shop answered a login with ${refused.status}: see ${logFile}`);
    }
  };
  await restart({ disableTTL: false });
  return {
    login,
    restart,
    async visits(signal) {
      const cookie = (await ask('/login')).headers.get('set-cookie')?.split(';')[0] ?? '';
      const counted = { visits: 0, refused: 0 };
      while (!signal.aborted) {
        const { ok } = await ask('/', { cookie });
        counted.visits += 1;
        if (!ok) counted.refused += 1;
        await sleep(200, undefined, { signal }).catch(() => undefined);
      }
      return counted;
    },
    async newcomers(perSecond, signal) {
      while (!signal.aborted) {
        // The shop's restart refuses some, as a shop of one server does.
        await login(perSecond).catch(() => undefined);
        await sleep(1_000, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}
