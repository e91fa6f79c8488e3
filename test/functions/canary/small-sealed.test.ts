/** Sessions that frameworks keep in the cookie itself, each by its smallest site, with what is true of it. */
import { describe, expect, it } from 'vitest';
import { base64, base64url, chunks, hex, sealing, sign, stateless } from './small-kinds.ts';
import { drawn, examine, findingsOf, HARD, type Handler } from './small-site.ts';

const STATELESS = ['alive-after-logout', 'old-id-alive-after-re-login'];

const SITES: readonly (readonly [string, () => Handler, readonly string[]])[] = [
  [
    'Auth.js: an encrypted token in chunks, which changes with each answer',
    () => {
      const { seal, open } = sealing();
      const name = '__Secure-next-auth.session-token';
      return stateless(
        ({ user }) => chunks(`eyJhbGciOiJkaXIifQ..${seal(user, undefined, 120)}`, 64).map((part, at) => `${name}.${at}=${part}; ${HARD}`),
        ({ cookies }) =>
          open(
            [0, 1, 2, 3]
              .map((at) => cookies[`${name}.${at}`] ?? '')
              .join('')
              .slice('eyJhbGciOiJkaXIifQ..'.length),
          ),
        { isRolling: true, names: [0, 1, 2].map((at) => `${name}.${at}`) },
      );
    },
    STATELESS,
  ],
  [
    'iron-session: sealed parts between stars',
    () => {
      const { seal, open } = sealing();
      return stateless(
        ({ user }) => [
          `iron=${seal(user, (bytes) => `Fe26.2*1*${bytes.toString('hex')}*${bytes.toString('base64url')}*${hex(32)}*${drawn()}`)}; ${HARD}`,
        ],
        ({ cookies }) => open(cookies['iron']),
        { names: ['iron'] },
      );
    },
    ['alive-after-logout', 'cookie-without-prefix: iron', 'old-id-alive-after-re-login'],
  ],
  [
    'cookie-session: the session and its signature in two cookies, the same at each login',
    () =>
      stateless(
        ({ user }) => {
          const value = base64(JSON.stringify({ user }));
          return [`session=${value}; ${HARD}`, `session.sig=${sign(`session=${value}`)}; ${HARD}`];
        },
        ({ cookies: { session = '', 'session.sig': signature } }) =>
          signature === sign(`session=${session}`)
            ? (JSON.parse(Buffer.from(session, 'base64').toString()) as { user: string }).user
            : undefined,
        { names: ['session', 'session.sig'] },
      ),
    ['alive-after-logout', 'cookie-without-prefix: session', 'cookie-without-prefix: session.sig', 'id-kept-at-re-login'],
  ],
  [
    'Koa: the same with a time in it',
    () =>
      stateless(
        ({ user, bornMs }) => {
          const value = base64(JSON.stringify({ user, _expire: bornMs + 86_400_000, _maxAge: 86_400_000 }));
          return [`koa.sess=${value}; ${HARD}`, `koa.sess.sig=${sign(`koa.sess=${value}`)}; ${HARD}`];
        },
        ({ cookies: { 'koa.sess': value = '', 'koa.sess.sig': signature } }) =>
          signature === sign(`koa.sess=${value}`)
            ? (JSON.parse(Buffer.from(value, 'base64').toString()) as { user: string }).user
            : undefined,
        { names: ['koa.sess', 'koa.sess.sig'] },
      ),
    ['alive-after-logout', 'cookie-without-prefix: koa.sess', 'cookie-without-prefix: koa.sess.sig', 'old-id-alive-after-re-login'],
  ],
  [
    'Rails with its cookie store: encrypted, and new with each answer',
    () => {
      const { seal, open } = sealing();
      const form = (bytes: Buffer) =>
        encodeURIComponent(
          [bytes.subarray(0, 80), bytes.subarray(80, 92), bytes.subarray(92)].map((part) => part.toString('base64')).join('--'),
        );
      return stateless(
        ({ user }) => [`_shop_session=${seal(user, form, 108)}; ${HARD}`],
        ({ cookies }) => open(cookies['_shop_session']),
        {
          isRolling: true,
          names: ['_shop_session'],
        },
      );
    },
    ['alive-after-logout', 'cookie-without-prefix: _shop_session', 'old-id-alive-after-re-login'],
  ],
  [
    'Django with signed_cookies',
    () =>
      stateless(
        ({ user, bornMs }) => {
          const value = `.eJ${Buffer.from(`zlib ${user}`).toString('hex')}:${Math.floor(bornMs / 1_000).toString(36)}`;
          return [
            `sessionid=${value}:${sign(value)}${sign(`2${value}`).slice(0, 16)}; ${HARD}`,
            `csrftoken=${drawn()}; Path=/; Secure; SameSite=Lax`,
          ];
        },
        ({ cookies: { sessionid = '' } }) => {
          const [payload = '', at = '', signature] = sessionid.split(':');
          const value = `${payload}:${at}`;
          return signature === `${sign(value)}${sign(`2${value}`).slice(0, 16)}`
            ? Buffer.from(payload.slice(3), 'hex').toString().slice(5)
            : undefined;
        },
        { names: ['sessionid'] },
      ),
    ['alive-after-logout', 'cookie-without-prefix: sessionid', 'old-id-alive-after-re-login'],
  ],
  [
    'Flask: itsdangerous, which can be read',
    () =>
      stateless(
        ({ user, bornMs }) => {
          const value = `${base64url({ _fresh: true, _user_id: user })}.${Buffer.from(`${Math.floor(bornMs / 1_000)}`).toString('base64url')}`;
          return [`session=${value}.${sign(value)}; ${HARD}`];
        },
        ({ cookies: { session = '' } }) => {
          const [payload = '', at = '', signature] = session.split('.');
          return signature === sign(`${payload}.${at}`)
            ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { _user_id: string })._user_id
            : undefined;
        },
      ),
    ['alive-after-logout', 'cookie-without-prefix: session', 'old-id-alive-after-re-login'],
  ],
  [
    'ASP.NET Core: a ticket in chunks behind their count',
    () => {
      const { seal, open } = sealing();
      const name = '.AspNetCore.Cookies';
      return stateless(
        ({ user }) => {
          const parts = chunks(
            seal(user, (bytes) => `CfDJ8${bytes.toString('base64url')}`, 120),
            64,
          );
          return [`${name}=chunks-${parts.length}; ${HARD}`, ...parts.map((part, at) => `${name}C${at + 1}=${part}; ${HARD}`)];
        },
        ({ cookies }) =>
          cookies[name]?.startsWith('chunks-') ? open([1, 2, 3, 4].map((at) => cookies[`${name}C${at}`] ?? '').join('')) : undefined,
        { names: [name, 'C1', 'C2', 'C3'].map((one) => (one === name ? one : name + one)) },
      );
    },
    [
      'alive-after-logout',
      'cookie-without-prefix: .AspNetCore.CookiesC1',
      'cookie-without-prefix: .AspNetCore.CookiesC2',
      'cookie-without-prefix: .AspNetCore.CookiesC3',
      'old-id-alive-after-re-login',
    ],
  ],
  [
    'a load balancer that signs users in itself, by two cookies of its own',
    () => {
      const { seal, open } = sealing();
      const name = 'AWSELBAuthSessionCookie';
      return stateless(
        ({ user }) => chunks(seal(user, undefined, 90), 64).map((part, at) => `${name}-${at}=${part}; ${HARD.replace('Lax', 'None')}`),
        ({ cookies }) => open([0, 1].map((at) => cookies[`${name}-${at}`] ?? '').join('')),
        { names: [`${name}-0`, `${name}-1`] },
      );
    },
    [
      'alive-after-logout',
      'cookie-sent-cross-site: AWSE…-0',
      'cookie-sent-cross-site: AWSE…-1',
      'cookie-without-prefix: AWSE…-0',
      'cookie-without-prefix: AWSE…-1',
      'old-id-alive-after-re-login',
    ],
  ],
  [
    'Play: a token whose claims can be read',
    () =>
      stateless(
        ({ user, bornMs }) => {
          const value = `${base64url({ alg: 'HS256' })}.${base64url({ data: { user }, nbf: bornMs, iat: bornMs })}`;
          return [`PLAY_SESSION=${value}.${sign(value)}; ${HARD}`];
        },
        ({ cookies: { PLAY_SESSION = '' } }) => {
          const [head = '', payload = '', signature] = PLAY_SESSION.split('.');
          return signature === sign(`${head}.${payload}`)
            ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { data: { user: string } }).data.user
            : undefined;
        },
        { names: ['PLAY_SESSION'] },
      ),
    ['alive-after-logout', 'cookie-without-prefix: PLAY_SESSION', 'old-id-alive-after-re-login'],
  ],
];

describe('sessions in the cookie', () => {
  it.each(SITES)('%s', async (_, site, expected) => {
    expect(findingsOf(await examine(site()))).toEqual(expected);
  });
});
