import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from '@hapi/catbox-redis';
import Hapi from '@hapi/hapi';
import yar from '@hapi/yar';

const options = { host: '127.0.0.1', port: Number(process.env.CORPUS_PORT), partition: 'shop' };
const server = Hapi.server({ cache: [{ name: 'sessions', provider: { constructor: Engine, options } }] });
await server.register({
  plugin: yar,
  options: {
    storeBlank: false,
    maxCookieSize: 0,
    cache: { cache: 'sessions', expiresIn: 3_600_000 },
    cookieOptions: { password: 'a secret of the corpus, of thirty-two letters or more', isSecure: false },
  },
});
server.route([
  {
    method: 'GET',
    path: '/login',
    handler: (request) => {
      request.yar.set('user', request.query.user);
      return request.yar.id;
    },
  },
  { method: 'GET', path: '/use', handler: (request) => String(request.yar.set('visits', 1)) },
  {
    method: 'GET',
    path: '/logout',
    handler: (request) => {
      request.yar.reset();
      return request.yar.id;
    },
  },
]);
await server.start();
const get = async (url, cookie = '') => {
  const answer = await server.inject({ url, headers: { cookie } });
  return { text: answer.payload, cookie: String(answer.headers['set-cookie'] ?? cookie).split(';')[0] };
};

const ann = await get('/login?user=ann');
console.log(`id uuid ${ann.text}`);
await get('/use', ann.cookie);
console.log(`id uuid ${(await get('/logout', (await get('/login?user=ben')).cookie)).text}`);
await sleep(100);
process.exit(0);
