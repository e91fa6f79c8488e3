import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import connectRedis from 'connect-redis';
import { Redis } from 'ioredis';
import nextSession from 'next-session';
import { expressSession, promisifyStore } from 'next-session/lib/compat';

const client = new Redis(Number(process.env.CORPUS_PORT), '127.0.0.1');
const RedisStore = connectRedis(expressSession);
const store = promisifyStore(new RedisStore({ client }));
const sessionFor = (maxAge) => nextSession({ store, cookie: { maxAge } });

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://shop');
  const session = await sessionFor(Number(url.searchParams.get('seconds') ?? 3_600))(request, response);
  if (url.pathname === '/login') session.user = url.searchParams.get('user');
  else if (url.pathname === '/use') session.visits = 1;
  else await session.destroy();
  response.end(session.id);
}).listen(0);
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
