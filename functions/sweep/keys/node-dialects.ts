/** The session frameworks of Node that a sweep knows. */
import { common, companion, DAY, type Dialect, HOUR, idle, session, simple, structural, UUID, withCommonName } from './dialect.ts';
import { adonisSession, MGCREA_SESSION, numbersIn, ofText, remixSession } from './evidence.ts';
import {
  cookieIn,
  type Expiry,
  type KeyText,
  readAuthJs,
  readBetterAuth,
  readBetterAuthList,
  readCatbox,
  readCookie,
  readHono,
  readKoa,
  readKoaGeneric,
  readLucia,
  recordIn,
  textOfKeyv,
} from './read-expiry.ts';

export const authJs: Dialect = {
  name: 'auth-js',
  maxPolicy: 'expire',
  rules: [
    structural(/^user:session:by-user-id:.+$/s, 'string'),
    // By default a session lives 30 days. @see https://authjs.dev/reference/core#session
    common(
      session(
        /^user:session:[^:]+$/,
        'string',
        { from: 'text', read: readAuthJs, defaultSeconds: 0 },
        ofText((text, key) => {
          const token = recordIn(text)?.['sessionToken'];
          return typeof token === 'string' && key.endsWith(`:${token}`) && readAuthJs(text) !== undefined;
        }),
      ),
    ),
    // The users themselves.
    structural(new RegExp(`^user:(?:(?:account|email):.+|${UUID})$`, 's'), 'string'),
  ],
};

/** An application can give Better Auth a store of Keyv. */
function ofKeyv(text: KeyText, read: (text: KeyText) => Expiry | undefined): Expiry | undefined {
  const inner = textOfKeyv(text);
  return inner && read(inner);
}

export const betterAuth: Dialect = {
  name: 'better-auth',
  maxPolicy: 'expire',
  rules: [
    common(
      session(
        /^(?:.*[^A-Za-z0-9])?[A-Za-z0-9]{32}$/s,
        'string',
        { from: 'text', read: readBetterAuth, defaultSeconds: 0 },
        ofText((text, key) => readBetterAuth(text) !== undefined && text.start.includes(`"token":"${key.slice(-32)}"`)),
      ),
    ),
    common(
      session(
        /^(?:.*[^A-Za-z0-9])?[A-Za-z0-9]{32}$/s,
        'string',
        { from: 'text', read: (text) => ofKeyv(text, readBetterAuth), defaultSeconds: 0 },
        ofText(
          (text, key) =>
            ofKeyv(text, readBetterAuth) !== undefined && textOfKeyv(text)?.start.includes(`"token":"${key.slice(-32)}"`) === true,
        ),
      ),
    ),
    companion(
      /^(?:.+:)?active-sessions-.+$/s,
      'string',
      { from: 'text', read: (text) => ofKeyv(text, readBetterAuthList), defaultSeconds: 0 },
      ofText((text) => /^\[\{"token":"[^"]+","expiresAt":\d+\}/.test(textOfKeyv(text)?.start ?? '')),
    ),
    // The tokens of a user's sessions, and when each ends: it is as old as the newest.
    companion(
      /^(?:.+:)?active-sessions-.+$/s,
      'string',
      { from: 'text', read: readBetterAuthList, defaultSeconds: 0 },
      ofText(({ start }) => /^\[\{"token":"[^"]+","expiresAt":\d+\}/.test(start)),
    ),
  ],
};

export const koa: Dialect = {
  name: 'koa-session',
  maxPolicy: 'expire',
  rules: [
    common(
      session(
        new RegExp(`^(?:.*[^0-9])?(?:\\d{13}-[\\w-]{8,64}|${UUID})$`, 's'),
        'string',
        { from: 'text', read: readKoa, defaultSeconds: DAY },
        ofText((text) => readKoa(text) !== undefined),
      ),
    ),
  ],
};

export const lucia: Dialect = {
  name: 'lucia',
  maxPolicy: 'expire',
  rules: [
    common(
      session(
        /^(?:.*:)?session:[0-9a-z]{40}$/s,
        'string',
        { from: 'text', read: readLucia, defaultSeconds: 0 },
        ofText((text, key) => readLucia(text) !== undefined && key.endsWith(`:${recordIn(text)?.['id']}`)),
      ),
    ),
    // Ids of a user's sessions.
    structural(/^(?:.*:)?user_sessions:.+$/s, 'set'),
  ],
};

/** It never gives a key a TTL, but removes what is over by itself, by its own indices: a TTL would leave their members behind. */
export const redisSessions: Dialect = {
  name: 'redis-sessions',
  maxPolicy: 'report',
  rules: [
    session(/^(?:.*:)?rs:[^:]+:[0-9A-Za-z]{64}$/s, 'hash', idle(2 * HOUR), { ...numbersIn('la', 'ttl', 'r', 'w'), isWeak: true }),
    structural(/^(?:.*:)?rs:(?:SESSIONS|[^:]+:_(?:sessions|users))$/s, 'zset'),
    structural(/^(?:.*:)?rs:[^:]+:us:.+$/s, 'set'),
  ],
};

export const mgcrea: Dialect = {
  name: 'mgcrea-fastify-session',
  maxPolicy: 'expire',
  rules: [
    common(
      session(
        /^(?:.*:)?sess:[\w-]{21}$/s,
        'hash',
        { from: 'fields', lastAccess: 'expiry', maxInactive: 'ttl', graceSeconds: 0, defaultSeconds: DAY, isEnd: true },
        MGCREA_SESSION,
      ),
    ),
  ],
};

export const koaGeneric: Dialect = {
  name: 'koa-generic-session',
  maxPolicy: 'expire',
  rules: [
    session(
      /^(?:.*:)?koa:sess:.+$/s,
      'string',
      { from: 'text', read: readKoaGeneric, defaultSeconds: DAY },
      ofText((text) => readKoaGeneric(text) !== undefined),
    ),
  ],
};

export const yar: Dialect = {
  name: 'yar',
  maxPolicy: 'expire',
  rules: [
    session(
      new RegExp(`^(?:.*:)?!%40hapi%2Fyar:${UUID}$`, 's'),
      'string',
      { from: 'text', read: readCatbox, defaultSeconds: 0 },
      ofText((text) => readCatbox(text) !== undefined),
    ),
  ],
};

export const connectRedis: Dialect = {
  name: 'connect-redis',
  maxPolicy: 'delete',
  rules: [
    // session/user-sessions keeps the ids of a user's sessions, for as long as the newest can live, and why a session ended.
    companion(/^sess:(?:.+:)?user-sessions:[0-9a-f]{64}$/s, 'list', idle(DAY)),
    companion(/^sess:(?:.+:)?ended:[0-9a-f]{64}$/s, 'string', idle(300)),
    session(
      /^sess:.+$/s,
      'string',
      { from: 'text', read: readCookie, defaultSeconds: DAY },
      ofText((text) => cookieIn(text) !== undefined),
    ),
  ],
};

export const adonis: Dialect = withCommonName(simple('adonis', /^(?:.*[^0-9a-z])?[0-9a-z]{20,32}$/s, idle(2 * HOUR), adonisSession));

/** Without a ttl of the application's its sessions have no TTL. */
export const remix: Dialect = withCommonName(simple('remix', new RegExp(`^(?:.*:)?session:${UUID}$`, 's'), idle(30 * DAY), remixSession));

export const hono: Dialect = {
  name: 'hono-sessions',
  maxPolicy: 'expire',
  rules: [
    common(
      session(
        new RegExp(`^(?:.*:)?session:${UUID}$`, 's'),
        'string',
        { from: 'text', read: readHono, defaultSeconds: 0 },
        ofText((text) => readHono(text) !== undefined),
      ),
    ),
  ],
};
