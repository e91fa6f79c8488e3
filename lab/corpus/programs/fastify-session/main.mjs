import { setTimeout as sleep } from 'node:timers/promises';
import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { RedisStore } from 'connect-redis';
import fastify from 'fastify';
import { createClient } from 'redis';

const client = createClient({ socket: { host: '127.0.0.1', port: Number(process.env.CORPUS_PORT) } });
await client.connect();
const app = fastify();
app.register(fastifyCookie);
app.register(fastifySession, {
  secret: 'a secret of the corpus, of thirty-two letters or more',
  cookie: { secure: false, maxAge: 3_600_000 },
  saveUninitialized: false,
  store: new RedisStore({ client }),
});
app.get('/login', async (request) => {
  request.session.user = request.query.user;
  if (request.query.seconds) request.session.cookie.maxAge = request.query.seconds * 1000;
  return request.session.sessionId;
});
app.get('/use', async (request) => {
  request.session.visits = (request.session.visits ?? 0) + 1;
});
app.get('/logout', async (request) => request.session.destroy());
const get = async (url, cookie) => {
  const answer = await app.inject({ url, headers: cookie ? { cookie } : {} });
  return { text: answer.body, cookie: String(answer.headers['set-cookie'] ?? '').split(';')[0] };
};

const ann = await get('/login?user=ann');
console.log(`id base64url ${ann.text}`);
await get('/use', ann.cookie);
await get('/logout', (await get('/login?user=ben')).cookie);
await get('/login?user=eve&seconds=1');
await sleep(1_500);
process.exit(0);
