/** Pages of users and the way to them. */
import type { Weakness } from './catalogue.ts';

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
