/** Frameworks whose cookies are recorded. */
import type { Library, Packages } from '../library.ts';

export interface CookieFramework {
  /** Of its recording. */
  readonly name: string;
  readonly framework: string;
  readonly version: string;
  readonly registry: Exclude<Library['registry'], 'source'>;
  readonly packages: Packages;
  /** Folder below programs/: a site that is served at PORT. */
  readonly program: string;
  /** Installed together with others of its program. @default its name */
  readonly installedAs?: string;
  readonly cookie: string;
  /** Words that its program knows: `default` is as the framework comes. */
  readonly variants: readonly string[];
  /** @default {@link STEPS} */
  readonly steps?: readonly string[];
}

/** First visit, login, two further answers, log-out. */
export const STEPS = ['GET /', 'POST /login', 'GET /account', 'GET /account', 'POST /logout'] as const;

const node = (
  [name, cookie]: readonly [name: string, cookie: string],
  packages: Packages,
  variants: readonly string[],
  more: Partial<CookieFramework> = {},
): CookieFramework => ({
  name,
  framework: name,
  version: Object.values(packages)[0] as string,
  registry: 'npm',
  packages,
  program: 'cookies-node',
  cookie,
  variants,
  ...more,
});

const EXPRESS = { express: '5.2.1' };
const FASTIFY = { fastify: '5.6.1' };
const HONO = { hono: '4.13.19' };

const NODE: readonly CookieFramework[] = [
  node(['express-session', 'connect.sid'], { 'express-session': '1.19.0', ...EXPRESS }, [
    'default',
    'hardened',
    'rolling',
    'aged',
    'embedded',
    'path',
    'untrusted',
  ]),
  node(['cookie-session', 'session'], { 'cookie-session': '2.1.1', ...EXPRESS }, ['default', 'hardened', 'rolling', 'aged']),
  node(['client-sessions', 'session'], { 'client-sessions': '0.8.0' }, ['default', 'hardened', 'rolling', 'aged']),
  node(['iron-session', 'app-session'], { 'iron-session': '8.0.4' }, ['default', 'hardened', 'aged']),
  node(['koa-session', 'koa.sess'], { 'koa-session': '7.0.2', koa: '3.0.1' }, ['default', 'hardened', 'rolling', 'aged', 'embedded']),
  node(['fastify-session', 'sessionId'], { '@fastify/session': '11.1.3', '@fastify/cookie': '11.0.2', ...FASTIFY }, [
    'default',
    'hardened',
    'rolling',
    'aged',
  ]),
  node(['fastify-secure-session', 'session'], { '@fastify/secure-session': '8.3.0', ...FASTIFY }, [
    'default',
    'hardened',
    'rolling',
    'aged',
  ]),
  node(['yar', 'session'], { '@hapi/yar': '11.0.3', '@hapi/hapi': '21.4.3' }, ['default', 'hardened', 'aged']),
  node(['auth-js', '__Secure-authjs.session-token'], { '@auth/core': '0.41.1' }, ['default', 'aged'], {
    framework: 'Auth.js (NextAuth)',
    steps: ['GET /auth/csrf', 'POST /auth/callback/credentials', 'GET /auth/session', 'GET /auth/session', 'POST /auth/signout'],
  }),
  node(['better-auth', '__Secure-better-auth.session_token'], { 'better-auth': '1.7.25' }, ['default', 'rolling']),
  node(['remix', '__session'], { '@remix-run/node': '2.17.1' }, ['default', 'hardened', 'rolling', 'aged'], { framework: 'Remix' }),
  node(['hono', 'sid'], HONO, ['default', 'hardened', 'aged', 'embedded', 'path'], { framework: 'Hono' }),
  node(['hono-sessions', 'session'], { 'hono-sessions': '0.8.1', ...HONO }, ['default', 'hardened', 'aged']),
  node(['h3', 'h3'], { h3: '1.15.4' }, ['default', 'hardened', 'rolling', 'aged'], { framework: 'h3 (Nuxt, Nitro)' }),
  node(['next-session', 'sid'], { 'next-session': '4.0.5' }, ['default', 'hardened', 'rolling', 'aged']),
];

const python = (
  [name, cookie]: readonly [name: string, cookie: string],
  framework: string,
  packages: Packages,
  variants: readonly string[] = ['default', 'hardened', 'aged'],
): CookieFramework => ({
  name,
  framework,
  version: Object.values(packages)[0] as string,
  registry: 'pypi',
  packages,
  program: 'cookies-python',
  cookie,
  variants,
});

const PYTHON: readonly CookieFramework[] = [
  python(['django', 'sessionid'], 'Django', { Django: '5.2.19' }, ['default', 'hardened', 'rolling', 'aged']),
  python(['flask', 'session'], 'Flask', { Flask: '3.1.3' }, ['default', 'hardened', 'rolling', 'aged', 'embedded']),
  python(['flask-session', 'session'], 'Flask-Session', { 'Flask-Session': '0.8.0', Flask: '3.1.3', cachelib: '0.13.0' }, [
    'default',
    'hardened',
    'aged',
  ]),
  python(['starlette', 'session'], 'Starlette', { starlette: '0.48.0', itsdangerous: '2.2.0', uvicorn: '0.34.0' }, [
    'default',
    'hardened',
    'aged',
    'embedded',
  ]),
  python(['fastapi', 'sid'], 'FastAPI', { fastapi: '0.121.0', uvicorn: '0.34.0' }, ['default', 'hardened', 'rolling', 'aged']),
  python(['pyramid', 'session'], 'Pyramid', { pyramid: '2.1', setuptools: '75.8.0' }, ['default', 'hardened', 'rolling', 'aged']),
  python(['pyramid-auth-tkt', 'auth_tkt'], 'Pyramid, AuthTkt', { pyramid: '2.1', setuptools: '75.8.0' }),
  python(['tornado', 'user'], 'Tornado', { tornado: '6.5.2' }),
  python(['aiohttp-session', 'AIOHTTP_SESSION'], 'aiohttp-session', {
    'aiohttp-session': '2.12.1',
    aiohttp: '3.13.2',
    cryptography: '46.0.3',
  }),
  python(['bottle', 'session'], 'Bottle', { bottle: '0.13.4' }),
  python(['beaker', 'beaker.session.id'], 'Beaker', { Beaker: '1.14.1' }),
  python(['cherrypy', 'session_id'], 'CherryPy', { CherryPy: '18.10.0' }),
];

const SERVLET: Packages = {
  'org.apache.tomcat.embed:tomcat-embed-core': '10.1.48',
  'org.eclipse.jetty.ee10:jetty-ee10-servlet': '12.0.23',
  'io.undertow:undertow-servlet': '2.3.18.Final',
};
const servlet = (name: string, framework: string, version: string, variants: readonly string[]): CookieFramework => ({
  name,
  framework,
  version,
  registry: 'maven',
  packages: SERVLET,
  program: 'cookies-servlet',
  installedAs: 'servlet',
  cookie: 'JSESSIONID',
  variants,
});
const JAVA: readonly CookieFramework[] = [
  servlet('tomcat', 'Tomcat', '10.1.48', ['default', 'hardened', 'aged', 'embedded', 'processor', 'untrusted']),
  servlet('jetty', 'Jetty', '12.0.23', ['default', 'hardened', 'aged', 'rolling', 'processor']),
  servlet('undertow', 'Undertow', '2.3.18.Final', ['default', 'hardened', 'aged']),
];

const SPRING: CookieFramework = {
  name: 'spring-session',
  framework: 'Spring Session',
  version: '3.5.3',
  registry: 'maven',
  packages: {
    'org.springframework.boot:spring-boot-dependencies': 'bom:3.5.7',
    'org.springframework.session:spring-session-core': '3.5.3',
    'org.springframework:spring-web': '',
    'org.apache.tomcat.embed:tomcat-embed-core': '10.1.48',
  },
  program: 'cookies-spring',
  cookie: 'SESSION',
  variants: ['default', 'hardened', 'aged', 'embedded', 'domain'],
};

const SHIRO: CookieFramework = {
  name: 'shiro',
  framework: 'Apache Shiro',
  version: '1.13.0',
  registry: 'maven',
  packages: { 'org.apache.shiro:shiro-web': '1.13.0', 'org.apache.tomcat.embed:tomcat-embed-core': '9.0.111' },
  program: 'cookies-shiro',
  cookie: 'JSESSIONID',
  variants: ['default', 'remembered', 'hardened', 'aged'],
};

const GO_PACKAGES: Packages = {
  'github.com/gorilla/sessions': 'v1.4.0',
  'github.com/gin-contrib/sessions': 'v1.0.4',
  'github.com/gin-gonic/gin': 'v1.11.0',
  'github.com/alexedwards/scs/v2': 'v2.9.0',
  'github.com/gofiber/fiber/v2': 'v2.52.15',
};
const go = (
  [name, framework]: readonly [name: string, framework: string],
  of: keyof typeof GO_PACKAGES,
  cookie: string,
  variants: readonly string[],
): CookieFramework => ({
  name,
  framework,
  version: GO_PACKAGES[of] as string,
  registry: 'go',
  packages: GO_PACKAGES,
  program: 'cookies-go',
  installedAs: 'go',
  cookie,
  variants,
});

const GO: readonly CookieFramework[] = [
  go(['gorilla-sessions', 'gorilla/sessions'], 'github.com/gorilla/sessions', 'session-name', ['default', 'hardened', 'aged', 'embedded']),
  go(['gin-sessions', 'Gin, contrib/sessions'], 'github.com/gin-contrib/sessions', 'mysession', ['default', 'hardened', 'aged']),
  go(['scs', 'scs'], 'github.com/alexedwards/scs/v2', 'session', ['default', 'hardened', 'rolling']),
  go(['fiber', 'Fiber'], 'github.com/gofiber/fiber/v2', 'session_id', ['default', 'hardened', 'aged']),
];

const RUST: CookieFramework = {
  name: 'actix-session',
  framework: 'actix-session',
  version: '0.11.0',
  registry: 'crates',
  packages: { 'actix-session': '0.11.0 cookie-session', 'actix-web': '4.13.0' },
  program: 'cookies-rust',
  cookie: 'id',
  variants: ['default', 'hardened', 'rolling', 'aged'],
};

const debian = (
  [name, framework]: readonly [name: string, framework: string],
  program: string,
  cookie: string,
  packages: Packages,
): CookieFramework => ({
  name,
  framework,
  version: (Object.values(packages)[0] as string).replace(/^\d+:|[-+~].*$/g, ''),
  registry: 'debian',
  packages,
  program,
  cookie,
  variants: ['default', 'hardened', 'aged'],
});
const WEBRICK = { 'ruby-webrick': '1.8.1-1', 'ruby-rack': '2.2.22-0+deb12u2' };
const DEBIAN: readonly CookieFramework[] = [
  debian(['php', 'PHP'], 'cookies-php', 'PHPSESSID', { 'php8.2-cli': '8.2.36-1~deb12u1' }),
  debian(['symfony', 'Symfony'], 'cookies-php', 'PHPSESSID', { 'php-symfony-http-foundation': '5.4.53+dfsg-0+deb12u1' }),
  debian(['laravel', 'Laravel'], 'cookies-php', 'laravel_session', {
    'php-illuminate-session': '8.83.26+dfsg-2',
    'php-illuminate-cookie': '8.83.26+dfsg-2',
    'php-illuminate-http': '8.83.26+dfsg-2',
    'php-illuminate-encryption': '8.83.26+dfsg-2',
    'php-illuminate-container': '8.83.26+dfsg-2',
    'php-illuminate-filesystem': '8.83.26+dfsg-2',
    'php8.2-mbstring': '8.2.36-1~deb12u1',
  }),
  {
    ...debian(['wordpress', 'WordPress'], 'cookies-php', 'wordpress_logged_in_b15a974586f1633a4cbe2a623056822e', {
      wordpress: '6.1.9+dfsg1-0+deb12u1',
    }),
    variants: ['default', 'remembered', 'domain', 'untrusted'],
  },
  debian(['rack', 'Rack, Session::Cookie'], 'cookies-ruby', 'rack.session', { 'ruby-rack': '2.2.22-0+deb12u2', 'ruby-webrick': '1.8.1-1' }),
  debian(['rack-pool', 'Rack, Session::Pool'], 'cookies-ruby', 'rack.session', {
    'ruby-rack': '2.2.22-0+deb12u2',
    'ruby-webrick': '1.8.1-1',
  }),
  debian(['sinatra', 'Sinatra'], 'cookies-ruby', 'rack.session', { 'ruby-sinatra': '3.0.5-3+deb12u1', ...WEBRICK }),
  debian(['rails', 'Rails'], 'cookies-ruby', '_shop_session', { 'ruby-actionpack': '2:6.1.7.10+dfsg-1~deb12u4', ...WEBRICK }),
];

export const COOKIE_FRAMEWORKS: ReadonlyMap<string, CookieFramework> = new Map(
  [...NODE, ...PYTHON, ...JAVA, SPRING, SHIRO, ...GO, RUST, ...DEBIAN].map((one) => [one.name, one]),
);
