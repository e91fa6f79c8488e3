/** Cookies that authenticate. */
import type { Weakness } from './catalogue.ts';

const COOKIE_FIX = (express: string, spring: string, tomcat: string) => ({
  express: `express-session: ${express}`,
  spring: `application.yml, server.servlet.session.cookie: ${spring}`,
  tomcat,
});

export const OF_COOKIES = {
  'cookie-not-secure': {
    check: 'cookie-attributes',
    clauses: ['3.3.1'],
    severity: 'error',
    why: 'the browser sends the id in plain text as soon as one address begins with http:',
    fix: COOKIE_FIX(
      'cookie.secure: true, and app.set("trust proxy", 1) behind a load balancer',
      'secure: true',
      '<secure>true</secure> in <cookie-config> of web.xml',
    ),
  },
  'cookie-without-prefix': {
    check: 'cookie-attributes',
    clauses: ['3.3.1', '3.3.3'],
    severity: 'warning',
    why: 'another host of the same domain can plant a cookie of this name',
    fix: COOKIE_FIX(
      'name: "__Host-SID", secure: true, path: "/", no domain',
      'name: __Host-SID, secure: true, path: /',
      '<name>__Host-SID</name>, <secure>true</secure>, <path>/</path>: the application has to be at /',
    ),
  },
  'cookie-readable-by-scripts': {
    check: 'cookie-attributes',
    clauses: ['3.3.4'],
    severity: 'error',
    why: 'any script in a page, also an injected one, can send the id elsewhere',
    fix: COOKIE_FIX(
      'cookie.httpOnly: true, which is the default',
      'http-only: true',
      '<http-only>true</http-only> in <cookie-config>, and no useHttpOnly="false"',
    ),
  },
  'cookie-sent-cross-site': {
    check: 'cookie-attributes',
    clauses: ['3.3.2'],
    severity: 'warning',
    why: 'a request that another site starts is sent with the session (cross-site request forgery)',
    fix: COOKIE_FIX(
      'cookie.sameSite: "strict", or "lax" where users come back from a payment or sign-on page',
      'same-site: strict, or lax',
      '<CookieProcessor sameSiteCookies="strict"/> in context.xml, or lax',
    ),
  },
  'cookie-for-other-hosts': {
    check: 'cookie-attributes',
    clauses: ['3.3.3'],
    severity: 'warning',
    why: 'every host of the domain gets the id, and can overwrite it',
    fix: COOKIE_FIX('leave cookie.domain out', 'leave domain out', 'leave <domain> and sessionCookieDomain out'),
  },
  'cookie-dropped': {
    check: 'cookie-attributes',
    clauses: ['3.3.5'],
    severity: 'error',
    why: 'the site counts on a cookie that no browser sends back: as a session it logs its user out',
    fix: COOKIE_FIX(
      'cookie.secure: true with sameSite: "none" or a prefix, no domain that is not the site\'s own, and a store for what has more than 4,096 bytes',
      "secure: true with same-site: none or a prefix, no domain that is not the site's own, and a store for what has more than 4,096 bytes",
      '<secure>true</secure> with sameSiteCookies="none" or a prefix, no <domain> that is not the site\'s own',
    ),
  },
} as const satisfies Readonly<Record<string, Weakness>>;
