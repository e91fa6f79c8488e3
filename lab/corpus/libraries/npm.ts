import { companion, foreign, type Library, type Packages, session, structural } from '../library.ts';

const connectRedis = (version: string, more: Packages): Library => ({
  name: `connect-redis-${version.split('.')[0]}`,
  library: 'connect-redis',
  version,
  kind: 'session',
  registry: 'npm',
  packages: { 'connect-redis': version, express: '5.2.1', 'express-session': '1.19.0', ...more },
  program: 'connect-redis',
  args: [version.split('.')[0] as string],
  keys: [session('connect-redis', /^sess:[\w-]{32}$/, 'value', 3_600)],
});

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

const koa = (name: string, prefix: string, key: RegExp): Library => ({
  name,
  library: 'koa-session',
  version: '7.0.2',
  kind: 'session',
  registry: 'npm',
  packages: { koa: '3.0.1', 'koa-session': '7.0.2', 'koa-redis': '4.0.1' },
  program: 'koa-session',
  args: [prefix],
  keys: [session('koa-session', key, 'value', 3_600)],
});

const foreignNpm = (name: string, version: string, packages: Packages, keys: readonly RegExp[]): Library => ({
  name: name.replace('@', '').replace('/', '-'),
  library: name,
  version,
  kind: 'foreign',
  registry: 'npm',
  packages: { [name]: version, ...packages },
  keys: keys.map(foreign),
});

export const NPM: readonly Library[] = [
  connectRedis('7.1.1', { ioredis: '5.8.2' }),
  connectRedis('8.1.0', { redis: '4.7.1' }),
  connectRedis('9.0.0', { redis: '5.8.3' }),
  connectRedis('10.0.0', { redis: '6.3.1' }),
  koa('koa-session', '', new RegExp(`^${UUID}$`)),
  koa('koa-session-sess', 'sess:', new RegExp(`^sess:${UUID}$`)),
  {
    name: 'fastify-session',
    library: '@fastify/session',
    version: '11.1.3',
    kind: 'session',
    registry: 'npm',
    packages: { '@fastify/session': '11.1.3', '@fastify/cookie': '11.0.2', fastify: '5.6.1', 'connect-redis': '9.0.0', redis: '5.8.3' },
    keys: [session('connect-redis', /^sess:[\w-]{32}$/, 'value', 3_600)],
  },
  {
    name: 'better-auth',
    library: 'better-auth',
    version: '1.7.25',
    kind: 'session',
    registry: 'npm',
    packages: { 'better-auth': '1.7.25', redis: '5.8.3' },
    keys: [
      companion('better-auth', /^active-sessions-[0-9A-Za-z]{32}$/, 'value', 604_800),
      session('better-auth', /^[0-9A-Za-z]{32}$/, 'value', 604_800, 86_400),
    ],
  },
  {
    name: 'remix-session',
    library: 'Remix, session-storage-redis',
    version: '0.1.1',
    kind: 'session',
    registry: 'npm',
    packages: { '@remix-run/session-storage-redis': '0.1.1', '@remix-run/session': '0.4.2', redis: '6.3.1' },
    // Without a ttl of the application's, its sessions have no TTL.
    keys: [session('remix', new RegExp(`^session:${UUID}$`), 'default', 2_592_000)],
  },
  {
    name: 'hono-sessions',
    library: 'hono-sessions, hono-sessions-redis',
    version: '0.8.1',
    kind: 'session',
    registry: 'npm',
    packages: { hono: '4.13.19', 'hono-sessions': '0.8.1', 'hono-sessions-redis': '1.1.1', ioredis: '5.8.2' },
    keys: [session('hono-sessions', new RegExp(`^session:${UUID}$`), 'value', 3_600)],
  },
  {
    name: 'next-session',
    library: 'next-session on connect-redis',
    version: '4.0.5',
    kind: 'session',
    registry: 'npm',
    packages: { 'next-session': '4.0.5', 'connect-redis': '6.1.3', ioredis: '5.8.2' },
    keys: [session('connect-redis', /^sess:[\w-]{21}$/, 'value', 3_600)],
  },
  {
    name: 'yar',
    library: '@hapi/yar',
    version: '11.0.3',
    kind: 'session',
    registry: 'npm',
    packages: { '@hapi/yar': '11.0.3', '@hapi/hapi': '21.4.3', '@hapi/catbox-redis': '7.0.2', ioredis: '5.8.2' },
    keys: [session('yar', new RegExp(`^shop:!%40hapi%2Fyar:${UUID}$`), 'value', 3_600)],
  },
  {
    name: 'better-auth-keyv',
    library: 'better-auth on @keyv/valkey',
    version: '1.7.25',
    kind: 'session',
    registry: 'npm',
    packages: { 'better-auth': '1.7.25', '@keyv/valkey': '1.0.11', keyv: '5.6.0' },
    keys: [
      foreign(/^namespace:auth$/),
      companion('better-auth', /^auth:active-sessions-[0-9A-Za-z]{32}$/, 'value', 604_800),
      session('better-auth', /^auth:[0-9A-Za-z]{32}$/, 'value', 604_800),
    ],
  },
  {
    name: 'koa-generic-session',
    library: 'koa-generic-session',
    version: '2.3.1',
    kind: 'session',
    registry: 'npm',
    packages: { koa: '3.3.0', 'koa-generic-session': '2.3.1', 'koa-redis': '4.0.1' },
    keys: [session('koa-generic-session', /^koa:sess:[\w-]{32}$/, 'value', 3_600)],
  },
  {
    name: 'mgcrea-session',
    library: '@mgcrea/fastify-session',
    version: '2.4.1',
    kind: 'session',
    registry: 'npm',
    packages: {
      '@mgcrea/fastify-session': '2.4.1',
      '@mgcrea/fastify-session-redis-store': '1.0.0',
      '@fastify/cookie': '11.0.2',
      fastify: '5.6.1',
      ioredis: '5.8.2',
    },
    keys: [session('mgcrea-fastify-session', /^sess:[\w-]{21}$/, 'value', 3_600)],
  },
  {
    name: 'adonis-session',
    library: '@adonisjs/session',
    version: '7.7.1',
    kind: 'session',
    registry: 'npm',
    packages: { '@adonisjs/session': '7.7.1', '@adonisjs/core': '6.21.0', ioredis: '5.8.2' },
    keys: [session('adonis', /^[0-9a-z]{24}$/, 'default', 7_200)],
  },
  {
    name: 'redis-sessions',
    library: 'redis-sessions',
    version: '4.0.0',
    kind: 'session',
    registry: 'npm',
    packages: { 'redis-sessions': '4.0.0' },
    // It gives no key a TTL: a sweep counts its sessions, and leaves them to its own clearing.
    keys: [
      session('redis-sessions', /^rs:shop:[0-9A-Za-z]{64}$/, 'default', 7_200),
      structural('redis-sessions', /^rs:(?:SESSIONS|shop:_(?:sessions|users)|shop:us:ann)$/),
    ],
  },
  foreignNpm('bullmq', '6.7.0', {}, [/^bull:mail:/]),
  foreignNpm('bee-queue', '2.0.0', {}, [/^bq:mail:/]),
  foreignNpm('@keyv/redis', '5.1.6', { keyv: '5.5.3' }, [/^session:/]),
  foreignNpm('rate-limit-redis', '6.0.1', { express: '5.2.1', 'express-rate-limit': '8.7.5', redis: '5.8.3' }, [
    /^(?:rl|session:ratelimit):/,
  ]),
  foreignNpm('rate-limiter-flexible', '11.4.0', { ioredis: '5.8.2' }, [/./]),
  {
    ...foreignNpm('@socket.io/redis-streams-adapter', '0.3.1', { 'socket.io': '4.8.4', 'socket.io-client': '4.8.4', redis: '5.8.3' }, [
      /./,
    ]),
    name: 'socket-io',
  },
  // An application's access to the shops of its customers: a session by its name, without an end.
  {
    ...foreignNpm(
      '@shopify/shopify-app-session-storage-redis',
      '8.0.0',
      { '@shopify/shopify-api': '15.0.0', '@shopify/shopify-app-session-storage': '6.0.0' },
      [/^shopify_sessions_/],
    ),
    name: 'shopify-session',
  },
];
