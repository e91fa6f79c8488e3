/** Longest wait for the store's answer to several commands at once, in milliseconds. The client limits single ones. */
const SEVERAL_TIMEOUT_MS = 3_000;
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
 */
export function primaryClient(client) {
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
  const run = async (work) => {
    try {
      return await work().catch(async (error) => {
        if (!NOT_THE_PRIMARY.test(error.message)) throw error;
        await within(reconnect());
        return work();
      });
    } catch (error) {
      throw new StoreUnavailable(error);
    }
  };
  const multi = () => {
    const calls = [];
    const exec = () => run(() => within(calls.reduce((sum, [name, words]) => sum[name](...words), client.multi()).exec()));
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

async function within(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), SEVERAL_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
