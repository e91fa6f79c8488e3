/**
 * Hardened sessions for express-session, connect-redis and node-redis: no ended session comes back, a user has no more sessions than
 * allowed, and they end after an idle and an absolute time. README.md shows how to use it.
 */
export { InvalidArgument, InvalidOption, NotLoggedIn, SessionEnded, SessionTooLarge, UserSessionsError } from './errors.mjs';
export { GuardedRedisStore } from './guarded-redis-store.mjs';
export { createUserSessions } from './user-sessions.mjs';
