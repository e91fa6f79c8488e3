/** Each finding's reason, clause and fix. Clauses are those of OWASP ASVS 5.0. */
import type { FindingName, Weakness } from './catalogue.ts';
import { OF_ENDINGS } from './of-endings.ts';
import { OF_IDS } from './of-ids.ts';

/** Pages of users and the way to them. */

export const OF_PAGES = {
  'page-cacheable': {
    check: 'caching',
    clauses: ['14.3.2'],
    severity: 'warning',
    why: 'a shared computer or a proxy can show the page of one user to the next',
    fix: {
      express: 'res.set("Cache-Control", "no-store") on every page of a user',
      spring: 'leave headers().cacheControl() of Spring Security on',
      tomcat: 'response.setHeader("Cache-Control", "no-store"), in a filter for every page of a user',
    },
  },
  'page-of-another-user': {
    check: 'caching',
    clauses: ['14.3.2'],
    severity: 'error',
    why: 'a cache shows what was made for one user to others, with whatever tokens it has',
    fix: {
      express: 'res.set("Cache-Control", "no-store") on every page of a user, and no rule of a cache or a CDN that overrides it',
      spring: 'leave headers().cacheControl() of Spring Security on, and no rule of a cache or a CDN that overrides it',
      tomcat: 'response.setHeader("Cache-Control", "no-store") on every page of a user, and no rule of a cache or a CDN that overrides it',
    },
  },
  'id-given-twice': {
    check: 'caching',
    clauses: ['7.2.1'],
    severity: 'error',
    why: 'two visitors have one session: what one does, such as a login that keeps the id, the other is',
    fix: {
      express: 'res.set("Cache-Control", "no-store") on answers that set cookies, or let the cache leave Set-Cookie out',
      spring: 'leave headers().cacheControl() on for answers that set cookies, or let the cache leave Set-Cookie out',
      tomcat: 'Cache-Control: no-store on answers that set cookies, or let the cache leave Set-Cookie out',
    },
  },
  'no-hsts': {
    check: 'transport',
    clauses: ['3.4.1'],
    severity: 'warning',
    why: 'the first request of a browser can be led to plain HTTP',
    fix: {
      express: 'res.set("Strict-Transport-Security", "max-age=31536000"), or let the load balancer add it',
      spring: 'leave headers().httpStrictTransportSecurity() on, with server.forward-headers-strategy: native behind a load balancer',
      tomcat: 'HttpHeaderSecurityFilter with hstsMaxAgeSeconds 31536000, or let the load balancer add it',
    },
  },
  'plain-http-served': {
    check: 'transport',
    clauses: ['12.2.1'],
    severity: 'error',
    why: 'what users send and see can be read and changed on the way',
    fix: {
      express: 'redirect port 80 at the load balancer (a redirect action to HTTPS)',
      spring: 'redirect port 80 at the load balancer, or redirectToHttps() of Spring Security',
      tomcat: 'redirect port 80 at the load balancer, or <transport-guarantee>CONFIDENTIAL</transport-guarantee>',
    },
  },
  'not-on-every-server': {
    check: 'other-servers',
    clauses: [],
    severity: 'error',
    why: 'users are logged out whenever the load balancer chooses another server',
    fix: {
      express: 'one store and the same cookie secret for all servers',
      spring: 'Spring Session with one store for all servers',
      tomcat: 'a session manager with one store, or sticky sessions at the load balancer',
    },
  },
} as const satisfies Readonly<Record<string, Weakness>>;

/** Cookies that authenticate. */

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

export const WEAKNESSES: Readonly<Record<FindingName, Weakness>> = { ...OF_IDS, ...OF_COOKIES, ...OF_ENDINGS, ...OF_PAGES };
