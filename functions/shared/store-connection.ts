import { Redis } from 'ioredis';
import { findTlsMismatch } from './find-tls-mismatch.ts';
import { keepLoggedIn } from './keep-logged-in.ts';
import type { StoreLogin } from './store-login.ts';
import type { StoreSettings } from './store-settings.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const COMMAND_TIMEOUT_MS = 5_000;
/** 0.2 + 0.4 + 0.6 + 0.8 + 1.0 = 3 s of waiting: a check fails within its function's time rather than hang. */
const MOST_RETRIES = 5;
const RETRY_STEP_MS = 200;

export interface StoreConnectorOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** Authorities (PEM) to trust instead of the runtime's. @default the runtime's */
  readonly ca?: string;
  /** How often a standing connection looks whether it has to log in again. @default one minute */
  readonly renewalCheckMs?: number;
}

/**
 * The platform's one way to the session store, whatever its authentication: bounded in time, following a failover (a
 * client that stayed on the old primary is told READONLY, and connects anew), over TLS with the endpoint's own name
 * verified, and logged in again before ElastiCache ends an IAM connection. Make it once an execution environment.
 * @returns gives a connection that stands. Tries again while the retries last, so that a failover of a few seconds passes
 * unnoticed; a password that the store refuses is read again once. Throws TlsMismatch at once, else what ended the last
 * attempt.
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
  const store = new Redis({
    host,
    port,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    // To knock on with a password that was refused counts as an attack, and helps nobody.
    retryStrategy: (times) => (times > MOST_RETRIES || isRefusal(lastError) ? null : times * RETRY_STEP_MS),
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(tls && { tls: { servername: host, ...(options.ca !== undefined && { ca: options.ca }) } }),
    ...(login.userName !== undefined && { username: login.userName }),
    ...(password !== undefined && { password }),
  });
  // Without a listener ioredis writes each failed attempt to the console; the caller's command fails with the last one.
  store.on('error', (error) => {
    lastError = error;
  });
  if (login.renewAfterMs !== undefined) keepLoggedIn(store, login, login.renewAfterMs, options);
  return new Promise((resolve, reject) => {
    const lookForMismatch = async () => {
      const mismatch = isRefusal(lastError) ? undefined : await findTlsMismatch(settings);
      if (mismatch === undefined) return;
      reject(mismatch);
      store.disconnect();
    };
    store.once('ready', () => {
      store.off('close', lookForMismatch);
      resolve(store);
    });
    store.once('end', () => reject(lastError));
    // A mismatch looks like a store that is away, and retries do not mend it.
    store.once('close', lookForMismatch);
    // Rejects at the first attempt that fails, whereas `end` follows the last.
    store.connect().catch(() => undefined);
  });
}

/** True when the store answered that it does not take the password. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGPASS');
}
