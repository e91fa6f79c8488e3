import type { Redis } from 'ioredis';
import type { StoreLogin } from './store-login.ts';

const CHECK_MS = 60_000;

/**
 * Keeps a connection whose log-in ends by itself: it logs in again in time while the connection stands, and gives every
 * new connection a password of its own, since a token is good for 15 minutes only. Ends with the connection.
 *
 * A timer rather than a look before each command: a function that was frozen meanwhile looks as soon as it goes on, and
 * a log-in that failed is tried again at the next look.
 */
export function keepLoggedIn(
  store: Redis,
  login: Pick<StoreLogin, 'userName' | 'password'>,
  renewAfterMs: number,
  { now = Date.now, renewalCheckMs = CHECK_MS }: { readonly now?: () => number; readonly renewalCheckMs?: number },
): void {
  let loggedInAtMs = now();
  let busy = false;

  const renewWhenDue = async (): Promise<void> => {
    if (busy || store.status !== 'ready' || now() - loggedInAtMs < renewAfterMs) return;
    busy = true;
    try {
      const startedAtMs = now();
      await store.auth(login.userName ?? 'default', (await login.password()) ?? '');
      loggedInAtMs = startedAtMs;
    } catch {
      // The connection goes on with the log-in that it has; when that ends, the next one says why it is refused.
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void renewWhenDue(), renewalCheckMs);
  timer.unref();

  store.on('ready', () => {
    loggedInAtMs = now();
  });
  store.on('close', () => {
    login.password().then(
      (password) => {
        store.options.password = password ?? '';
      },
      () => undefined, // the next attempt fails with the old one, and says so
    );
  });
  store.on('end', () => clearInterval(timer));
}
