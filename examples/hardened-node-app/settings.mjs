import { createHmac } from 'node:crypto';
import { readSettings as readCommon } from '../node-app/settings.mjs';

/** `__Host-` makes browsers refuse the cookie without Secure, with a Domain, or from another host: no sibling site can plant one. */
const COOKIE_NAME = '__Host-SID';

/** What the application takes from its environment besides what every example does. */
export function readSettings(env = process.env) {
  return {
    ...readCommon(env),
    sessions: {
      cookieName: env.SESSION_COOKIE_NAME || COOKIE_NAME,
      idleSeconds: Number(env.SESSION_IDLE_SECONDS || 1_800),
      absoluteSeconds: Number(env.SESSION_ABSOLUTE_SECONDS || 43_200),
      /** Devices on which a user can be logged in at once. */
      max: Number(env.SESSIONS_PER_USER || 3),
      userKey: userKey(env),
    },
  };
}

/**
 * Hashes users, and has to be the same on every server. Without SESSION_USER_KEY it follows from the store's password: then a change of
 * that password begins new lists of users, so give SESSION_USER_KEY where passwords rotate.
 */
function userKey(env) {
  if (env.SESSION_USER_KEY) return env.SESSION_USER_KEY;
  return createHmac('sha256', env.SESSION_STORE_PASSWORD || 'development')
    .update('users of sessions')
    .digest('hex');
}
