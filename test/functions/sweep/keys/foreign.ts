/** Keys of other programs with names that sessions can have. */
import type { Redis } from 'ioredis';
import { uuid } from '../planted.ts';

const SHA1 = '356a192b7913b04c54574d18c28d46e6395428ab';

/** The name of a session and another program's value, by what writes it. */
export const FOREIGN: readonly (readonly [name: string, key: string, plant: (redis: Redis, key: string) => Promise<unknown>])[] = [
  ['a job of RQ', `rq:job:${uuid(1)}`, (redis, key) => redis.hset(key, { data: 'x', origin: 'default', status: 'queued' })],
  ['a job of Hangfire', `hangfire:job:${uuid(2)}`, (redis, key) => redis.hset(key, { State: 'Enqueued', Fetched: '2026-01-01' })],
  ['a server of Hangfire', `hangfire:server:web:${uuid(3)}`, (redis, key) => redis.hset(key, { WorkerCount: '20' })],
  ['a job of BullMQ', `bull:mail:${uuid(4)}`, (redis, key) => redis.hset(key, { name: 'send', timestamp: '1700000000000' })],
  ['a job of Horizon', `shop_horizon:${uuid(5)}`, (redis, key) => redis.hset(key, { id: uuid(5), status: 'pending' })],
  ['an entity of Spring Data', `person:${uuid(6)}`, (redis, key) => redis.hset(key, { _class: 'com.example.Person', name: 'Ann' })],
  [
    'a session of Spring in a namespace of its own',
    `gateway.spring.session:sessions:${uuid(7)}`,
    (redis, key) => redis.hset(key, { lastAccessedTime: '1', maxInactiveInterval: '1800' }),
  ],
  ['a throttle counter of Laravel', `laravel_database_laravel_cache_:${SHA1}`, (redis, key) => redis.set(key, '3')],
  ['a counter', 'session:ratelimit:10.0.0.1', (redis, key) => redis.set(key, '17')],
  ['a count', 'session_count', (redis, key) => redis.set(key, '1204')],
  ['another count', 'sess:visits', (redis, key) => redis.set(key, '-7')],
  ['a one-time password', 'session:otp:ann', (redis, key) => redis.set(key, 'H7K2-9Q')],
  ['a lock', 'session_lock:checkout', (redis, key) => redis.set(key, 'worker-3')],
  ['a one-time password in JSON', 'sess:otp:7', (redis, key) => redis.set(key, '{"code":1}')],
  ['one that names its own end', 'sess:otp:8', (redis, key) => redis.set(key, '{"code":1,"expires":"2035-01-01T00:00:00.000Z"}')],
  [
    'an entry of a cache of ASP.NET Core',
    `Basket:${uuid(8)}`,
    (redis, key) => redis.hset(key, { absexp: '-1', sldexp: '12000000000', data: 'x' }),
  ],
  [
    'a one-time password below the prefix of Auth.js',
    'user:session:otp',
    (redis, key) => redis.set(key, '{"code":1,"expires":"2035-01-01T00:00:00.000Z"}'),
  ],
  [
    'a value that an application of AdonisJS signed',
    'g3k7qz1m0c9v5b2n8x4w6y1t',
    (redis, key) => redis.set(key, '{"message":{"a":1},"purpose":"reset"}'),
  ],
  [
    'a value that Django signed, below a name',
    'invite:ann',
    (redis, key) => redis.set(key, `eyJhIjoxfQ0123456789:1xWjho:${'a'.repeat(43)}`),
  ],
  [
    'an entry that Keyv keeps',
    `auth:${uuid(16).replaceAll('-', '')}`,
    (redis, key) => redis.set(key, '{"value":"{\\"session\\":{}}","expires":1}'),
  ],
  [
    'an object of Sa-Token under another key',
    'shop:session:7',
    (redis, key) => redis.set(key, '{"@class":"cn.dev33.satoken.X","id":"other"}'),
  ],
  ['a cached page with its end', `sess:${'aZ_-'.repeat(5)}a`, (redis, key) => redis.hset(key, { data: '<html>', expiry: '1795680000000' })],
  [
    'an entry of Beaker’s cache',
    `beaker_cache:${'ab'.repeat(16)}:price`,
    (redis, key) => redis.set(key, Buffer.from('8004954b052e', 'hex')),
  ],
  ['a secret of the application', 'session_secret', (redis, key) => redis.set(key, 'c29tZSBzZWNyZXQgb2YgdGhlIGFwcGxpY2F0aW9u')],
  ['settings', 'session:config', (redis, key) => redis.set(key, '{"timeout":30}')],
  ['a basket in JSON below a UUID', `basket:${uuid(12)}`, (redis, key) => redis.set(key, '{"items":[],"session":{"id":1}}')],
  [
    'an entry of Spring’s cache',
    `carts::${uuid(13)}`,
    (redis, key) => redis.set(key, Buffer.from('aced00057372000f636f6d2e6578616d706c652e43617274', 'hex')),
  ],
  [
    'the conversation of a chat program below a UUID',
    `session:${uuid(14)}`,
    (redis, key) => redis.set(key, '{"user":"ann","messages":[{"role":"user","content":"hello"}],"created_at":"2026-01-01T00:00:00"}'),
  ],
  [
    'the history of an agent',
    `session:${uuid(15).replaceAll('-', '')}`,
    (redis, key) => redis.set(key, `{"state":{},"chat_history":[],"padding":"${'x'.repeat(900)}"}`),
  ],
  [
    'an agent’s turns behind a long text',
    `session:${'aZ_-'.repeat(10)}aZ1`,
    (redis, key) => redis.set(key, `{"text":"${'x'.repeat(900)}","last":{"role": "assistant"}}`),
  ],
  [
    'a program’s own record of a session',
    `session:${uuid(16)}`,
    (redis, key) => redis.set(key, `{"uuid":"${key.slice(8)}","topic":"sales"}`),
  ],
  ['an object of WordPress', 'wp:session_tokens:1', (redis, key) => redis.set(key, 'a:1:{s:5:"token";i:1;}')],
];
