/** Ids: new at each login, drawn at random, seen in cookies alone. */
import type { Weakness } from './catalogue.ts';

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
  'id-kept-at-login': {
    check: 'new-id-at-login',
    clauses: ['7.2.4'],
    severity: 'error',
    why: 'an attacker who plants an id in a browser is logged in as soon as its user is (session fixation)',
    fix: NEW_ID_FIX,
  },
  'old-id-alive-after-login': {
    check: 'new-id-at-login',
    clauses: ['7.2.4'],
    severity: 'error',
    why: 'an attacker who plants an id in a browser is logged in as soon as its user is, although the user gets a new one',
    fix: {
      ...NEW_ID_FIX,
      express: 'call req.session.regenerate(), which destroys the old session, and copy nothing back under the old id',
    },
  },
  'id-kept-at-re-login': {
    check: 'new-id-at-re-login',
    clauses: ['7.2.4'],
    severity: 'warning',
    why: 'an id that was stolen before a user logs in again stays worth something',
    fix: NEW_ID_FIX,
  },
  'old-id-alive-after-re-login': {
    check: 'new-id-at-re-login',
    clauses: ['7.2.4'],
    severity: 'warning',
    why: 'an id that was stolen before a user logs in again stays worth something, and no log-out of that browser ends it',
    fix: {
      express: 'call req.session.regenerate() in the login: it destroys the session that the browser had',
      spring: 'let the login filter call the SessionAuthenticationStrategy: it moves the session that the browser had',
      tomcat: 'invalidate the session that the browser had before getSession(true), or call request.changeSessionId()',
    },
  },
  'planted-id-adopted': {
    check: 'foreign-id',
    clauses: ['7.2.1', '7.2.4'],
    severity: 'error',
    why: 'anyone can choose the id of a session before its user logs in',
    fix: {
      express: 'sign the cookie (option secret), and call req.session.regenerate() in the login',
      spring: 'do not create sessions by the id of a request: let the SessionRepository choose it',
      tomcat: 'keep requestedSessionId out of your Manager: createSession(null) draws an id',
    },
  },
  'altered-id-accepted': {
    check: 'foreign-id',
    clauses: ['7.2.1'],
    severity: 'error',
    why: 'the server does not compare the whole id, or does not verify the signature: ids can be guessed or made',
    fix: {
      express: 'look up the whole id, and verify the signature before that (cookie-signature does both in constant time)',
      spring: 'look up the whole id; verify the signature of a token with the algorithm that you expect',
      tomcat: 'look up the whole id, with its jvmRoute',
    },
  },
  'user-taken-from-cookie': {
    check: 'foreign-id',
    clauses: ['7.2.1'],
    severity: 'error',
    why: "anyone who writes a user's name into the cookie is that user",
    fix: {
      express: 'keep the user in the session, and sign what is in a cookie (cookie-session with keys, or a signed token)',
      spring: 'keep the user in the session; where a cookie names the user, as remember-me does, verify its signature',
      tomcat: 'keep the user in the session, and take no name from a cookie',
    },
  },
  'id-too-short': { check: 'id-strength', clauses: ['7.2.3'], severity: 'error', why: 'ids can be found by trying', fix: STRENGTH_FIX },
  'id-predictable': {
    check: 'id-strength',
    clauses: ['7.2.3'],
    severity: 'error',
    why: 'the next id can be computed from the last one',
    fix: STRENGTH_FIX,
  },
  'id-in-url': {
    check: 'id-exposure',
    clauses: ['14.2.1'],
    severity: 'error',
    why: 'addresses are in histories, in logs of every proxy, and in what users send to each other',
    fix: {
      express: 'keep req.sessionID out of redirects and links',
      spring: 'server.servlet.session.tracking-modes: cookie',
      tomcat: '<tracking-mode>COOKIE</tracking-mode> in <session-config> of web.xml',
    },
  },
  'id-in-body': {
    check: 'id-exposure',
    clauses: ['3.3.4'],
    severity: 'error',
    why: 'scripts can read it, so HttpOnly protects nothing, and it is in every copy of the page',
    fix: {
      express: 'keep req.sessionID out of answers; name a session by a hash of its id',
      spring: 'keep session.getId() out of answers, also out of actuator endpoints that are open',
      tomcat: 'keep session.getId() out of answers; remove the examples and status pages',
    },
  },
} as const satisfies Readonly<Record<string, Weakness>>;
