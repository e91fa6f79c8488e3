import { createClient } from 'redis';
import { printError } from './print.mjs';

/** Longest wait of a command until it is sent, in milliseconds. A failover takes longer: those requests fail, the sessions stay. */
const COMMAND_TIMEOUT_MS = 3_000;

/** A client that keeps reconnecting in the background: the server starts and keeps running without a store. */
export function connectStore({ host, port, tls, user, password }) {
  const client = createClient({
    socket: {
      host,
      port,
      tls,
      connectTimeout: 3_000,
      // For a primary that vanished without closing. Each write begins it anew: under traffic to a store that hangs, requests wait as long
      // as it does. examples/hardened-node-app limits each command.
      socketTimeout: 5_000,
      reconnectStrategy: (retries) => Math.min(100 * (retries + 1), 1_000),
    },
    pingInterval: 2_000,
    username: user,
    password,
    // Plain AUTH and no CLIENT commands: a user with narrow permissions is allowed nothing else.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandOptions: { timeout: COMMAND_TIMEOUT_MS },
  });
  let lastReason = '';
  client.on('error', (error) => {
    const reason = error.code ?? error.message;
    if (reason !== lastReason) printError(`session store: ${reason}`);
    lastReason = reason;
  });
  client.on('ready', () => {
    lastReason = '';
  });
  client.connect().catch(() => {});
  return client;
}

/** Errors of an old primary that comes back as a replica: while it loads the new primary's data (for reads too), and after. */
const NOT_THE_PRIMARY = /^(READONLY|LOADING|MASTERDOWN)\b/;

/**
 * The commands that the session store needs, proof against a failover that leaves the connection open: the old primary
 * comes back as a replica and refuses. A new connection leads to the new primary; the command is then tried once more.
 */
export function followPrimary(client) {
  let reconnecting;
  const reconnect = () => {
    reconnecting ??= (async () => {
      client.destroy();
      await client.connect();
    })().finally(() => {
      reconnecting = undefined;
    });
    return reconnecting;
  };
  const follow =
    (command) =>
    async (...parameters) => {
      try {
        return await client[command](...parameters);
      } catch (error) {
        if (!NOT_THE_PRIMARY.test(error.message)) throw error;
        await within(COMMAND_TIMEOUT_MS, reconnect(), 'no connection to the new primary');
        return client[command](...parameters);
      }
    };
  return { get: follow('get'), set: follow('set'), expire: follow('expire'), del: follow('del') };
}

/** Whether the store answers within `timeoutMs`; rejects with the reason when it does not. */
export async function pingStore(client, timeoutMs) {
  if (!client.isReady) throw new Error('no connection to the session store');
  await within(timeoutMs, client.ping(), `the session store did not answer within ${timeoutMs} ms`);
}

async function within(timeoutMs, work, reason) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(reason)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
