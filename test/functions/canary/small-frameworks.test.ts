/** Sessions that frameworks keep on the server, each by its smallest site, with what is true of it. */
import { createHmac, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base64, from, hex, letters, ofCookie, remembering, type Session, sealing, sign, stored } from './small-kinds.ts';
import { drawn, examine, findingsOf, HARD, type Handler } from './small-site.ts';

const SITES: readonly (readonly [string, () => Handler, readonly string[]])[] = [
  [
    'PHP without strict mode, with session_regenerate_id(true)',
    () => stored({ ...ofCookie('PHPSESSID'), newId: () => letters(26), hasVisitors: true, adopts: true }),
    ['cookie-without-prefix: PHPSESSID'],
  ],
  [
    'PHP without strict mode, which keeps the id',
    () => stored({ ...ofCookie('PHPSESSID'), newId: () => letters(26), hasVisitors: true, adopts: true, isKept: true }),
    ['cookie-without-prefix: PHPSESSID', 'id-kept-at-login', 'id-kept-at-re-login', 'planted-id-adopted: PHPSESSID'],
  ],
  [
    'PHP with session.sid_length = 22',
    () => stored({ ...ofCookie('PHPSESSID'), newId: () => letters(22) }),
    ['cookie-without-prefix: PHPSESSID', 'id-too-short: PHPSESSID'],
  ],
  [
    'Tomcat with a route at the end, on two servers',
    () => {
      let turn = 0;
      const newId = () => {
        turn += 1;
        return `${hex(16).toUpperCase()}.jvm${1 + (turn % 2)}`;
      };
      return stored({ ...ofCookie('JSESSIONID'), newId, hasVisitors: true });
    },
    ['cookie-without-prefix: JSESSIONID'],
  ],
  [
    'Spring Session: a UUID in base64',
    () => stored({ ...ofCookie('SESSION'), newId: () => base64(randomUUID()), hasVisitors: true }),
    ['cookie-without-prefix: SESSION'],
  ],
  [
    'Spring with remember-me: user, end and signature in base64',
    () =>
      remembering(
        stored(ofCookie('JSESSIONID')),
        'remember-me',
        ({ user, bornMs }) =>
          base64(
            `${user}:${bornMs + 1_209_600_000}:SHA256:${createHmac('sha256', 'k')
              .update(`${user}${bornMs + 1_209_600_000}`)
              .digest('hex')}`,
          ),
        (value) => {
          const [user = '', end = '', , signature] = Buffer.from(value, 'base64').toString().split(':');
          return signature === createHmac('sha256', 'k').update(`${user}${end}`).digest('hex') ? user : undefined;
        },
      ),
    ['alive-after-logout', 'cookie-without-prefix: JSESSIONID', 'cookie-without-prefix: remember-me', 'old-id-alive-after-re-login'],
  ],
  [
    'Rails with Devise: a session in a store, and a signed cookie that remembers',
    () =>
      remembering(
        stored({ ...ofCookie('_shop_session'), newId: () => hex(16) }),
        'remember_user_token',
        ({ user, bornMs }) => {
          const value = base64(JSON.stringify([[user.length], '$2a$12$abcdefghijk', `${bornMs / 1_000}`]));
          return encodeURIComponent(`${value}--${createHmac('sha256', 'k').update(value).digest('hex')}`);
        },
        (text) => {
          const [value = '', signature] = decodeURIComponent(text).split('--');
          if (signature !== createHmac('sha256', 'k').update(value).digest('hex')) return undefined;
          return (JSON.parse(Buffer.from(value, 'base64').toString()) as number[][])[0]?.[0] === 11 ? 'canary-anna' : 'canary-ben';
        },
      ),
    [
      'alive-after-logout',
      'cookie-without-prefix: _shop_session',
      'cookie-without-prefix: remember_user_token',
      'old-id-alive-after-re-login',
    ],
  ],
  ['Django with a store', () => stored({ ...ofCookie('sessionid'), newId: () => letters(32, 36) }), ['cookie-without-prefix: sessionid']],
  [
    'Flask-Login: the user and a signature that never change, next to a session',
    () =>
      remembering(
        stored(ofCookie('session')),
        'remember_token',
        ({ user }) => `${user}|${createHmac('sha512', 'k').update(user).digest('hex')}`,
        (value) => {
          const [user = '', signature] = value.split('|');
          return signature === createHmac('sha512', 'k').update(user).digest('hex') ? user : undefined;
        },
      ),
    [
      'alive-after-logout',
      'cookie-without-prefix: remember_token',
      'cookie-without-prefix: session',
      'id-kept-at-re-login: remember_token',
    ],
  ],
  [
    'Laravel: an id that is encrypted anew with each answer, and a token for scripts',
    () => {
      const { seal, open } = sealing();
      const form = (bytes: Buffer) =>
        encodeURIComponent(
          base64(
            JSON.stringify({
              iv: bytes.toString('base64').slice(0, 24),
              value: bytes.toString('base64'),
              mac: bytes.toString('hex'),
              tag: '',
            }),
          ),
        );
      const give = (id: string) => [
        `laravel_session=${seal(id, form)}; ${HARD}`,
        `XSRF-TOKEN=${seal('csrf', form)}; Path=/; Secure; SameSite=Lax`,
      ];
      return stored({
        give,
        again: give,
        find: ({ cookies }) => open(cookies['laravel_session']),
        newId: () => hex(20),
        hasVisitors: true,
      });
    },
    ['cookie-without-prefix: laravel_session'],
  ],
  [
    'AWSALB and AWSALBCORS, new with each answer',
    () => {
      const inner = stored(ofCookie('__Host-SID'));
      return (asked) => {
        const answer = inner(asked);
        return {
          ...answer,
          cookies: [...(answer.cookies ?? []), `AWSALB=${drawn()}; Path=/`, `AWSALBCORS=${drawn()}; Path=/; SameSite=None; Secure`],
        };
      };
    },
    [],
  ],
  [
    'a consent, __cf_bm, analytics and a token that is sent twice, all behind a form with a token',
    () => {
      const inner = stored(ofCookie('__Host-SID'));
      return (asked) => {
        const { 'XSRF-TOKEN': token, __cf_bm: bot } = asked.cookies;
        if (asked.what === 'POST /login' && bot === undefined) return { status: 403 };
        const answer = inner(asked);
        const cookies = ['_ga=GA1.1.1234567890.1732700000; Path=/', 'OptanonConsent=groups=C0001:1,C0002:0; Path=/'];
        return {
          ...answer,
          cookies: [
            ...(answer.cookies ?? []),
            ...cookies,
            ...(token === undefined
              ? [`XSRF-TOKEN=${drawn()}; Path=/`, `__cf_bm=${drawn()}-1732700000-1.0.1.1; Path=/; HttpOnly; Secure; SameSite=None`]
              : []),
          ],
        };
      };
    },
    [],
  ],
  [
    'Keycloak: a token that authenticates, and one for scripts with the same session',
    () => {
      const { seal, open } = sealing();
      const give = (id: string, { user }: Session) => {
        const token = seal(id, (bytes) => `eyJhbGciOiJIUzUxMiJ9.${bytes.toString('base64url')}.${sign(bytes.toString('hex'))}`);
        return [
          `__Secure-KEYCLOAK_IDENTITY=${token}; ${HARD}`,
          `__Secure-KEYCLOAK_SESSION=${sign(`shown ${id}`)}${sign(user)}; Path=/; Secure; SameSite=Lax`,
        ];
      };
      return stored({ give, find: ({ cookies }) => open(cookies['__Secure-KEYCLOAK_IDENTITY']), newId: randomUUID });
    },
    [],
  ],
  [
    'Grafana: an id, and its end for scripts',
    () =>
      stored({
        give: (id, { bornMs }) => [
          `__Host-grafana=${id}; ${HARD}`,
          `grafana_session_expiry=${Math.floor(bornMs / 1_000) + 590}; Path=/; Secure; SameSite=Lax`,
        ],
        find: from('__Host-grafana'),
        newId: () => hex(16),
      }),
    [],
  ],
  [
    'WordPress: user, end, token and signature, with the token on the server',
    () => {
      const name = 'wordpress_logged_in_0123456789abcdef0123456789abcdef';
      const make = (id: string, { user, bornMs }: Session) => {
        const text = `${user}|${Math.floor(bornMs / 1_000) + 172_800}|${id}`;
        return encodeURIComponent(`${text}|${createHmac('sha256', 'k').update(text).digest('hex')}`);
      };
      return stored({
        give: (id, session) => [`${name}=${make(id, session)}; ${HARD}`],
        find: ({ cookies }) => {
          const [user, end, id, signature] = decodeURIComponent(cookies[name] ?? '').split('|');
          return signature === createHmac('sha256', 'k').update(`${user}|${end}|${id}`).digest('hex') ? id : undefined;
        },
      });
    },
    ['cookie-without-prefix: wordpress_logged_in_0123…'],
  ],
  [
    'Express: express-session with an id for visitors',
    () => {
      const make = (id: string) => encodeURIComponent(`s:${id}.${sign(id)}`);
      return stored({
        give: (id) => [`connect.sid=${make(id)}; ${HARD}`],
        find: ({ cookies }) => {
          const [id = '', signature] = decodeURIComponent(cookies['connect.sid'] ?? '')
            .slice(2)
            .split('.');
          return signature === sign(id) ? id : undefined;
        },
        hasVisitors: true,
      });
    },
    ['cookie-without-prefix: connect.sid'],
  ],
  [
    'Shiro: an id of a UUID, and an encrypted cookie that remembers',
    () => {
      const { seal, open } = sealing();
      return remembering(
        stored({ ...ofCookie('JSESSIONID'), newId: randomUUID }),
        'rememberMe',
        ({ user }) => seal(user, (bytes) => bytes.toString('base64'), 96),
        (value) => open(value),
      );
    },
    ['alive-after-logout', 'cookie-without-prefix: JSESSIONID', 'cookie-without-prefix: rememberMe', 'old-id-alive-after-re-login'],
  ],
  [
    'a cookie with and without Partitioned, of which either is enough',
    () => stored({ give: (id) => [`__Host-SID=${id}; ${HARD}`, `__Host-SID=${id}; ${HARD}; Partitioned`], find: from('__Host-SID') }),
    [],
  ],
];

describe('sessions on the server', () => {
  it.each(SITES)('%s', async (_, site, expected) => {
    expect(findingsOf(await examine(site()))).toEqual(expected);
  });
});
