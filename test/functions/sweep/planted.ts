/** Keys of every dialect, as the frameworks write them, each with what a sweep has to make of it. */
import type { Redis } from 'ioredis';
import { kryoInteger, kryoLong } from './kryo-numbers.ts';
import { serialisedInteger, serialisedLong } from './real-store.ts';

export interface Planted {
  readonly key: string;
  readonly dialect: string | undefined;
  readonly role: 'session' | 'companion' | 'structural' | undefined;
  /** What is left of its life when `idleSeconds` have passed; undefined where no TTL is to be set. */
  readonly remainingSeconds?: number;
  readonly plant: (redis: Redis) => Promise<unknown>;
}

/** The least session of express-session. */
export const COOKIE = '{"cookie":{"originalMaxAge":null,"expires":null}}';
/** One of this many bytes. */
export const sessionOf = (bytes: number): string => `${COOKIE.slice(0, -1)},"cart":"${'x'.repeat(bytes - COOKIE.length - 10)}"}`;

const TICKS = 10_000_000n;
const nowTicks = (nowMs: number) => (BigInt(nowMs) / 1000n + 62_135_596_800n) * TICKS;
const HEX = '0123456789abcdef';
const id = (seed: number, length: number, alphabet = HEX): string =>
  Array.from({ length }, (_, at) => alphabet[(seed * 7 + at * (3 + (seed % 5)) + (at >> 2)) % alphabet.length]).join('');
export const uuid = (seed: number): string => {
  const hex = `${seed.toString(16).padStart(8, '0')}${id(seed, 24)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};
const javaObject = (className: string) => Buffer.concat([Buffer.from('aced000573720000', 'hex'), Buffer.from(`${className}xpw`)]);
const iso = (ms: number) => new Date(ms).toISOString();

/** @param seed makes the ids; @param usedMs when the session was last used, where its keys record it */
export function plantable(seed: number, nowMs: number, usedMs: number): Planted[] {
  const u = uuid(seed);
  const hash = (fields: Record<string, string | Buffer>) => (key: string) => (redis: Redis) => redis.hset(key, fields);
  const text = (value: string | Buffer) => (key: string) => (redis: Redis) => redis.set(key, value);
  const one = (
    dialect: string | undefined,
    role: Planted['role'],
    key: string,
    plant: (key: string) => (redis: Redis) => Promise<unknown>,
    remainingSeconds?: number,
  ): Planted => ({ key, dialect, role, plant: plant(key), ...(remainingSeconds !== undefined && { remainingSeconds }) });
  const used = (nowMs - usedMs) / 1000;
  const set = (member: string) => (key: string) => (redis: Redis) => redis.sadd(key, member);
  const spring = { lastAccessedTime: serialisedLong(usedMs), maxInactiveInterval: serialisedInteger(1_800), 'sessionAttr:cart': 'x' };
  const minute = Math.floor(usedMs / 60_000) * 60_000;
  return [
    one('spring-session', 'session', `spring:session:sessions:${u}`, hash(spring), 2_100 - used),
    one(
      'spring-session',
      'session',
      `spring:session:shop:sessions:${u}`,
      hash({ lastAccessedTime: `${usedMs}`, maxInactiveInterval: '600' }),
      900 - used,
    ),
    one(
      'spring-session',
      'session',
      `spring:session:sessions:${uuid(seed + 500_000)}`,
      hash({ ...spring, maxInactiveInterval: serialisedInteger(-1) }),
    ),
    one('spring-session', 'companion', `spring:session:sessions:expires:${u}`, text(''), 1_800),
    one(
      'spring-session',
      'companion',
      `spring:session:expirations:${minute}`,
      set(`expires:${u}`),
      Math.max(150, minute / 1000 + 300 - nowMs / 1000),
    ),
    one(
      'spring-session',
      'structural',
      `spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:user${seed}`,
      set(u),
    ),
    one('spring-session', 'structural', `spring:session:sessions:index:PRINCIPAL_NAME_INDEX_NAME:user:${seed}`, set(u)),
    one('spring-session', 'structural', `spring:session:sessions:${u}:idx`, set('x')),
    one('spring-session', 'structural', 'spring:session:sessions:expirations', (key) => (redis) => redis.zadd(key, usedMs, u)),
    one('connect-redis', 'companion', `sess:user-sessions:${id(seed, 64)}`, (key) => (redis) => redis.lpush(key, id(seed, 32)), 86_400),
    one('connect-redis', 'companion', `sess:ended:${id(seed, 64)}`, text('newer-login'), 300),
    one(
      'connect-redis',
      'session',
      `sess:${id(seed, 32)}`,
      text(JSON.stringify({ cookie: { originalMaxAge: 3_600_000, expires: iso(usedMs + 3_600_000) } })),
      3_600,
    ),
    one(
      'connect-redis',
      'session',
      `sess:n${id(seed, 31)}`,
      text(JSON.stringify({ cookie: { originalMaxAge: null, expires: null } })),
      86_400,
    ),
    one(
      'redisson-tomcat',
      'session',
      `redisson:tomcat_session:${id(seed, 32)}`,
      hash({ 'session:lastAccessedTime': `${usedMs}`, 'session:maxInactiveInterval': '1800' }),
      1_860 - used,
    ),
    one(
      'redisson-spring',
      'session',
      `spring:session:${u}`,
      hash({ 'session:creationTime': `${usedMs}`, 'session:lastAccessedTime': `${usedMs}`, 'session:maxInactiveInterval': '1800' }),
      1_860 - used,
    ),
    one(
      'redisson-tomcat',
      'session',
      `app:redisson:tomcat_session:${id(seed, 32)}`,
      hash({ 'session:lastAccessedTime': kryoLong(usedMs), 'session:maxInactiveInterval': kryoInteger(1_800) }),
      1_860 - used,
    ),
    one(
      'redisson-tomcat',
      'session',
      `marshalled:redisson:tomcat_session:${id(seed, 32)}`,
      hash({ 'session:lastAccessedTime': Buffer.from([4, 9, 200, 1]), 'session:maxInactiveInterval': '1800' }),
    ),
    one(
      'redisson-spring',
      'session',
      `rs:${uuid(seed + 700_000)}`,
      hash({ 'session:creationTime': `${usedMs}`, 'session:lastAccessedTime': `${usedMs}`, 'session:maxInactiveInterval': '1800' }),
      1_860 - used,
    ),
    one('flask-session', 'session', `session:${u}`, text(Buffer.from([0x81, 0xa1, 0x61, 1])), 31 * 86_400),
    one('django', 'session', `:1:django.contrib.sessions.cache${id(seed, 32)}`, text('pickle'), 14 * 86_400),
    one('django', 'session', `site:3:django.contrib.sessions.cached_db${id(seed, 32)}`, text('pickle'), 14 * 86_400),
    one('laravel', 'session', `shop_database_shop_cache_${id(seed, 40)}`, text('s:47:"a:1:{s:6:"_token";s:4:"AbCd";}";'), 7_200),
    one(undefined, undefined, `laravel_database_laravel_cache_:${id(seed + 1, 40)}`, text('s:1:"x";')),
    one('symfony', 'session', `sf_s${id(seed, 26)}`, text('_sf2_attributes|a:0:{}'), 1_440),
    one('codeigniter', 'session', `ci_session:${id(seed, 32)}`, text(`__ci_last_regenerate|i:${Math.floor(usedMs / 1000)};`), 7_200),
    one('magento', 'session', `sess_${id(seed, 26)}`, hash({ data: ':gz:x', writes: '3', lock: '0' }), 30 * 86_400),
    one('yii', 'session', id(seed, 37), text('__flash|a:0:{}'), 1_440),
    one('scs', 'session', `scs:session:${id(seed, 43)}`, text(Buffer.alloc(40, 0x81)), 86_400),
    one('aiohttp', 'session', `AIOHTTP_SESSION_${id(seed, 32)}`, text('{"created":1790000000,"session":{"user":1}}'), 30 * 86_400),
    one('starsessions', 'session', `starsessions.${id(seed, 32)}`, text('{"user":1}'), 30 * 86_400),
    one('shiro', 'session', `shiro:session:${u}`, text(javaObject('org.apache.shiro.session.mgt.SimpleSession')), 3_600),
    one(
      'tomcat-redis-session-manager',
      'session',
      `${id(seed, 32).toUpperCase()}.node1`,
      text(javaObject('com.orangefunction.tomcat.redissessions.SessionSerializationMetadata')),
      1_800,
    ),
    one('asp-net-framework', 'session', `{/shop_${id(seed, 24, 'abcdef012345')}}_SessionStateItemCollection`, hash({ user: 'x' }), 1_200),
    one('litestar', 'session', `LITESTAR:${id(seed, 64)}`, text('{"user":"ann"}'), 14 * 86_400),
    one(
      'lucia',
      'session',
      `session:${id(seed, 40)}`,
      text(`{"id":"${id(seed, 40)}","user_id":"u","active_expires":1,"idle_expires":${nowMs + 86_400_000}}`),
      86_400,
    ),
    one('vertx', 'session', `app:${id(seed, 32)}`, text(Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from(id(seed, 32))])), 1_800),
    one('tower-sessions', 'session', `app:${id(seed, 22)}`, text(Buffer.from('93c41000', 'hex')), 14 * 86_400),
    one(
      'micronaut',
      'session',
      `micronaut:session:sessions:${u}`,
      hash({ 'Last-Accessed': `${usedMs}`, 'Max-Inactive-Interval': '1800' }),
      2_100 - used,
    ),
    one('spring-session', 'session', `my-app:sessions:${u}`, hash({ ...spring, creationTime: serialisedLong(usedMs) }), 2_100 - used),
    one(undefined, undefined, `my-app:jobs:sessions:${u}`, hash({ lastAccessedTime: 'x' })),
    one('koa-session', 'session', `${usedMs}-${id(seed, 24)}`, text(`{"user":1,"_expire":${usedMs + 3_600_000},"_maxAge":3600000}`), 3_600),
    one('yar', 'session', `shop:!%40hapi%2Fyar:${u}`, text(`{"item":{"user":1},"stored":${nowMs},"ttl":7200000}`), 7_200),
    one(
      'better-auth',
      'session',
      id(seed, 32).toUpperCase(),
      text(JSON.stringify({ session: { expiresAt: iso(nowMs + 6 * 86_400_000), token: id(seed, 32).toUpperCase() }, user: { id: '1' } })),
      6 * 86_400,
    ),
    one('phpredis', 'session', `PHPREDIS_SESSION:${id(seed, 26)}`, text('a|i:1;'), 1_440),
    one('phpredis', 'companion', `PHPREDIS_SESSION:${id(seed, 26)}_LOCK`, text('token'), 3_600),
    one('rack', 'session', `app:2::${id(seed, 64)}`, text('\x04\x08{'), 14 * 86_400),
    one(
      'asp-net-core',
      'session',
      `shop${u}`,
      hash({ absexp: '-1', sldexp: String(1_200n * TICKS), data: '\x02\0'.padEnd(24, 'x') }),
      1_200,
    ),
    one('beaker', 'session', `beaker_cache:${id(seed, 32)}:session`, text(Buffer.from('8004952e', 'hex')), 30 * 86_400),
    one(
      'koa-generic-session',
      'session',
      `koa:sess:${id(seed, 32)}`,
      text('{"cookie":{"path":"/","overwrite":true,"signed":true,"maxAge":3600000},"user":"ann"}'),
      3_600,
    ),
    one('remix', 'session', `session:${uuid(seed + 800_000)}`, text('[{"user":"ann"},{}]'), 30 * 86_400),
    one(
      'hono-sessions',
      'session',
      `session:${uuid(seed + 900_000)}`,
      text(
        `{"_data":{"user":{"value":"ann","flash":false}},"_expire":"${iso(usedMs + 3_600_000)}","_delete":false,"_accessed":"${iso(usedMs)}","_id":"${uuid(seed + 900_000)}"}`,
      ),
      3_600 - used,
    ),
    one('torndsession', 'session', `${id(seed, 39)}_`, text(Buffer.from('\x80\x04}(\x8c\x0b__expires__\x94K\x01u.', 'latin1')), 1_200),
    one('adonis', 'session', id(seed, 24), text(`{"message":{"user":"ann"},"purpose":"${id(seed, 24)}"}`), 7_200),
    one('sa-token', 'companion', `satoken:login:token:${u}`, text('10001'), 30 * 86_400),
    one(
      'sa-token',
      'session',
      `satoken:login:session:${seed}`,
      text(`{"@class":"cn.dev33.satoken.dao.SaSessionForJacksonCustomized","id":"satoken:login:session:${seed}"}`),
      30 * 86_400,
    ),
    one(
      'mgcrea-fastify-session',
      'session',
      `sess:${id(seed, 21)}`,
      hash({ data: '{"user":"ann"}', expiry: `${nowMs + 3_600_000}` }),
      3_600,
    ),
    one('redis-sessions', 'session', `rs:shop:${id(seed, 64)}`, hash({ id: 'ann', r: '2', w: '2', la: '1795738969', ttl: '3600' })),
    one('redis-sessions', 'structural', `rs:shop:us:user${seed}`, set(id(seed, 64))),
    // Entries of an application's cache.
    one(undefined, undefined, `shop:${u}`, hash({ absexp: String(nowTicks(nowMs) + 900n * TICKS), sldexp: '-1', data: '\x02' })),
    one(undefined, undefined, `for-ever:${u}`, hash({ absexp: '-1', sldexp: '-1', data: '\x02' })),
    one(undefined, undefined, `Basket:${u}`, hash({ absexp: '-1', sldexp: String(1_200n * TICKS), data: '{"items":[]}' })),
    one('gorilla', 'session', `session_${id(seed, 52, 'ABCDEFGH234567')}`, text(Buffer.alloc(48, 0x0e)), 30 * 86_400),
    one(
      'auth-js',
      'session',
      `user:session:${u}`,
      text(JSON.stringify({ sessionToken: u, userId: '1', expires: iso(nowMs + 40 * 86_400_000) })),
      40 * 86_400,
    ),
    one('auth-js', 'structural', `user:session:by-user-id:${u}`, text(u)),
    one('auth-js', 'structural', `user:${u}`, text('{"id":"1"}')),
    one('auth-js', 'structural', `user:email:${seed}@example.com`, text(u)),
    one(undefined, undefined, `cache:${seed}`, text('anything')),
    one(undefined, undefined, `sess:list:${seed}`, (key) => (redis) => redis.rpush(key, 'a')),
    one(undefined, undefined, `spring:session:sessions:${uuid(seed + 900_000)}`, text('no hash')),
  ];
}
