import session from 'express-session';
import { createUserSessions, GuardedRedisStore } from '../../session/user-sessions/index.mjs';

/**
 * Neither Max-Age nor Expires: the store's time slides with every request, and no answer has to send the cookie again, so that one which
 * was begun before a login cannot overwrite the cookie of that login. SameSite=Strict keeps the session out of every request that another
 * site starts; an application whose users come back from a payment or single-sign-on page needs `lax`.
 */
const COOKIE = { httpOnly: true, secure: true, sameSite: 'strict', path: '/' };

/** @param client of primary-client.mjs */
export function createSessions({ client, keyPrefix, secrets, settings }) {
  const { cookieName, idleSeconds, absoluteSeconds, max, userKey } = settings;
  const store = new GuardedRedisStore({ client, prefix: keyPrefix, idleSeconds, absoluteSeconds });
  const middleware = session({
    store,
    name: cookieName,
    secret: secrets,
    cookie: COOKIE,
    // A request that changes nothing saves nothing, and a visitor without a login leaves nothing in the store.
    resave: false,
    saveUninitialized: false,
  });
  return {
    middleware,
    userSessions: createUserSessions({ client, store, userKey, max }),
    clearCookie: (response) => response.clearCookie(cookieName, COOKIE),
  };
}
