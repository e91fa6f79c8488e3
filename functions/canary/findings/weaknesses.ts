/** Each finding's reason, clause and fix. Clauses are those of OWASP ASVS 5.0. */
import { type FindingName, type Weakness, weakness } from '../contract/findings.ts';

/** Ends of sessions: by a log-out, by the policy, by time. */

const TIME_OUT_FIX = {
  express: 'give the store a TTL that every request renews, and the cookie neither maxAge nor expires',
  spring: 'set spring.session.timeout, and no server.servlet.session.cookie.max-age: nothing renews it',
  tomcat: 'set <session-timeout> in web.xml, and no <max-age> in <cookie-config>: nothing renews it',
};

export const OF_ENDINGS = {
  'alive-after-logout': weakness('replay-after-logout', ['7.4.1'], 'error', {
    why: 'a copied cookie still works after its user has logged out',
    express: 'call req.session.destroy() and wait for it before the answer; clearing the cookie ends nothing',
    spring: 'leave logout().invalidateHttpSession(true); with several servers use Spring Session, whose store all share',
    tomcat: 'call session.invalidate(); with Redisson set broadcastSessionEvents="true", or other servers keep their copy',
  }),
  'revived-by-late-save': weakness('late-save-after-logout', ['7.4.1'], 'error', {
    why: 'any request that runs during the log-out undoes it, and the user does not notice',
    express: 'save only sessions that still exist: SET with XX, as the GuardedRedisStore of session/user-sessions does',
    spring: 'use Spring Session 3 or newer, which writes the fields that changed, and end slow requests with the session',
    tomcat: 'write fields of sessions only while they exist; with Redisson set updateMode="DEFAULT" and readMode="MEMORY"',
  }),
  'sessions-not-limited': weakness('session-limit', ['7.1.2'], 'warning', {
    why: 'a stolen password goes unnoticed, and a user cannot end the sessions of a lost device by a new login',
    express: 'keep a list of sessions per user, and decide in the login: createUserSessions of session/user-sessions does',
    spring: 'maximumSessions(n) with a SpringSessionBackedSessionRegistry: the default one counts the sessions of one JVM',
    tomcat: 'keep a list of sessions per user in the store that all servers share, and decide in the login',
  }),
  'surplus-login-not-as-promised': weakness('session-limit', ['7.1.2'], 'warning', {
    why: 'users are logged out, or locked out, where the documented policy says otherwise',
    express: 'end the oldest session in the login, or refuse it, as the policy says; else correct the policy',
    spring: 'maxSessionsPreventsLogin(true) refuses, false ends the oldest; else correct the policy',
    tomcat: 'end the oldest session in the login, or refuse it, as the policy says; else correct the policy',
  }),
  'logged-out-by-return': weakness('return-from-other-site', [], 'error', {
    why: 'users who come back from a payment or sign-on page are logged out: the browser keeps the cookie from that POST',
    express: 'answer the POST without a session (no saveUninitialized) and redirect to a GET, or set sameSite: "none" with secure: true',
    spring: 'take the POST in a chain with SessionCreationPolicy.NEVER and redirect to a GET, or same-site: none with secure: true',
    tomcat:
      'take the POST at a path that calls no getSession() and redirect to a GET, or sameSiteCookies="none" with <secure>true</secure>',
  }),
  'other-user-logged-out': weakness('other-user', ['7.1.2'], 'error', {
    why: 'one user can end the sessions of another',
    express: 'take the user of a log-out or of a limit from the session alone, and compare whole names',
    spring: 'let the principal name be unique: the index finds sessions by it',
    tomcat: 'take the user of a log-out or of a limit from the session alone, and compare whole names',
  }),
  'ends-while-active': weakness('time-outs', ['7.3.1'], 'warning', {
    why: 'users are logged out in the middle of their work',
    ...TIME_OUT_FIX,
  }),
  'ends-too-early': weakness('time-outs', ['7.3.1'], 'warning', {
    why: 'users who pause for less than the promised time are logged out',
    ...TIME_OUT_FIX,
  }),
  'no-idle-end': weakness('time-outs', ['7.3.1'], 'error', {
    why: 'a browser that was left alone, or a copied cookie, works for much longer than promised',
    ...TIME_OUT_FIX,
  }),
  'no-absolute-end': weakness('time-outs', ['7.3.2'], 'warning', {
    why: 'a copied cookie works for as long as it is used',
    express: 'store when the session began, and refuse it afterwards: absoluteSeconds of the GuardedRedisStore',
    spring: 'compare session.getCreationTime() in a filter, and invalidate',
    tomcat: 'compare session.getCreationTime() in a filter, and invalidate',
  }),
};

/** Ids: new at each login, drawn at random, seen in cookies alone. */

const NEW_ID_FIX = {
  express: 'call req.session.regenerate() in the login, before anything of the user is stored',
  spring:
    'leave sessionManagement().sessionFixation() at changeSessionId or migrateSession; a login filter of your own has to call the SessionAuthenticationStrategy',
  tomcat: 'call request.changeSessionId() after the login; FORM login does so unless changeSessionIdOnAuthentication="false"',
};

const STRENGTH_FIX = {
  express: 'leave genid of express-session at its default, 24 random bytes',
  spring: 'use no SessionIdGenerator of your own, or one with 128 bits of SecureRandom',
  tomcat: 'leave SessionIdGenerator sessionIdLength at 16 bytes and secureRandomClass at its default',
};

export const OF_IDS = {
  'id-kept-at-login': weakness('new-id-at-login', ['7.2.4'], 'error', {
    why: 'an attacker who plants an id in a browser is logged in as soon as its user is (session fixation)',
    ...NEW_ID_FIX,
  }),
  'old-id-alive-after-login': weakness('new-id-at-login', ['7.2.4'], 'error', {
    why: 'an attacker who plants an id in a browser is logged in as soon as its user is, although the user gets a new one',
    ...NEW_ID_FIX,
    express: 'call req.session.regenerate(), which destroys the old session, and copy nothing back under the old id',
  }),
  'id-kept-at-re-login': weakness('new-id-at-re-login', ['7.2.4'], 'warning', {
    why: 'an id that was stolen before a user logs in again stays worth something',
    ...NEW_ID_FIX,
  }),
  'old-id-alive-after-re-login': weakness('new-id-at-re-login', ['7.2.4'], 'warning', {
    why: 'an id that was stolen before a user logs in again stays worth something, and no log-out of that browser ends it',
    express: 'call req.session.regenerate() in the login: it destroys the session that the browser had',
    spring: 'let the login filter call the SessionAuthenticationStrategy: it moves the session that the browser had',
    tomcat: 'invalidate the session that the browser had before getSession(true), or call request.changeSessionId()',
  }),
  'planted-id-adopted': weakness('foreign-id', ['7.2.1', '7.2.4'], 'error', {
    why: 'anyone can choose the id of a session before its user logs in',
    express: 'sign the cookie (option secret), and call req.session.regenerate() in the login',
    spring: 'do not create sessions by the id of a request: let the SessionRepository choose it',
    tomcat: 'keep requestedSessionId out of your Manager: createSession(null) draws an id',
  }),
  'altered-id-accepted': weakness('foreign-id', ['7.2.1'], 'error', {
    why: 'the server does not compare the whole id, or does not verify the signature: ids can be guessed or made',
    express: 'look up the whole id, and verify the signature before that (cookie-signature does both in constant time)',
    spring: 'look up the whole id; verify the signature of a token with the algorithm that you expect',
    tomcat: 'look up the whole id, with its jvmRoute',
  }),
  'id-too-short': weakness('id-strength', ['7.2.3'], 'error', { why: 'ids can be found by trying', ...STRENGTH_FIX }),
  'id-predictable': weakness('id-strength', ['7.2.3'], 'error', { why: 'the next id can be computed from the last one', ...STRENGTH_FIX }),
  'id-in-url': weakness('id-exposure', ['14.2.1'], 'error', {
    why: 'addresses are in histories, in logs of every proxy, and in what users send to each other',
    express: 'keep req.sessionID out of redirects and links',
    spring: 'server.servlet.session.tracking-modes: cookie',
    tomcat: '<tracking-mode>COOKIE</tracking-mode> in <session-config> of web.xml',
  }),
  'id-in-body': weakness('id-exposure', ['3.3.4'], 'error', {
    why: 'scripts can read it, so HttpOnly protects nothing, and it is in every copy of the page',
    express: 'keep req.sessionID out of answers; name a session by a hash of its id',
    spring: 'keep session.getId() out of answers, also out of actuator endpoints that are open',
    tomcat: 'keep session.getId() out of answers; remove the examples and status pages',
  }),
};

/** Pages of users and the way to them. */

export const OF_PAGES = {
  'page-cacheable': weakness('caching', ['14.3.2'], 'warning', {
    why: 'a shared computer or a proxy can show the page of one user to the next',
    express: 'res.set("Cache-Control", "no-store") on every page of a user',
    spring: 'leave headers().cacheControl() of Spring Security on',
    tomcat: 'response.setHeader("Cache-Control", "no-store"), in a filter for every page of a user',
  }),
  'page-of-another-user': weakness('caching', ['14.3.2'], 'error', {
    why: 'a cache shows what was made for one user to others, with whatever tokens it has',
    express: 'res.set("Cache-Control", "no-store") on every page of a user, and no rule of a cache or a CDN that overrides it',
    spring: 'leave headers().cacheControl() of Spring Security on, and no rule of a cache or a CDN that overrides it',
    tomcat: 'response.setHeader("Cache-Control", "no-store") on every page of a user, and no rule of a cache or a CDN that overrides it',
  }),
  'id-given-twice': weakness('caching', ['7.2.1'], 'error', {
    why: 'two visitors have one session: what one does, such as a login that keeps the id, the other is',
    express: 'res.set("Cache-Control", "no-store") on answers that set cookies, or let the cache leave Set-Cookie out',
    spring: 'leave headers().cacheControl() on for answers that set cookies, or let the cache leave Set-Cookie out',
    tomcat: 'Cache-Control: no-store on answers that set cookies, or let the cache leave Set-Cookie out',
  }),
  'no-hsts': weakness('transport', ['3.4.1'], 'warning', {
    why: 'the first request of a browser can be led to plain HTTP',
    express: 'res.set("Strict-Transport-Security", "max-age=31536000"), or let the load balancer add it',
    spring: 'leave headers().httpStrictTransportSecurity() on, with server.forward-headers-strategy: native behind a load balancer',
    tomcat: 'HttpHeaderSecurityFilter with hstsMaxAgeSeconds 31536000, or let the load balancer add it',
  }),
  'plain-http-served': weakness('transport', ['12.2.1'], 'error', {
    why: 'what users send and see can be read and changed on the way',
    express: 'redirect port 80 at the load balancer (a redirect action to HTTPS)',
    spring: 'redirect port 80 at the load balancer, or redirectToHttps() of Spring Security',
    tomcat: 'redirect port 80 at the load balancer, or <transport-guarantee>CONFIDENTIAL</transport-guarantee>',
  }),
  'not-on-every-server': weakness('other-servers', [], 'error', {
    why: 'users are logged out whenever the load balancer chooses another server',
    express: 'one store and the same cookie secret for all servers',
    spring: 'Spring Session with one store for all servers',
    tomcat: 'a session manager with one store, or sticky sessions at the load balancer',
  }),
};

/** Cookies that authenticate. */

const COOKIE_FIX = (express: string, spring: string, tomcat: string) => ({
  express: `express-session: ${express}`,
  spring: `application.yml, server.servlet.session.cookie: ${spring}`,
  tomcat,
});

export const OF_COOKIES = {
  'cookie-not-secure': weakness('cookie-attributes', ['3.3.1'], 'error', {
    why: 'the browser sends the id in plain text as soon as one address begins with http:',
    ...COOKIE_FIX(
      'cookie.secure: true, and app.set("trust proxy", 1) behind a load balancer',
      'secure: true',
      '<secure>true</secure> in <cookie-config> of web.xml',
    ),
  }),
  'cookie-without-prefix': weakness('cookie-attributes', ['3.3.1', '3.3.3'], 'warning', {
    why: 'another host of the same domain can plant a cookie of this name',
    ...COOKIE_FIX(
      'name: "__Host-SID", secure: true, path: "/", no domain',
      'name: __Host-SID, secure: true, path: /',
      '<name>__Host-SID</name>, <secure>true</secure>, <path>/</path>: the application has to be at /',
    ),
  }),
  'cookie-readable-by-scripts': weakness('cookie-attributes', ['3.3.4'], 'error', {
    why: 'any script in a page, also an injected one, can send the id elsewhere',
    ...COOKIE_FIX(
      'cookie.httpOnly: true, which is the default',
      'http-only: true',
      '<http-only>true</http-only> in <cookie-config>, and no useHttpOnly="false"',
    ),
  }),
  'cookie-sent-cross-site': weakness('cookie-attributes', ['3.3.2'], 'warning', {
    why: 'a request that another site starts is sent with the session (cross-site request forgery)',
    ...COOKIE_FIX(
      'cookie.sameSite: "strict", or "lax" where users come back from a payment or sign-on page',
      'same-site: strict, or lax',
      '<CookieProcessor sameSiteCookies="strict"/> in context.xml, or lax',
    ),
  }),
  'cookie-for-other-hosts': weakness('cookie-attributes', ['3.3.3'], 'warning', {
    why: 'every host of the domain gets the id, and can overwrite it',
    ...COOKIE_FIX('leave cookie.domain out', 'leave domain out', 'leave <domain> and sessionCookieDomain out'),
  }),
  'cookie-dropped': weakness('cookie-attributes', ['3.3.5'], 'error', {
    why: 'the site counts on a cookie that no browser sends back: as a session it logs its user out',
    ...COOKIE_FIX(
      'cookie.secure: true with sameSite: "none" or a prefix, no domain that is not the site\'s own, and a store for what has more than 4,096 bytes',
      "secure: true with same-site: none or a prefix, no domain that is not the site's own, and a store for what has more than 4,096 bytes",
      '<secure>true</secure> with sameSiteCookies="none" or a prefix, no <domain> that is not the site\'s own',
    ),
  }),
};

export const WEAKNESSES: Readonly<Record<FindingName, Weakness>> = { ...OF_IDS, ...OF_COOKIES, ...OF_ENDINGS, ...OF_PAGES };
