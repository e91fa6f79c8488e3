import { setTimeout as sleep } from 'node:timers/promises';
import * as connectRedis from 'connect-redis';
import express from 'express';
import session from 'express-session';

const [major] = process.argv.slice(2);
const port = Number(process.env.CORPUS_PORT);
const Store = connectRedis.RedisStore ?? connectRedis.default;

async function openClient() {
  if (major === '7') return new (await import('ioredis')).default(port, '127.0.0.1');
  const client = (await import('redis')).createClient({ socket: { host: '127.0.0.1', port } });
  await client.connect();
  return client;
}

const client = await openClient();
const app = express();
app.use(
  session({ secret: 'corpus', resave: false, saveUninitialized: false, cookie: { maxAge: 3_600_000 }, store: new Store({ client }) }),
);
app.get('/login', (request, response) => {
  request.session.user = request.query.user;
  if (request.query.seconds) request.session.cookie.maxAge = request.query.seconds * 1000;
  response.end(request.session.id);
});
app.get('/use', (request, response) => {
  request.session.visits = (request.session.visits ?? 0) + 1;
  response.end();
});
app.get('/logout', (request, response) => request.session.destroy(() => response.end()));
const server = app.listen(0);
const get = async (path, cookie = '') => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { cookie } });
  return { text: await answer.text(), cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? cookie };
};

const ann = await get('/login?user=ann');
console.log(`id base64url ${ann.text}`);
await get('/use', ann.cookie);
await get('/logout', (await get('/login?user=ben')).cookie);
await get('/login?user=eve&seconds=1');
await sleep(1_500);
process.exit(0);
