/** One server of the benchmark, as a process of its own: `server.ts stock|guarded` is sent its store, and sends its port when it listens. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';
import { createUserSessions, GuardedRedisStore } from '../../../session/user-sessions/index.mjs';
import { prefixOf, type StoreLogin } from './store-login.ts';

const [kind = ''] = process.argv.slice(2);
const prefix = prefixOf(kind);
/** About the size of a small shop's session. */
const CONTENT = {
  name: 'Ann Example',
  basket: Array.from({ length: 10 }, (_, at) => ({ item: `item ${at}`, quantity: at, priceCents: 1_999 })),
};

const [login] = (await once(process, 'message')) as [StoreLogin];
const client = createClient({
  socket: { host: '127.0.0.1', port: login.tlsPort, tls: true, ca: login.caPem },
  username: kind,
  password: login.password,
  // Plain AUTH and no CLIENT commands: the user is permitted nothing else.
  RESP: 2,
  disableClientInfo: true,
  maintNotifications: 'disabled',
});
client.on('error', () => process.exit(1));
await client.connect();

const idleSeconds = 1_800;
const guarded = new GuardedRedisStore({ client, prefix, idleSeconds, absoluteSeconds: 43_200 });
const users = createUserSessions({ client, store: guarded, userKey: 'k'.repeat(32) });
const store = kind === 'stock' ? new RedisStore({ client, prefix, ttl: idleSeconds }) : guarded;
const middleware = session({ store, secret: 'a secret', resave: false, saveUninitialized: false, cookie: {} });

interface Request extends IncomingMessage {
  sessionID: string;
  session: Record<string, unknown>;
}

let logins = 0;
const server = createServer((incoming, res) => {
  const req = Object.assign(incoming, { res }) as unknown as Request;
  const fail = () => res.writeHead(500).end();
  middleware(req, res, (error) => {
    if (error) fail();
    else if (req.url === '/login') logIn(req).then(() => res.end('{}'), fail);
    else if (req.session['name'] === undefined) res.writeHead(401).end();
    else res.end(JSON.stringify({ name: req.session['name'] }));
  });
});

async function logIn(req: Request): Promise<void> {
  logins += 1;
  if (kind === 'guarded') await users.login(req, `user ${logins}`);
  Object.assign(req.session, CONTENT);
}

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));
