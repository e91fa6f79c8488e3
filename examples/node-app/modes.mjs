import { hostname } from 'node:os';

/**
 * Where sessions are, and faults that the application can have on purpose, for rehearsals of incidents: each is one variable of its
 * environment, and without any of them it is the application as it should be.
 *
 * | variable | effect |
 * | --- | --- |
 * | `COUNTER_SESSIONS=memory` | sessions are kept in this server's memory |
 * | `COUNTER_IDLE_SECONDS=N` | a session ends after N idle seconds (default: 1,800) |
 * | `COUNTER_ROUTE=NAME` | session ids end in `.NAME`, as with Tomcat's jvmRoute (default in memory: the server's name; `none`: nothing) |
 * | `COUNTER_OWN_ROUTE=NAME` | sessions whose id ends in another name are not this server's (default: COUNTER_ROUTE) |
 * | `COUNTER_STORE_TTL_SECONDS=N` | the store forgets a session after N idle seconds, whatever its cookie says |
 * | `COUNTER_NO_TTL=true` | sessions are stored without an expiry |
 * | `COUNTER_SESSION_BYTES=N` | a login stores N more bytes in its session |
 * | `COUNTER_FIXED_COOKIE_SECONDS=N` | the cookie lives N seconds from the login, and use does not extend it |
 * | `COUNTER_SECURE_COOKIE=true` | the cookie is for HTTPS alone, also where users come by HTTP |
 * | `COUNTER_SAVE_ALL=true` | every request without a session makes one |
 * | `COUNTER_FORMAT=2` | sessions are stored in a format that other servers cannot read |
 * | `COUNTER_STORE_ERRORS=logged-out` | a session that cannot be read counts as none: the user is logged out |
 * | `COUNTER_CACHEABLE=true` | browsers and proxies may keep the pages of users for a minute |
 * | `COUNTER_KEEP_ID=true` | a login keeps the session's id |
 * | `COUNTER_LOGIN_SHA256=HEX` | a login needs the password with this hash (default: none is asked for) |
 */
export function readModes(env = process.env) {
  const inMemory = env.COUNTER_SESSIONS === 'memory';
  const route = env.COUNTER_ROUTE === 'none' ? undefined : env.COUNTER_ROUTE || (inMemory ? serverName(env) : undefined);
  return {
    inMemory,
    idleSeconds: numberOf(env.COUNTER_IDLE_SECONDS) ?? 1_800,
    route,
    ownRoute: env.COUNTER_OWN_ROUTE || route,
    storeTtlSeconds: numberOf(env.COUNTER_STORE_TTL_SECONDS),
    noTtl: env.COUNTER_NO_TTL === 'true',
    sessionBytes: numberOf(env.COUNTER_SESSION_BYTES) ?? 0,
    fixedCookieSeconds: numberOf(env.COUNTER_FIXED_COOKIE_SECONDS),
    secureCookie: env.COUNTER_SECURE_COOKIE === 'true',
    saveAll: env.COUNTER_SAVE_ALL === 'true',
    otherFormat: env.COUNTER_FORMAT === '2',
    errorsLogOut: env.COUNTER_STORE_ERRORS === 'logged-out',
    cacheable: env.COUNTER_CACHEABLE === 'true',
    keepId: env.COUNTER_KEEP_ID === 'true',
    passwordHash: env.COUNTER_LOGIN_SHA256 || undefined,
  };
}

/** By which the load balancer's rule knows the sessions of this server: no dot is in it. */
const serverName = (env) => env.HOLDFAST_INSTANCE_ID || hostname().replaceAll('.', '-');

const numberOf = (text) => (Number(text) > 0 ? Number(text) : undefined);
