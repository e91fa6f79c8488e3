import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectStore } from '../../examples/node-app/store.mjs';

/** An example's application, and what it reads from its environment. */
interface Example {
  // biome-ignore lint/suspicious/noExplicitAny: the examples are JavaScript.
  readonly createApp: (parts: any) => any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly readSettings: (env: any) => any;
}

/** Also a {@link Process} is one. */
export interface Served {
  readonly port: number;
  stop(): Promise<unknown>;
}

/** Serves an example in this process, as its server.mjs does in its own: a process takes longer to start than most tests take. */
export async function startHere({ createApp, readSettings }: Example, env: Readonly<Record<string, string>>): Promise<Served> {
  const settings = readSettings(env);
  const client = connectStore(settings.store);
  const server = createServer(createApp({ client, keyPrefix: settings.store.keyPrefix, ...settings }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      client.destroy();
    },
  };
}
