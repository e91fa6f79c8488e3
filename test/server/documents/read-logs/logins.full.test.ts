/** Logins, logouts and losses, found by what happens in the log; and what it cannot show. */
import { describe, expect, it } from 'vitest';
import { type ReadLog, readLogs } from '../../../../lab/corpus/check/check-logs.ts';
import { FROM_MS, MINUTE_MS } from './planted-server.ts';

const PATTERN = '$time "$path" $status $session "$set"';

interface Settings {
  readonly pattern?: string;
  readonly logins?: readonly string[];
}

/** @param lines `METHOD PATH STATUS NAMED SET`, a second apart; SET is the cookie that the answer sets, `x` to remove it, `-` for none */
function read(lines: readonly string[], { pattern = PATTERN, logins }: Settings = {}): ReadLog & { readonly lostCount: number } {
  const text = lines.map((line, index) => {
    const [method, path, status, named, set = '-'] = line.split(' ');
    const cookie = set === '-' ? '-' : set === 'x' ? 'SID=; Path=/; Max-Age=0' : `SID=${set}; Path=/; HttpOnly`;
    return `${new Date(FROM_MS + MINUTE_MS + index * 1_000).toISOString()} "${method} ${path}" ${status} ${named} "${cookie}"\n`;
  });
  const [log] = readLogs([{ pattern, cookie: 'SID', ...(logins && { logins }), text: text.join('') }]);
  if (log === undefined) throw new Error('nothing was read');
  return { ...log, lostCount: log.lost.filter((hash) => log.known.includes(hash)).length };
}
const users = (count: number, of: (user: number) => readonly string[]) => Array.from({ length: count }, (_, user) => of(user)).flat();
/** Users who come without a session, and are sent to where they log in. */
const enter = (way: string, user: number, method = 'POST') => [
  'GET /account 302 - -',
  `GET ${way} 200 - a${user}`,
  `${method} ${way} 302 a${user} b${user}`,
  `GET /account 200 b${user} -`,
];

describe('a login', () => {
  it.each(['/login', '/users/sign_in', '/session/new', '/anmelden', '/konto/eintreten', '/entrar'])('by POST %s loses nobody', (way) => {
    expect(read(users(20, (user) => enter(way, user)))).toMatchObject({ lostCount: 0, gaps: [] });
  });

  it.each(['/auth/callback?code=1', '/cb?code=4f&state=9', '/saml/acs', '/magic?token=9f'])(
    'by GET %s, the way back, loses nobody',
    (way) => {
      const lines = users(20, (user) => [
        'GET /account 302 - -',
        `GET / 200 - a${user}`,
        `GET ${way} 302 a${user} b${user}`,
        `GET /account 200 b${user} -`,
      ]);
      expect(read(lines)).toMatchObject({ lostCount: 0, gaps: [] });
    },
  );

  it.each(['GET /orders/7/invoice.pdf 302', 'GET /api/partner/token 401', 'GET /konto 302'])(
    'whose last request was %s, as every one of that page, is no loss',
    (last) => {
      const lines = users(20, (user) => [...enter('/login', user), `${last} b${user} -`]);
      expect(read(lines)).toMatchObject({ lostCount: 0, gaps: [] });
    },
  );

  it.each(['/abmelden', '/accounts/deconnexion', '/exit'])('that ends by the link %s loses nobody', (link) => {
    const lines = users(20, (user) => [...enter('/login', user), `GET ${link} 302 b${user} x`]);
    expect(read(lines)).toMatchObject({ lostCount: 0, gaps: [] });
  });

  it('of which the log does not show what came of it is a gap, and no loss', () => {
    const lines = users(20, (user) => [`GET / 200 - a${user}`, `POST /eintreten 302 a${user} b${user}`]);
    expect(read(lines)).toMatchObject({
      lostCount: 0,
      gaps: [
        '20 requests got another session, and the access log does not show whether their users had logged in: name logs.access.logins',
      ],
    });
  });

  it('is one where the contract names the path, and a loss everywhere else', () => {
    const lines = users(20, (user) => [`GET / 200 - a${user}`, `POST /eintreten 302 a${user} b${user}`]);
    expect(read(lines, { logins: ['/eintreten'] })).toMatchObject({ lostCount: 0, gaps: [] });
    expect(read(lines, { logins: ['/login'] })).toMatchObject({ lostCount: 20, gaps: [] });
  });
});

describe('an id that is renewed', () => {
  const signedIn = users(20, (user) => enter('/login', user));

  it.each([
    ['by the page that it is asked for', (user: number) => [`GET /account 200 b${user} c${user}`, `GET /cart 200 c${user} -`]],
    [
      'by a page that anybody gets, as the next one shows',
      (user: number) => [`GET / 200 b${user} c${user}`, `GET /account 200 c${user} -`],
    ],
    ['by a redirect', (user: number) => [`GET /start 302 b${user} c${user}`, `GET /account 200 c${user} -`]],
    ['by a change of the password', (user: number) => [`POST /account/password 302 b${user} c${user}`, `GET /account 200 c${user} -`]],
  ] as const)('%s loses nobody, also where the contract names the logins', (_, renew) => {
    const lines = [...signedIn, ...users(20, renew)];
    expect(read(lines)).toMatchObject({ lostCount: 0, gaps: [] });
    expect(read(lines, { logins: ['/login'] })).toMatchObject({ lostCount: 0, gaps: [] });
  });

  it('is a loss if its user has to log in, also by a form that any page has', () => {
    const lines = [
      ...signedIn,
      ...users(20, (user) => [`GET / 200 b${user} c${user}`, `POST /login 302 c${user} -`, `GET /account 200 c${user} -`]),
    ];
    expect(read(lines)).toMatchObject({ lostCount: 20 });
    expect(read(lines, { logins: ['/login'] })).toMatchObject({ lostCount: 20 });
  });
});

describe('a request that was under way when its id was renewed', () => {
  const PARALLEL = [
    ['is sent away', (user: number) => [`GET /account 302 b${user} -`]],
    ['gets 401', (user: number) => [`GET /orders 401 b${user} -`]],
    ['gets another session, which the browser does not take', (user: number) => [`GET / 200 b${user} d${user}`]],
    ['is a change', (user: number) => [`POST /cart 401 b${user} -`]],
  ] as const;
  const seen = users(20, (user) => ['GET /orders 401 - -', `GET /orders 200 z${user} -`, 'GET / 200 - -']);

  it.each(PARALLEL)('and %s loses nobody', (_, parallel) => {
    const lines = users(20, (user) => [
      ...enter('/login', user),
      `POST /account/password 302 b${user} c${user}`,
      ...parallel(user),
      `GET /account 200 c${user} -`,
    ]);
    expect(read([...seen, ...lines])).toMatchObject({ lostCount: 0, gaps: [] });
    expect(read([...seen, ...lines], { logins: ['/login'] })).toMatchObject({ lostCount: 0, gaps: [] });
  });

  it('is a loss if the browser goes on with what it got, or if it comes much later', () => {
    const lines = users(20, (user) => [...enter('/login', user), `GET /account 302 a${user} d${user}`, `GET /account 302 d${user} -`]);
    expect(read(lines)).toMatchObject({ lostCount: 20 });
    const late = users(20, (user) => [...enter('/login', user), ...Array(12).fill('GET / 200 - -'), `GET / 200 a${user} d${user}`]);
    expect(read(late)).toMatchObject({ lostCount: 20 });
  });
});

describe('a store that was emptied', () => {
  const before = users(10, (user) => [...enter('/eintreten', user), `POST /cart 302 b${user} -`, `GET /cart 200 b${user} -`]);

  it.each([
    ['by a page', (user: number) => [`GET /account 302 b${user} -`, `GET /eintreten 200 b${user} c${user}`]],
    ['by a page that begins another session', (user: number) => [`GET /account 302 b${user} c${user}`, `GET /eintreten 200 c${user} -`]],
    ['by a page that removes the cookie', (user: number) => [`GET /account 302 b${user} x`, `GET /eintreten 200 - c${user}`]],
    ['by a change', (user: number) => [`POST /cart 302 b${user} c${user}`, `GET /eintreten 200 c${user} -`]],
    ['by a change that removes the cookie', (user: number) => [`POST /cart 302 b${user} x`, `GET /eintreten 200 - c${user}`]],
    ['by a form that has expired', (user: number) => [`POST /cart 419 b${user} c${user}`, `GET /eintreten 200 c${user} -`]],
  ] as const)('loses each user, who notices %s, also when each logs in again', (_, lose) => {
    const after = users(10, (user) => [...lose(user), `POST /eintreten 302 c${user} d${user}`, `GET /account 200 d${user} -`]);
    expect(read([...before, ...after])).toMatchObject({ lostCount: 10, gaps: [] });
  });

  it('loses each user whose next page is served without a log-in, and who gets another session there', () => {
    const after = users(10, (user) => [`GET / 200 b${user} c${user}`]);
    expect(read([...before, ...after])).toMatchObject({ lostCount: 10 });
  });
});

describe('a logout', () => {
  it.each(['POST /logout', 'POST /abmelden', 'DELETE /session', 'POST /users/sign_out', 'GET /logout'])('by %s loses nobody', (out) => {
    const lines = users(10, (user) => [...enter('/login', user), `${out} 302 b${user} x`, 'GET / 200 - -', 'GET /account 302 - -']);
    expect(read(lines)).toMatchObject({ lostCount: 0, gaps: [] });
  });
});

describe('a cookie that is new at each answer', () => {
  const long = (user: number, step: number) => `eyJpdiI6${String(user * 1_000 + step).padStart(200, 'q')}`;
  const laravel = (cookie: (user: number, step: number) => string) =>
    users(15, (user) => [
      'GET /dashboard 302 - -',
      `GET /login 200 - ${cookie(user, 0)}`,
      `POST /login 302 ${cookie(user, 0)} ${cookie(user, 1)}`,
      ...[1, 2, 3].map((step) => `GET /dashboard 200 ${cookie(user, step)} ${cookie(user, step + 1)}`),
    ]);
  const sentence = 'the session cookie is new at each answer, so that no session can be followed in the access log';

  it.each([
    ['with the session in it', long],
    ['with an id alone, whose pages are served', (user: number, step: number) => `id${user}x${step}`],
  ])('cannot be followed: %s', (_, cookie) => {
    expect(read(laravel(cookie))).toMatchObject({ lostCount: 0, known: [], gaps: [sentence] });
  });

  it('is a loss where the server finds none of them', () => {
    const lines = users(15, (user) => [
      ...enter('/login', user),
      ...[1, 2, 3].map((step) => `GET /account 302 b${step === 1 ? user : `${user}x${step}`} b${user}x${step + 1}`),
    ]);
    expect(read(lines).gaps).not.toContain(sentence);
    expect(read(lines).lostCount).toBeGreaterThanOrEqual(15);
  });
});

it('says where the server writes no cookie down', () => {
  const lines = Array.from({ length: 5 }, () => 'GET / 200 REDACTED -');
  expect(read(lines)).toMatchObject({
    known: [],
    gaps: ['the access log hides the session of 5 requests: its server leaves the values of cookies out'],
  });
});
