import { Redis } from 'ioredis';
import { type Address, INNER_ADMIN } from './server-config.ts';

/** No answer of a local server takes this long unless the server hangs. */
const COMMAND_TIMEOUT_MS = 3_000;

/** A connection to one server, made when first used and again after it broke. */
export interface AdminConnection {
  /** @throws Error with the server's message, or when it cannot be reached */
  command(...words: readonly (string | number | Buffer)[]): Promise<unknown>;
  close(): void;
}

/** Connects to a node as the inner administrator, or, without `username`, to a Sentinel. */
export function openAdminConnection(address: Address, login: { readonly username?: string; readonly password: string }): AdminConnection {
  let client: Redis | undefined;
  let closed = false;

  const connected = (): Redis => {
    if (closed) throw new Error('the connection is closed');
    if (client && client.status !== 'end' && client.status !== 'close') return client;
    client?.disconnect();
    client = connect(address, login);
    return client;
  };

  return {
    command: async (name, ...rest) => {
      try {
        return await connected().call(String(name), ...rest.map((word) => (typeof word === 'number' ? String(word) : word)));
      } catch (error) {
        // The client's error has the arguments of its command, and they can be passwords.
        throw Object.assign(new Error((error as Error).message), { name: (error as Error).name });
      }
    },
    close: () => {
      closed = true;
      client?.disconnect();
      client = undefined;
    },
  };
}

/** Does the same as {@link openAdminConnection} for a node, as the administrator that each node has. */
export function openNodeConnection(address: Address, adminPassword: string): AdminConnection {
  return openAdminConnection(address, { username: INNER_ADMIN, password: adminPassword });
}

/**
 * Listens to a server's channels. It connects again by itself until closed.
 *
 * @param onMessage is called with the channel and the message
 */
export function subscribe(
  address: Address,
  password: string,
  channels: readonly string[],
  onMessage: (channel: string, message: string) => void,
): { close(): void } {
  const client = connect(address, { password }, () => 200);
  client.on('message', onMessage);
  client.subscribe(...channels).catch(() => {
    // The connection broke first; the retry subscribes again.
  });
  return { close: () => client.disconnect() };
}

function connect(
  address: Address,
  login: { readonly username?: string; readonly password: string },
  retryStrategy: () => number | null = () => null,
): Redis {
  const client = new Redis({
    host: address.host,
    port: address.port,
    ...(login.username === undefined ? {} : { username: login.username }),
    password: login.password,
    protocol: 2,
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: retryStrategy() === null ? 0 : null,
    enableReadyCheck: false,
    retryStrategy,
  });
  // The caller gets the error of a failed command; without a listener the same error would end the process.
  client.on('error', () => undefined);
  return client;
}
