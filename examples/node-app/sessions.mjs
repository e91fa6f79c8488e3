import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { followPrimary } from './store.mjs';

const IDLE_SECONDS = 1800;

/**
 * The session cookie; express-session writes its age as Expires, not as Max-Age. SameSite=Strict keeps the session out of every request that another site starts; an application
 * whose users come back from a payment or single-sign-on page needs `lax`. `secure: 'auto'` follows the load balancer's
 * X-Forwarded-Proto.
 */
export const COOKIE = { httpOnly: true, sameSite: 'strict', secure: 'auto', path: '/', maxAge: IDLE_SECONDS * 1000 };
export const COOKIE_NAME = 'SID';

export function sessions(client, keyPrefix, secrets) {
  return session({
    store: new RedisStore({ client: followPrimary(client), prefix: keyPrefix }),
    name: COOKIE_NAME,
    secret: secrets,
    cookie: COOKIE,
    // The age is sent anew with every answer: 30 idle minutes end a session, not 30 minutes of use.
    rolling: true,
    resave: false,
    // A visitor without a login leaves nothing in the store.
    saveUninitialized: false,
  });
}

/** express-session's callbacks as promises. */
export const regenerate = (request) => settle((done) => request.session.regenerate(done));
export const save = (request) => settle((done) => request.session.save(done));
export const destroy = (request) => settle((done) => request.session.destroy(done));

const settle = (call) => new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
