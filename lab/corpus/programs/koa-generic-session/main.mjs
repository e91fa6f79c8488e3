import Koa from 'koa';
import session from 'koa-generic-session';
import redisStore from 'koa-redis';

const app = new Koa();
app.keys = ['corpus'];
app.use(session({ store: redisStore({ host: '127.0.0.1', port: Number(process.env.CORPUS_PORT) }), cookie: { maxAge: 3_600_000 } }));
app.use(async (context) => {
  if (context.path === '/login') context.session.user = 'ann';
  if (context.path === '/use') context.session.visits = (context.session.visits ?? 0) + 1;
  if (context.path === '/logout') context.session = null;
  context.body = 'ok';
});
const server = app.listen(0);
const get = async (path, cookie = '') => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { cookie } });
  return answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
};

const ann = await get('/login');
console.log(`id base64url ${/koa\.sid=([\w-]+)/.exec(ann)[1]}`);
await get('/use', ann);
await get('/logout', await get('/login'));
process.exit(0);
