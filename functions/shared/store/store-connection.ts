import type { Redis } from 'ioredis';
import { findTlsMismatch } from './find-tls-mismatch.ts';
import { keepLoggedIn } from './keep-logged-in.ts';
import { StoreClient } from './store-client.ts';
import type { StoreLogin } from './store-login.ts';
import type { StoreSettings } from './store-settings.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const COMMAND_TIMEOUT_MS = 5_000;
/** 0.2 + 0.4 + 0.6 + 0.8 + 1.0 = 3 s of waiting: a step fails within its function's time limit. */
const MAX_RETRIES = 5;
const RETRY_STEP_MS = 200;

export interface StoreConnectorOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** Certificate authorities (PEM) to trust instead of the runtime's. @default the runtime's */
  readonly ca?: string;
  /** How often an open connection checks whether it has to authenticate again. @default one minute */
  readonly renewalCheckMs?: number;
}

/**
 * The only way in which functions connect to the session store, for every authentication mode: bounded in time; follows a
 * failover (a client on the old primary receives READONLY and reconnects); verifies the endpoint's name over TLS; and
 * authenticates again before ElastiCache ends an IAM connection. Create it once per execution environment.
 * @returns a function that returns an open connection. It retries, so that a failover of a few seconds passes unnoticed, and
 * reads a password that the store refuses once more. It throws TlsMismatch at once, otherwise the error of the last attempt
 */
export function createStoreConnector(
  settings: StoreSettings,
  login: StoreLogin,
  options: StoreConnectorOptions = {},
): () => Promise<Redis> {
  return async () => {
    try {
      return await connect(settings, login, await login.password(), options);
    } catch (error) {
      const other = isRefusal(error) ? await login.passwordAfterRefusal() : undefined;
      if (other === undefined) throw error;
      return connect(settings, login, other, options);
    }
  };
}

function connect(settings: StoreSettings, login: StoreLogin, password: string | undefined, options: StoreConnectorOptions): Promise<Redis> {
  const { host, port, tls } = settings;
  let lastError: unknown = new Error('the connection was closed');
  const store = new StoreClient({
    host,
    port,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    // Repeating a refused password does not help, and counts as an attack.
    retryStrategy: (times) => (times > MAX_RETRIES || isRefusal(lastError) ? null : times * RETRY_STEP_MS),
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(tls && { tls: { servername: host, ...(options.ca !== undefined && { ca: options.ca }) } }),
    ...(login.userName !== undefined && { username: login.userName }),
    ...(password !== undefined && { password }),
  });
  // Without a listener ioredis prints each failed attempt; the caller's command fails with the last one.
  store.on('error', (error) => {
    lastError = error;
  });
  if (login.renewAfterMs !== undefined) keepLoggedIn(store, login, login.renewAfterMs, options);
  return new Promise((resolve, reject) => {
    const checkTls = async () => {
      const mismatch = isRefusal(lastError) ? undefined : await findTlsMismatch(settings);
      if (mismatch === undefined) return;
      reject(mismatch);
      store.disconnect();
    };
    store.once('ready', () => {
      store.off('close', checkTls);
      resolve(store);
    });
    store.once('end', () => reject(lastError));
    // A TLS mismatch looks like a store that does not answer, and retries do not fix it.
    store.once('close', checkTls);
    // Rejects at the first attempt that fails, whereas `end` follows the last.
    store.connect().catch(() => undefined);
  });
}

/** True when the store refused the password. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGPASS');
}
