import cookie from '@fastify/cookie';
import session from '@mgcrea/fastify-session';
import { RedisStore } from '@mgcrea/fastify-session-redis-store';
import fastify from 'fastify';
import Redis from 'ioredis';

const app = fastify();
app.register(cookie);
app.register(session, {
  secret: 'a secret of the corpus, of thirty-two letters',
  store: new RedisStore({ client: new Redis(Number(process.env.CORPUS_PORT)), ttl: 3_600 }),
  cookie: { maxAge: 3_600 },
});
app.get('/login', async (request) => {
  request.session.set('user', 'ann');
  return request.session.id;
});
app.get('/use', async (request) => {
  request.session.set('visits', 1);
  return 'ok';
});
app.get('/logout', async (request) => {
  await request.session.destroy();
  return 'ok';
});
const login = async () => {
  const answer = await app.inject('/login');
  return { id: answer.body, cookie: String(answer.headers['set-cookie']).split(';')[0] };
};
const ann = await login();
console.log(`id base64url ${ann.id}`);
await app.inject({ url: '/use', headers: { cookie: ann.cookie } });
await app.inject({ url: '/logout', headers: { cookie: (await login()).cookie } });
process.exit(0);
