/** What people met before and since a moment, by the access log of one server. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { READ_ACCESS_LOG } from '../../../../functions/incidents/contract/read-logs.ts';
import type { PeopleAnswer } from '../../../../functions/people/contract.ts';
import { countsOf, judgePeople, unitOf } from '../../../../functions/people/judge-people.ts';
import { clf, FROM_MS, MINUTE_MS, type PlantedServer, plantServer } from './planted-server.ts';

let server: PlantedServer;
beforeEach(() => {
  server = plantServer();
});
afterEach(() => server.remove());

const SINCE_MS = FROM_MS + 12 * MINUTE_MS;
const UNTIL_MS = FROM_MS + 10 * MINUTE_MS;
const PATTERN = '%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-Agent}i" "%{sid}c"';
const line = (atMs: number, request: string, status: number, session = '-') =>
  `10.0.0.1 - - ${clf(atMs)} "${request} HTTP/1.1" ${status} 10 "-" "Mozilla/5.0" "${session}"`;
const people = async (lines: readonly string[], pattern = PATTERN) => {
  server.contract({
    health: { loadBalancer: '/live' },
    session: { cookie: 'sid' },
    logs: { access: { path: 'logs/access.log', pattern } },
  });
  server.write('logs/access.log', `${lines.join('\n')}\n`);
  const { output } = await server.run(
    { SSM_toMs: String(SINCE_MS + 10_000), SSM_sinceMs: String(SINCE_MS), SSM_untilMs: String(UNTIL_MS) },
    READ_ACCESS_LOG.document,
  );
  return output.people ?? output.gaps;
};
const users = Array.from({ length: 20 }, (_, user) => `session-of-user-${user}.${'a'.repeat(40)}`);
const before = users.flatMap((user, at) => [
  line(FROM_MS + at * 20_000, 'GET /account', 200, user),
  line(FROM_MS + at * 20_000 + 2_000, 'POST /cart', 302, user),
  line(FROM_MS + at * 20_000 + 3_000, 'GET /live', 503, user),
]);

it('people who are sent away where they were served; who are sent on after a form as before are not', async () => {
  const now = users.flatMap((user) => [line(SINCE_MS + 1_000, 'GET /account', 302, user), line(SINCE_MS + 2_000, 'POST /cart', 302, user)]);
  expect(await people([...before, ...now])).toMatchObject({
    showsSessions: true,
    partial: false,
    before: ['0 20 0 20', '0 20 0 40', expect.any(String), '0 0 0 0', '0 20 0 40'],
    now: ['20 20 20 20', '0 20 0 40', expect.any(String), '0 0 0 0', '0 20 0 40'],
    people: expect.arrayContaining([expect.stringMatching(/^[0-9a-f]{12} [0-9a-f]+ 1$/)]),
    paths: ['turnedAway /account 302 20'],
  });
});

it('a page that has another address now turns nobody away', async () => {
  const now = users.flatMap((user) => [
    line(SINCE_MS + 1_000, 'GET /account', 302, user),
    line(SINCE_MS + 2_000, 'GET /profile', 200, user),
  ]);
  expect(await people([...before, ...now])).toMatchObject({ now: ['0 0 0 0', '0 20 0 40', expect.any(String), '0 0 0 0', '0 20 0 40'] });
});

it('people who are sent to a login page that nobody needed before are turned away', async () => {
  const now = users.flatMap((user) => [line(SINCE_MS + 1_000, 'GET /account', 302, user), line(SINCE_MS + 2_000, 'GET /login', 200, user)]);
  expect(await people([...before, ...now])).toMatchObject({ paths: ['turnedAway /account 302 20'] });
});

it('page parts that are missing but to a scanner, right, errors; requests where the log has no session', async () => {
  const now = [
    ...Array.from({ length: 30 }, () => line(SINCE_MS + 1_000, 'GET /assets/app.4f2a91c0.js', 404)),
    ...Array.from({ length: 5 }, () => line(SINCE_MS + 1_000, 'GET /account', 403)),
    ...Array.from({ length: 5 }, () => line(SINCE_MS + 1_000, 'GET /account', 500)),
  ];
  const scanned = Array.from({ length: 40 }, (_, at) => line(SINCE_MS + 1_000, `GET /wp-includes/${at}.js`, 404));
  const served = line(FROM_MS, 'GET /assets/app.4f2a91c0.js', 200);
  const found = await people([served, ...before, ...now, ...scanned], '%h %l %u %t "%r" %s %b');
  expect(found).toMatchObject({ showsSessions: false, now: [expect.any(String), '0 0 5 80', '0 0 0 0', '0 0 30 30', '0 0 5 80'] });
  expect(JSON.stringify(found)).not.toContain('4f2a91c0');
});

it('a page with another address turns nobody away, though most ask another server for the new one, and load its parts', async () => {
  const now = users.flatMap((user, at) => [
    line(SINCE_MS + 1_000, 'GET /account', 301, user),
    line(SINCE_MS + 1_000, 'GET /app.js', 200, user),
    ...(at % 4 === 0 ? [line(SINCE_MS + 2_000, 'GET /profile', 200, user)] : []),
  ]);
  expect(await people([...before, ...now])).toMatchObject({ now: ['0 0 0 0', '0 20 0 45', expect.any(String), '0 20 0 20', '0 20 0 45'] });
});

it('crawlers without a session, who are sent to the login page before and now, hide nobody', async () => {
  const crawlers = (atMs: number) => Array.from({ length: 60 }, () => line(atMs, 'GET /account', 302));
  const now = users.map((user) => line(SINCE_MS + 1_000, 'GET /account', 302, user));
  const {
    now: [turnedAway],
    paths,
  } = (await people([...before, ...crawlers(FROM_MS + 60_000), ...crawlers(SINCE_MS), ...now])) as PeopleAnswer;
  expect(turnedAway).toMatch(/^20 20 /);
  expect(paths).toEqual(['turnedAway /account 302 80']);
});

it('a part that was always missing breaks nothing, however many visitors come; nor does what a scanner is refused', async () => {
  const visits = (atMs: number, count: number) => Array.from({ length: count }, () => line(atMs, 'GET /favicon.ico', 404));
  const scan = Array.from({ length: 60 }, (_, at) => line(SINCE_MS + 1_000, `GET /admin/${at}`, 403));
  const now = users.map((user) => line(SINCE_MS + 1_000, 'GET /account', 200, user));
  const lines = [...before, ...visits(FROM_MS + 1_000, 50), ...now, ...visits(SINCE_MS, 60), ...scan];
  const found = (await people(lines, '%h %l %u %t "%r" %s %b')) as PeopleAnswer;
  expect(found.now).toEqual([expect.any(String), '0 0 0 140', '0 0 0 0', '0 0 0 0', '0 0 0 140']);
});

it('a form that sent everybody on, and now fails or refuses, shows that where the log has no session', async () => {
  const forms = (atMs: number, status: number) => Array.from({ length: 30 }, () => line(atMs, 'POST /login', status));
  const lines = [...forms(FROM_MS + 1_000, 302), ...forms(SINCE_MS, 500), ...forms(SINCE_MS, 403)];
  const found = (await people(lines, '%h %l %u %t "%r" %s %b')) as PeopleAnswer;
  expect([found.now[1], found.now[4]]).toEqual(['0 0 30 60', '0 0 30 60']);
});

/** What users of others met, each with the page that they asked for before the release. */
interface Report {
  readonly asks: string;
  readonly now: readonly (readonly [request: string, status: number])[];
  readonly pattern?: string;
  readonly verdict: string;
}
const REPORTS: readonly (readonly [string, Report])[] = [
  [
    'gardener/dashboard 1869: 500 for a cookie of the secret before',
    { asks: 'GET /shoots', now: [['GET /shoots', 500]], verdict: 'serverErrors' },
  ],
  [
    'guardian/frontend 11714: 500 for the token of a form',
    { asks: 'POST /profile', now: [['POST /profile', 500]], verdict: 'serverErrors' },
  ],
  ['laravel/framework 15040: 419 for it', { asks: 'POST /orders', now: [['POST /orders', 419]], verdict: 'refused' }],
  [
    'DISSINET/InkVisitor 2305: 401 of an API whose token the log does not name',
    { asks: 'GET /api/entities', now: [['GET /api/entities', 401]], pattern: '%h %l %u %t "%r" %s %b', verdict: 'refused' },
  ],
  [
    '2anki 2352: the log-in sends a cookie that is there back to the page',
    {
      asks: 'GET /upload',
      now: [
        ['GET /upload', 302],
        ['GET /login', 302],
        ['GET /upload', 302],
      ],
      verdict: 'turnedAway',
    },
  ],
  [
    'firezone 1358: two pages send to each other',
    {
      asks: 'GET /users',
      now: [
        ['GET /users', 302],
        ['GET /', 302],
        ['GET /users', 302],
      ],
      verdict: 'turnedAway',
    },
  ],
  [
    'loadable-components 340: a chunk of a page before',
    { asks: 'GET /static/8-124.chunk.js', now: [['GET /static/8-124.chunk.js', 404]], verdict: 'missingParts' },
  ],
  [
    'langwatch 4697: 500 for such a chunk',
    { asks: 'GET /assets/Page-CjL4fkWS.js', now: [['GET /assets/Page-CjL4fkWS.js', 500]], verdict: 'serverErrors' },
  ],
  // The log has nothing that shows it.
  [
    'replayio/devtools 3174: the start page in place of a chunk',
    { asks: 'GET /82.615bf963.js', now: [['GET /82.615bf963.js', 200]], verdict: 'fine' },
  ],
];
it.each(REPORTS)('%s', async (_, { asks, now, pattern, verdict }) => {
  const own = (await people(
    [
      ...users.flatMap((user, at) => [
        line(FROM_MS + at * 20_000, asks, 200, user),
        line(FROM_MS + at * 20_000 + 1_000, 'GET /account', 200, user),
      ]),
      ...users.flatMap((user) => [
        ...now.map(([request, status], at) => line(SINCE_MS + 1_000 * at, request, status, user)),
        line(SINCE_MS + 4_000, 'GET /account', 200, user),
      ]),
    ],
    pattern,
  )) as PeopleAnswer;
  const read = { own, fresh: [], old: [] };
  const found = judgePeople(countsOf(read, { unit: unitOf(read, false), isSticky: false, known: undefined }));
  expect(found.verdict === 'hurt' ? found.kind : found.verdict).toBe(verdict);
});
