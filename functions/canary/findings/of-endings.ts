/** Ends of sessions: by a log-out, by the policy, by time. */
import type { Weakness } from './catalogue.ts';

const TIME_OUT_FIX = {
  express: 'give the store a TTL that every request renews, and the cookie neither maxAge nor expires',
  spring: 'set spring.session.timeout, and no server.servlet.session.cookie.max-age: nothing renews it',
  tomcat: 'set <session-timeout> in web.xml, and no <max-age> in <cookie-config>: nothing renews it',
};

export const OF_ENDINGS = {
  'alive-after-logout': {
    check: 'replay-after-logout',
    clauses: ['7.4.1'],
    severity: 'error',
    why: 'a copied cookie still works after its user has logged out',
    fix: {
      express: 'call req.session.destroy() and wait for it before the answer; clearing the cookie ends nothing',
      spring: 'leave logout().invalidateHttpSession(true); with several servers use Spring Session, whose store all share',
      tomcat: 'call session.invalidate(); with Redisson set broadcastSessionEvents="true", or other servers keep their copy',
    },
  },
  'revived-by-late-save': {
    check: 'late-save-after-logout',
    clauses: ['7.4.1'],
    severity: 'error',
    why: 'any request that runs during the log-out undoes it, and the user does not notice',
    fix: {
      express: 'save only sessions that still exist: SET with XX, as the GuardedRedisStore of session/user-sessions does',
      spring: 'use Spring Session 3 or newer, which writes the fields that changed, and end slow requests with the session',
      tomcat: 'write fields of sessions only while they exist; with Redisson set updateMode="DEFAULT" and readMode="MEMORY"',
    },
  },
  'sessions-not-limited': {
    check: 'session-limit',
    clauses: ['7.1.2'],
    severity: 'warning',
    why: 'a stolen password goes unnoticed, and a user cannot end the sessions of a lost device by a new login',
    fix: {
      express: 'keep a list of sessions per user, and decide in the login: createUserSessions of session/user-sessions does',
      spring: 'maximumSessions(n) with a SpringSessionBackedSessionRegistry: the default one counts the sessions of one JVM',
      tomcat: 'keep a list of sessions per user in the store that all servers share, and decide in the login',
    },
  },
  'surplus-login-not-as-promised': {
    check: 'session-limit',
    clauses: ['7.1.2'],
    severity: 'warning',
    why: 'users are logged out, or locked out, where the documented policy says otherwise',
    fix: {
      express: 'end the oldest session in the login, or refuse it, as the policy says; else correct the policy',
      spring: 'maxSessionsPreventsLogin(true) refuses, false ends the oldest; else correct the policy',
      tomcat: 'end the oldest session in the login, or refuse it, as the policy says; else correct the policy',
    },
  },
  'logged-out-by-return': {
    check: 'return-from-other-site',
    clauses: [],
    severity: 'error',
    why: 'users who come back from a payment or sign-on page are logged out: the browser keeps the cookie from that POST',
    fix: {
      express: 'answer the POST without a session (no saveUninitialized) and redirect to a GET, or set sameSite: "none" with secure: true',
      spring: 'take the POST in a chain with SessionCreationPolicy.NEVER and redirect to a GET, or same-site: none with secure: true',
      tomcat:
        'take the POST at a path that calls no getSession() and redirect to a GET, or sameSiteCookies="none" with <secure>true</secure>',
    },
  },
  'other-user-logged-out': {
    check: 'other-user',
    clauses: ['7.1.2'],
    severity: 'error',
    why: 'one user can end the sessions of another',
    fix: {
      express: 'take the user of a log-out or of a limit from the session alone, and compare whole names',
      spring: 'let the principal name be unique: the index finds sessions by it',
      tomcat: 'take the user of a log-out or of a limit from the session alone, and compare whole names',
    },
  },
  'ends-while-active': {
    check: 'time-outs',
    clauses: ['7.3.1'],
    severity: 'warning',
    why: 'users are logged out in the middle of their work',
    fix: TIME_OUT_FIX,
  },
  'ends-too-early': {
    check: 'time-outs',
    clauses: ['7.3.1'],
    severity: 'warning',
    why: 'users who pause for less than the promised time are logged out',
    fix: TIME_OUT_FIX,
  },
  'no-idle-end': {
    check: 'time-outs',
    clauses: ['7.3.1'],
    severity: 'error',
    why: 'a browser that was left alone, or a copied cookie, works for much longer than promised',
    fix: TIME_OUT_FIX,
  },
  'no-absolute-end': {
    check: 'time-outs',
    clauses: ['7.3.2'],
    severity: 'warning',
    why: 'a copied cookie works for as long as it is used',
    fix: {
      express: 'store when the session began, and refuse it afterwards: absoluteSeconds of the GuardedRedisStore',
      spring: 'compare session.getCreationTime() in a filter, and invalidate',
      tomcat: 'compare session.getCreationTime() in a filter, and invalidate',
    },
  },
} as const satisfies Readonly<Record<string, Weakness>>;
