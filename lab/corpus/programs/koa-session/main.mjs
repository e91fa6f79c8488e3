import { setTimeout as sleep } from 'node:timers/promises';
import Koa from 'koa';
import redisStore from 'koa-redis';
import session from 'koa-session';

const [prefix] = process.argv.slice(2);
const createSession = session.createSession ?? session.default ?? session;
const app = new Koa();
app.keys = ['corpus'];
const store = redisStore({ port: Number(process.env.CORPUS_PORT), host: '127.0.0.1' });
app.use(createSession({ store, maxAge: 3_600_000, renew: true, prefix }, app));
app.use((context) => {
  const { user, seconds } = context.query;
  if (user) context.session.user = user;
  if (seconds) context.session.maxAge = seconds * 1000;
  if (context.path === '/use') context.session.visits = (context.session.visits ?? 0) + 1;
  if (context.path === '/logout') context.session = null;
  context.body = 'ok';
});
const server = app.listen(0);
const get = async (path, cookie = '') => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { cookie } });
  return (
    answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ') || cookie
  );
};
const print = (cookie) => {
  const key = /koa\.sess=([^;]+)/.exec(cookie)[1];
  console.log(`id uuid ${key.slice(-36)}`);
};

const ann = await get('/login?user=ann');
print(ann);
await get('/use', ann);
await get('/logout', await get('/login?user=ben'));
await get('/login?user=eve&seconds=1');
// Its key outlives it by ten seconds.
await sleep(11_500);
process.exit(0);
