import { type Command, Redis, type RedisOptions } from 'ioredis';
import { withoutArguments } from '../errors.ts';
import { findTlsMismatch } from './find-tls-mismatch.ts';
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

/**
 * The client of every connection to a store: the errors of its commands do not have their arguments. All commands pass `sendCommand`,
 * those of pipelines, of transactions and of the log-in among them.
 */
export class StoreClient extends Redis {
  /** Commands whose errors have no arguments; a command that is sent again after a reconnection passes twice. */
  readonly #guarded = new WeakSet<Command>();

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    if (!this.#guarded.has(command)) {
      this.#guarded.add(command);
      const { reject } = command;
      command.reject = (error) => reject(withoutArguments(error));
    }
    return super.sendCommand(command, stream);
  }

  /** The base class would make one of its own. */
  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const options = { ...this.options, ...override } as Omit<RedisOptions, 'replyMapping'>;
    return new StoreClient(options) as unknown as ReturnType<typeof Redis.prototype.duplicate<Override>>;
  }
}

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
