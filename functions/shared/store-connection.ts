import { Redis } from 'ioredis';
import type { Environment } from './environment.ts';
import { functionCredentials, type StoreSettings } from './store-settings.ts';
import { signStoreToken } from './store-token.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const COMMAND_TIMEOUT_MS = 5_000;
/** 0.2 + 0.4 + 0.6 + 0.8 + 1.0 = 3 s of waiting: a check fails within its function's time rather than hang. */
const MOST_RETRIES = 5;
const RETRY_STEP_MS = 200;

/**
 * The platform's one way to the session store: bounded in time, following a failover (a client that stayed on the old
 * primary is told READONLY, and connects anew), and over TLS with the endpoint's own name verified.
 * Call `connect()` first; it is not connected yet.
 * @param signToken makes the password for IAM authentication; asked before each connection, since tokens live 15 minutes
 */
export async function createStoreConnection(settings: StoreSettings, signToken: () => Promise<string>): Promise<Redis> {
  const { host, port, tls, auth } = settings;
  const store = new Redis({
    host,
    port,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    retryStrategy: (times) => (times > MOST_RETRIES ? null : times * RETRY_STEP_MS),
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(tls && { tls: { servername: host } }),
    ...(auth.mode === 'iam' && { username: auth.userName, password: await signToken() }),
  });
  // Without a listener ioredis writes each failed attempt to the console; the caller's command fails with the last one.
  store.on('error', () => undefined);
  if (auth.mode === 'iam') {
    store.on('close', () => {
      signToken().then(
        (password) => {
          store.options.password = password;
        },
        () => undefined, // the next attempt fails with the old token, and says so
      );
    });
  }
  return store;
}

/**
 * A connection that stands, signed with the function's own credentials where the store wants a token. Tries again while
 * the retries last, so that a failover of a few seconds passes unnoticed.
 * @throws what ended the last attempt
 */
export async function connectStore(settings: StoreSettings, environment: Environment): Promise<Redis> {
  const { auth } = settings;
  const signToken = async () =>
    auth.mode === 'iam' ? signStoreToken({ ...auth, credentials: functionCredentials(environment), now: new Date() }) : '';
  const store = await createStoreConnection(settings, signToken);
  return new Promise((resolve, reject) => {
    let lastError: unknown = new Error('the connection was closed');
    store.on('error', (error) => {
      lastError = error;
    });
    store.once('ready', () => resolve(store));
    store.once('end', () => reject(lastError));
    // Rejects at the first attempt that fails, whereas `end` follows the last.
    store.connect().catch(() => undefined);
  });
}
