/**
 * An application that Holdfast knows nothing of: express-session and connect-redis, as a shop has them. Sessions begin with a login, and a visit
 * only reads them. SHOP_DISABLE_TTL is connect-redis's own setting, by which sessions are stored without an expiry.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';

const { SHOP_PORT, SHOP_STORE_HOST, SHOP_STORE_PORT, SHOP_STORE_USER, SHOP_STORE_PASSWORD, SHOP_STORE_CA, SHOP_DISABLE_TTL } = process.env;
const LIFE_MS = 1_800_000;

const client = createClient({
  username: SHOP_STORE_USER,
  password: SHOP_STORE_PASSWORD,
  socket: { host: SHOP_STORE_HOST, port: Number(SHOP_STORE_PORT), tls: true, ca: readFileSync(SHOP_STORE_CA) },
});
client.on('error', (error) => console.error(`store: ${error.message}`));
await client.connect();
const withSession = session({
  secret: SHOP_STORE_PASSWORD,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: LIFE_MS },
  store: new RedisStore({ client, disableTTL: SHOP_DISABLE_TTL === 'yes' }),
});

const server = createServer((request, response) => {
  withSession(request, response, (error) => {
    if (error) return response.writeHead(500).end();
    if (request.url === '/login') request.session.user = 'somebody';
    response.writeHead(request.session.user === undefined ? 401 : 200).end();
  });
});
server.listen(Number(SHOP_PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
