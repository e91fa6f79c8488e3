/** Longest wait for the store's answer, in milliseconds. */
const TIMEOUT_MS = 3_000;
const COMMANDS = ['get', 'getEx', 'set', 'del', 'exists', 'lRange', 'lRem'];
const IN_MULTI = ['lPush', 'lRange', 'expire'];

/** Errors of an old primary that comes back as a replica: while it loads the new primary's data (for reads too), and after. */
const NOT_THE_PRIMARY = /^(READONLY|LOADING|MASTERDOWN)\b/;

/** The store did not answer, or refused. Its message is a code or the first word of a reply. */
export class StoreUnavailable extends Error {
  constructor(cause) {
    super(cause.code ?? /^[A-Z]{2,20}\b/.exec(cause.message)?.[0] ?? cause.name);
    this.name = 'StoreUnavailable';
  }
}

/**
 * What sessions need of the client, proof against a failover that leaves the connection open: the old primary comes back as a replica and
 * refuses. A new connection leads to the new primary; the command is then tried once more.
 *
 * Proof also against a store that hangs: node-redis limits the time until a command is sent, and its socketTimeout begins anew with each
 * one, so under traffic neither ends the wait. A connection that left a command without an answer is replaced.
 */
export function primaryClient(client, { timeoutMs = TIMEOUT_MS } = {}) {
  let reconnecting;
  let connections = 0;
  const reconnect = () => {
    reconnecting ??= (async () => {
      client.destroy();
      await client.connect();
      connections += 1;
    })().finally(() => {
      reconnecting = undefined;
    });
    return reconnecting;
  };
  const attempt = async (work) => {
    const begunOn = connections;
    try {
      return await within(timeoutMs, work());
    } catch (error) {
      // While there is no connection, the client makes one by itself; one that is newer than the command may answer.
      if (error instanceof NoAnswer && client.isReady && !reconnecting && connections === begunOn) reconnect().catch(() => {});
      throw error;
    }
  };
  const run = async (work) => {
    try {
      return await attempt(work).catch(async (error) => {
        if (!NOT_THE_PRIMARY.test(error.message)) throw error;
        await within(timeoutMs, reconnect());
        return attempt(work);
      });
    } catch (error) {
      throw new StoreUnavailable(error);
    }
  };
  const multi = () => {
    const calls = [];
    const exec = () =>
      run(async () => {
        // The client keeps a transaction without a time limit: a login that has failed would enter the list when the store is back.
        if (!client.isReady) throw Object.assign(new Error('no connection'), { code: 'ENOTCONN' });
        return calls.reduce((sum, [name, words]) => sum[name](...words), client.multi()).exec();
      });
    const chain = { exec };
    for (const name of IN_MULTI)
      chain[name] = (...words) => {
        calls.push([name, words]);
        return chain;
      };
    return chain;
  };
  const commands = COMMANDS.map((name) => [name, (...words) => run(async () => client[name](...words))]);
  return { ...Object.fromEntries(commands), multi };
}

class NoAnswer extends Error {
  code = 'ETIMEDOUT';
}

async function within(timeoutMs, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer('no answer')), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
