import { randomBytes } from 'node:crypto';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { ownSessionsOnly, unreadableAsNone } from './session-store.mjs';
import { followPrimary } from './store.mjs';

/**
 * The session cookie; express-session writes its age as Expires, not as Max-Age. SameSite=Strict keeps the session out of every request that another site starts; an application
 * whose users come back from a payment or single-sign-on page needs `lax`. `secure: 'auto'` follows the load balancer's
 * X-Forwarded-Proto.
 */
export const COOKIE = { httpOnly: true, sameSite: 'strict', secure: 'auto', path: '/' };
export const COOKIE_NAME = 'SID';

/** `modes`: where sessions are, and faults on purpose; see modes.mjs. `countSessions` gets what counts the sessions that are in this server's memory. */
export function sessions({ client, keyPrefix, secrets, modes, countSessions }) {
  const { fixedCookieSeconds, idleSeconds, secureCookie, route } = modes;
  const middleware = session({
    store: storeOf(client, keyPrefix, modes, countSessions),
    name: COOKIE_NAME,
    secret: secrets,
    cookie: { ...COOKIE, maxAge: (fixedCookieSeconds ?? idleSeconds) * 1000, ...(secureCookie && { secure: true }) },
    // The age is sent anew with every answer: 30 idle minutes end a session, not 30 minutes of use.
    rolling: fixedCookieSeconds === undefined,
    resave: false,
    // A visitor without a login leaves nothing in the store.
    saveUninitialized: modes.saveAll,
    ...(route && { genid: () => `${randomBytes(24).toString('base64url')}.${route}` }),
  });
  return [...(fixedCookieSeconds ? [keepCookieOfLogin] : []), ...(secureCookie ? [takeForHttps] : []), middleware];
}

/** express-session sends no Secure cookie in answer to plain HTTP; many other frameworks do, and the browser drops it. */
function takeForHttps(request, _response, next) {
  Object.defineProperty(request, 'secure', { value: true });
  next();
}

/** express-session also sends the cookie of a session that changed: then use would extend its life. */
function keepCookieOfLogin(request, response, next) {
  // Only who has a cookie: a page that begins a session sends one.
  if (request.method === 'GET' && request.headers.cookie !== undefined) {
    const writeHead = response.writeHead;
    response.writeHead = (...parameters) => {
      response.removeHeader('Set-Cookie');
      return writeHead.apply(response, parameters);
    };
  }
  next();
}

function storeOf(client, prefix, { inMemory, ownRoute, storeTtlSeconds, noTtl, otherFormat, errorsLogOut }, countSessions) {
  const store = inMemory
    ? new session.MemoryStore()
    : new RedisStore({
        client: followPrimary(client),
        prefix,
        disableTTL: noTtl,
        ...(storeTtlSeconds && { ttl: () => storeTtlSeconds }),
        serializer: otherFormat ? OTHER_FORMAT : FORMAT,
      });
  if (inMemory) countSessions(() => countOf(store));
  const own = ownRoute ? ownSessionsOnly(store, ownRoute) : store;
  return errorsLogOut ? unreadableAsNone(own) : own;
}

/** Without the sessions that have expired, which the store forgets only when they are read. */
function countOf(store) {
  store.all(() => {});
  return Object.keys(store.sessions).length;
}

/** The error of a session that cannot be read quotes nothing of it: JSON.parse's own would. */
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('a session of another format cannot be deserialized');
  }
};
const FORMAT = { parse, stringify: JSON.stringify };
const OTHER_FORMAT = {
  parse: (text) => parse(text.startsWith('2:') ? text.slice(2) : 'not this format'),
  stringify: (value) => `2:${JSON.stringify(value)}`,
};

/** express-session's callbacks as promises. */
export const regenerate = (request) => settle((done) => request.session.regenerate(done));
export const save = (request) => settle((done) => request.session.save(done));
export const destroy = (request) => settle((done) => request.session.destroy(done));

const settle = (call) => new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
