import type { Redis } from 'ioredis';
import type { StoreLogin } from './store-login.ts';

const CHECK_MS = 60_000;

/**
 * Keeps a connection authenticated whose authentication expires: authenticates again in time while it is open, and sets a
 * new password for every reconnection, because a token is valid for 15 minutes only. Ends with the connection.
 *
 * A timer, not a check before each command: a function that was frozen checks as soon as it continues, and a failed attempt
 * is repeated at the next check.
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
      // The connection stays authenticated until the store ends it; then the next attempt shows why it is refused.
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
      () => undefined, // the next attempt fails with the old password, and reports it
    );
  });
  store.on('end', () => clearInterval(timer));
}
