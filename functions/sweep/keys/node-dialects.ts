/** The session frameworks of Node that a sweep knows. */
import {
  common,
  companion,
  DAY,
  type Dialect,
  dialect,
  HOUR,
  idle,
  type KeyRule,
  session,
  simple,
  structural,
  UUID,
  withCommonName,
} from './dialect.ts';
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

type Read = (text: KeyText) => Expiry | undefined;

/** A session whose text states its end. @param shows what it has besides */
function sessionText(
  pattern: RegExp,
  read: Read,
  defaultSeconds = 0,
  shows: (text: KeyText, key: string) => boolean = () => true,
): KeyRule {
  const evidence = ofText((text, key) => read(text) !== undefined && shows(text, key));
  return session(pattern, 'string', { from: 'text', read, defaultSeconds }, evidence);
}

export const authJs = dialect(
  'auth-js',
  structural(/^user:session:by-user-id:.+$/s, 'string'),
  // By default a session lives 30 days. @see https://authjs.dev/reference/core#session
  common(
    sessionText(/^user:session:[^:]+$/, readAuthJs, 0, (text, key) => {
      const token = recordIn(text)?.['sessionToken'];
      return typeof token === 'string' && key.endsWith(`:${token}`);
    }),
  ),
  // The users themselves.
  structural(new RegExp(`^user:(?:(?:account|email):.+|${UUID})$`, 's'), 'string'),
);

/** An application can give Better Auth a store of Keyv. */
const orOfKeyv =
  (read: Read): Read =>
  (text) =>
    read(textOfKeyv(text) ?? text);

export const betterAuth = dialect(
  'better-auth',
  common(
    sessionText(/^(?:.*[^A-Za-z0-9])?[A-Za-z0-9]{32}$/s, orOfKeyv(readBetterAuth), 0, (text, key) =>
      (textOfKeyv(text) ?? text).start.includes(`"token":"${key.slice(-32)}"`),
    ),
  ),
  // The tokens of a user's sessions, and when each ends: it is as old as the newest.
  companion(
    /^(?:.+:)?active-sessions-.+$/s,
    'string',
    { from: 'text', read: orOfKeyv(readBetterAuthList), defaultSeconds: 0 },
    ofText((text) => /^\[\{"token":"[^"]+","expiresAt":\d+\}/.test((textOfKeyv(text) ?? text).start)),
  ),
);

export const koa = dialect(
  'koa-session',
  common(sessionText(new RegExp(`^(?:.*[^0-9])?(?:\\d{13}-[\\w-]{8,64}|${UUID})$`, 's'), readKoa, DAY)),
);

export const lucia = dialect(
  'lucia',
  common(sessionText(/^(?:.*:)?session:[0-9a-z]{40}$/s, readLucia, 0, (text, key) => key.endsWith(`:${recordIn(text)?.['id']}`))),
  // Ids of a user's sessions.
  structural(/^(?:.*:)?user_sessions:.+$/s, 'set'),
);

/** It never gives a key a TTL, but removes what is over by itself, by its own indices: a TTL would leave their members behind. */
export const redisSessions: Dialect = {
  ...dialect(
    'redis-sessions',
    session(/^(?:.*:)?rs:[^:]+:[0-9A-Za-z]{64}$/s, 'hash', idle(2 * HOUR), { ...numbersIn('la', 'ttl', 'r', 'w'), isWeak: true }),
    structural(/^(?:.*:)?rs:(?:SESSIONS|[^:]+:_(?:sessions|users))$/s, 'zset'),
    structural(/^(?:.*:)?rs:[^:]+:us:.+$/s, 'set'),
  ),
  maxPolicy: 'report',
};

export const mgcrea = dialect(
  'mgcrea-fastify-session',
  common(
    session(
      /^(?:.*:)?sess:[\w-]{21}$/s,
      'hash',
      { from: 'fields', lastAccess: 'expiry', maxInactive: 'ttl', graceSeconds: 0, defaultSeconds: DAY, isEnd: true },
      MGCREA_SESSION,
    ),
  ),
);

export const koaGeneric = dialect('koa-generic-session', sessionText(/^(?:.*:)?koa:sess:.+$/s, readKoaGeneric, DAY));

export const yar = dialect('yar', sessionText(new RegExp(`^(?:.*:)?!%40hapi%2Fyar:${UUID}$`, 's'), readCatbox));

export const connectRedis: Dialect = {
  ...dialect(
    'connect-redis',
    // session/user-sessions keeps the ids of a user's sessions, for as long as the newest can live, and why a session ended.
    companion(/^sess:(?:.+:)?user-sessions:[0-9a-f]{64}$/s, 'list', idle(DAY)),
    companion(/^sess:(?:.+:)?ended:[0-9a-f]{64}$/s, 'string', idle(300)),
    session(
      /^sess:.+$/s,
      'string',
      { from: 'text', read: readCookie, defaultSeconds: DAY },
      ofText((text) => cookieIn(text) !== undefined),
    ),
  ),
  maxPolicy: 'delete',
};

export const adonis = withCommonName(simple('adonis', /^(?:.*[^0-9a-z])?[0-9a-z]{20,32}$/s, idle(2 * HOUR), adonisSession));

/** Without a ttl of the application's its sessions have no TTL. */
export const remix = withCommonName(simple('remix', new RegExp(`^(?:.*:)?session:${UUID}$`, 's'), idle(30 * DAY), remixSession));

export const hono = dialect('hono-sessions', common(sessionText(new RegExp(`^(?:.*:)?session:${UUID}$`, 's'), readHono)));
