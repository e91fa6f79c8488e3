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
  name: string,
  cookie: string,
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
  node('express-session', 'connect.sid', { 'express-session': '1.19.0', ...EXPRESS }, [
    'default',
    'hardened',
    'rolling',
    'aged',
    'embedded',
    'path',
    'untrusted',
  ]),
  node('cookie-session', 'session', { 'cookie-session': '2.1.1', ...EXPRESS }, ['default', 'hardened', 'rolling', 'aged']),
  node('client-sessions', 'session', { 'client-sessions': '0.8.0' }, ['default', 'hardened', 'rolling', 'aged']),
  node('iron-session', 'app-session', { 'iron-session': '8.0.4' }, ['default', 'hardened', 'aged']),
  node('koa-session', 'koa.sess', { 'koa-session': '7.0.2', koa: '3.0.1' }, ['default', 'hardened', 'rolling', 'aged', 'embedded']),
  node('fastify-session', 'sessionId', { '@fastify/session': '11.1.3', '@fastify/cookie': '11.0.2', ...FASTIFY }, [
    'default',
    'hardened',
    'rolling',
    'aged',
  ]),
  node('fastify-secure-session', 'session', { '@fastify/secure-session': '8.3.0', ...FASTIFY }, ['default', 'hardened', 'rolling', 'aged']),
  node('yar', 'session', { '@hapi/yar': '11.0.3', '@hapi/hapi': '21.4.3' }, ['default', 'hardened', 'aged']),
  node('auth-js', '__Secure-authjs.session-token', { '@auth/core': '0.41.1' }, ['default', 'aged'], {
    framework: 'Auth.js (NextAuth)',
    steps: ['GET /auth/csrf', 'POST /auth/callback/credentials', 'GET /auth/session', 'GET /auth/session', 'POST /auth/signout'],
  }),
  node('better-auth', '__Secure-better-auth.session_token', { 'better-auth': '1.7.25' }, ['default', 'rolling']),
  node('remix', '__session', { '@remix-run/node': '2.17.1' }, ['default', 'hardened', 'rolling', 'aged'], { framework: 'Remix' }),
  node('hono', 'sid', HONO, ['default', 'hardened', 'aged', 'embedded', 'path'], { framework: 'Hono' }),
  node('hono-sessions', 'session', { 'hono-sessions': '0.8.1', ...HONO }, ['default', 'hardened', 'aged']),
  node('h3', 'h3', { h3: '1.15.4' }, ['default', 'hardened', 'rolling', 'aged'], { framework: 'h3 (Nuxt, Nitro)' }),
  node('next-session', 'sid', { 'next-session': '4.0.5' }, ['default', 'hardened', 'rolling', 'aged']),
];

export const COOKIE_FRAMEWORKS: ReadonlyMap<string, CookieFramework> = new Map([...NODE].map((one) => [one.name, one]));
