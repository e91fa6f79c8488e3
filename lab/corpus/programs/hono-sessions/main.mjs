import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { sessionMiddleware } from 'hono-sessions';
import { RedisStoreAdapter } from 'hono-sessions-redis';
import { Redis } from 'ioredis';

const client = new Redis(Number(process.env.CORPUS_PORT), '127.0.0.1');

function appFor(seconds) {
  const app = new Hono();
  app.use('*', sessionMiddleware({ store: new RedisStoreAdapter({ client, ttl: seconds }), expireAfterSeconds: seconds }));
  app.get('/login', (context) => {
    context.get('session').set('user', context.req.query('user'));
    return context.text('ok');
  });
  app.get('/use', (context) => {
    context.get('session').set('visits', 1);
    return context.text('ok');
  });
  app.get('/logout', (context) => {
    context.get('session').deleteSession();
    return context.text('ok');
  });
  return async (path, cookie = '') => {
    const response = await app.request(path, { headers: { cookie } });
    return response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
  };
}

const get = appFor(3_600);
const ann = await get('/login?user=ann');
console.log(`id ${process.argv[2] ?? 'uuid'} ${decodeURIComponent(ann.split('=')[1])}`);
await get('/use', ann);
await get('/logout', await get('/login?user=ben'));
await appFor(1)('/login?user=eve');
await sleep(1_500);
process.exit(0);
