import { createServer } from 'node:http';
import { stopGracefully } from '../node-app/graceful-stop.mjs';
import { print } from '../node-app/print.mjs';
import { addSocket } from '../node-app/socket.mjs';
import { connectStore } from '../node-app/store.mjs';
import { createApp } from './app.mjs';
import { readSettings } from './settings.mjs';

const settings = readSettings();
const client = connectStore(settings.store);
const criticalActions = await connectCriticalActions();
const server = createServer(createApp({ client, keyPrefix: settings.store.keyPrefix, criticalActions, ...settings }));
const closeSockets = addSocket(server, '/socket', { version: settings.version, server: settings.server });

// Above the load balancer's idle time-out of 60 s: a connection that the server closes first, while a request is on its
// way, is a 502. Node's own default is 5 s.
server.keepAliveTimeout = 75_000;
server.headersTimeout = 80_000;

server.listen(settings.port, settings.host, () => print(`counter ${settings.version} listens on ${server.address().port}`));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    closeSockets();
    const complete = await stopGracefully(server, 18_000);
    client.destroy();
    print(complete ? 'stopped' : 'stopped, with requests cut off');
    process.exit(complete ? 0 : 1);
  });
}

/** The SDK is loaded only where there is a table. */
async function connectCriticalActions() {
  if (!process.env.CRITICAL_ACTIONS_TABLE) return undefined;
  const { criticalActionsFromEnvironment } = await import('../../session/critical-actions/index.mjs');
  return criticalActionsFromEnvironment();
}
