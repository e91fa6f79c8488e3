/** The access logs that servers write, in the format of each, as the document counts them. */
import { afterAll, describe, expect, it } from 'vitest';
import { clf, FROM_MS, MINUTE_MS, plantServer } from './planted-server.ts';

const server = plantServer();
afterAll(() => server.remove());

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const ID = '3BD6A1F00C4E4E0B9A7D5C2211EE4477';
const OTHER = 'F00DA1F00C4E4E0B9A7D5C2211EE9988';

interface Request {
  readonly minute: number;
  readonly status: number;
  readonly path: string;
  readonly session?: string;
  /** That the request ended with. */
  readonly answered?: string;
  readonly agent?: string;
  readonly referer?: string;
}
/** One user who logs in and is then sent to another server, a bot without a cookie, and a visitor from another site. */
const REQUESTS: readonly Request[] = [
  { minute: 20, status: 200, path: '/login', answered: `${ID}.server1`, agent: FIREFOX, referer: 'https://shop.example/' },
  { minute: 21, status: 200, path: '/cart?token=s3cret', session: `${ID}.server1`, answered: `${ID}.server1`, agent: FIREFOX },
  { minute: 22, status: 302, path: '/orders/8341', session: `${ID}.server1`, answered: `${OTHER}.server2`, agent: FIREFOX },
  {
    minute: 23,
    status: 200,
    path: '/users/anna@example.org',
    answered: 'AA00A1F00C4E4E0B9A7D5C2211EE0001.server2',
    agent: 'Googlebot/2.1',
  },
  { minute: 24, status: 200, path: '/live', answered: 'BB00A1F00C4E4E0B9A7D5C2211EE0001.server1', agent: 'ELB-HealthChecker/2.0' },
  {
    minute: 25,
    status: 200,
    path: '/',
    answered: 'CC00A1F00C4E4E0B9A7D5C2211EE0001.server2',
    agent: FIREFOX,
    referer: 'https://pay.example/done?order=8341',
  },
  {
    minute: 26,
    status: 200,
    path: '/',
    session: `${OTHER}.server2`,
    answered: `${OTHER}.server2`,
    agent: FIREFOX,
    referer: 'https://shop.example/cart',
  },
  {
    minute: 27,
    status: 200,
    path: '/',
    session: `${OTHER}.server2`,
    answered: `${OTHER}.server2`,
    agent: FIREFOX,
    referer: 'https://shop.example/cart',
  },
];
const at = (minute: number) => FROM_MS + minute * MINUTE_MS;
const dash = (value: string | undefined) => value ?? '-';

const FORMATS: readonly (readonly [string, unknown, (request: Request) => string])[] = [
  [
    "Apache's combined log with the cookie and Set-Cookie",
    '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{JSESSIONID}C" "%{Set-Cookie}o"',
    ({ minute, status, path, session, answered, agent, referer }) =>
      `203.0.113.7 - anna ${clf(at(minute))} "GET ${path} HTTP/1.1" ${status} 512 "${dash(referer)}" "${dash(agent)}" "${dash(session)}" "${
        answered === session ? '-' : `JSESSIONID=${answered}; Path=/; HttpOnly`
      }"`,
  ],
  [
    "Tomcat's AccessLogValve",
    '%h %l %u %t "%r" %s %b %D "%{Referer}i" "%{User-Agent}i" %{JSESSIONID}c %S',
    ({ minute, status, path, session, answered, agent, referer }) =>
      `203.0.113.7 - - ${clf(at(minute))} "GET ${path} HTTP/1.1" ${status} - 17 "${dash(referer)}" "${dash(agent)}" ${dash(session)} ${dash(answered)}`,
  ],
  [
    'nginx',
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$cookie_JSESSIONID" "$sent_http_set_cookie"',
    ({ minute, status, path, session, answered, agent, referer }) =>
      `203.0.113.7 - anna ${clf(at(minute))} "GET ${path} HTTP/1.1" ${status} 512 "${dash(referer)}" "${dash(agent)}" "${dash(session)}" "${
        answered === session ? '-' : `JSESSIONID=${answered}; Path=/; Expires=Sat, 21 Nov 2026 21:00:00 GMT`
      }"`,
  ],
  [
    'the fields of an own format',
    '$time status=$status ms=$_ session=$session answered=$answered path=$path referer=$referer agent=$agent',
    ({ minute, status, path, session, answered, agent, referer }) =>
      `${new Date(at(minute)).toISOString()} status=${status} ms=3 session=${dash(session)} answered=${dash(answered)} path=${path} referer=${dash(referer)} agent=${
        agent === FIREFOX ? 'browser' : agent?.includes('bot') ? 'bot' : 'health-check'
      }`,
  ],
  [
    'lines of JSON',
    {
      time: 'ts',
      status: 'res.status',
      session: 'req.cookie',
      answered: 'res.session',
      path: 'req.url',
      agent: 'req.agent',
      referer: 'req.referer',
    },
    ({ minute, status, path, session, answered, agent, referer }) =>
      JSON.stringify({
        ts: at(minute) / 1000,
        req: { url: path, cookie: session, agent, referer, remote: '203.0.113.7' },
        res: { status, session: answered },
      }),
  ],
];

describe.each(FORMATS)('%s', (_name, pattern, line) => {
  it('gives the same counts', async () => {
    server.contract({ logs: { access: { path: 'logs/access.log', pattern } }, session: { cookie: 'JSESSIONID' } });
    const old = REQUESTS.map((request) => line({ ...request, minute: request.minute - 120 }));
    server.write('logs/access.log', `${[...old, ...REQUESTS.map(line)].join('\n')}\n`);
    const { output, stdout } = await server.run();
    expect(output.access).toMatchObject({
      lines: 8,
      fromMs: at(20),
      toMs: at(27),
      statuses: { '200': 7, '302': 1 },
      withSession: 4,
      replaced: 1,
      routes: ['server1', 'server2'],
      foreignRoute: 2,
      allSessions: true,
      created: { byAgent: { browser: 3, bot: 1, 'health-check': 1 } },
      fromOtherSite: { withCookie: 0, withoutCookie: 1, refused: 0 },
      // Without the health check's minute; the loss is the 302.
      minutes: ['0 1', '1 1', '2 1 1', '5 1', '6 1', '7 1'],
      paths: ['/ 200:3', '/cart 200:1', '/login 200:1', '/orders/* 0:1,302:1'],
      ...{ errors: [], errorsCut: false, showsLost: true },
    });
    expect(output.route).toBe('server2');
    expect(output.access?.sessions).toHaveLength(5);
    expect(output.access?.sessions.filter((row) => row.endsWith('!'))).toEqual([expect.stringMatching(/^[0-9a-f]{12} 0 120 2 0 \*!$/)]);
    for (const raw of [ID, OTHER, 'anna', '203.0.113.7', '8341', 's3cret', 'example', '3BD6A1F0']) expect(stdout).not.toContain(raw);
    expect(output.gaps).toEqual([]);
  });
});

it('reads the session from the cookie alone, and says what such a log does not show', async () => {
  server.contract({ logs: { access: { path: 'logs/access.log', pattern: '%t %s %{SID}c' } }, session: { cookie: 'SID' } });
  server.write('logs/access.log', `${clf(at(1))} 401 s%3Aabcdefghijklmnopqrstuvwxyz012345.NzQ5c2lnbmF0dXJl\n`);
  const { output, stdout } = await server.run();
  expect(output.access).toMatchObject({
    lines: 1,
    withSession: 1,
    replaced: null,
    created: null,
    foreignRoute: null,
    routes: [],
    fromOtherSite: null,
  });
  expect(stdout).not.toContain('NzQ5');
});

it('takes the route of a server that refuses the sessions which it began for another server’s', async () => {
  server.contract({ logs: { access: { path: 'a.log', pattern: '$time $status $session $answered' } } });
  const rows = Array.from({ length: 10 }, (_, index) => [`- id${index}.s2`, `id${index}.s2 -`]).flat();
  server.write('a.log', rows.map((row, index) => `${new Date(at(1) + index * 1000).toISOString()} 200 ${row}\n`).join(''));
  expect((await server.run()).output).toMatchObject({ route: 's2', access: { withSession: 10, foreignRoute: 10, replaced: 0 } });
});

it('names what sessions share behind their ids, and nothing that one alone has there', async () => {
  server.contract({ logs: { access: { path: 'a.log', pattern: '$time $status $session' } } });
  const made = Array.from({ length: 60 }, (_, index) => `id${index}.made${index}`);
  const values = ['v1.k3jfh3k4jf9a', 'v1.Zq81mxA0pLw2', '8f31c0.jane-doe', ...made, 'aa.tomcat1', 'bb.tomcat1', 'cc.i-0123456789abcdef0'];
  server.write('a.log', values.map((value, index) => `${new Date(at(1) + index * 1000).toISOString()} 200 ${value}\n`).join(''));
  const { output, stdout } = await server.run();
  expect(output.access).toMatchObject({ withSession: values.length, routes: ['i-0123456789abcdef0', 'tomcat1'] });
  for (const secret of ['k3jfh3k4jf9a', 'Zq81mxA0pLw2', 'jane-doe', 'made7']) expect(stdout).not.toContain(secret);
});

describe('routes that visitors invent', () => {
  const invented = Array.from({ length: 82 }, (_, index) => `x${index}.route${Math.floor(index / 2)}`);
  const rows = (lines: readonly string[]) => lines.map((row, index) => `${new Date(at(1) + index * 100).toISOString()} ${row}\n`).join('');

  it('displace none of those that the server gives to sessions, and are none', async () => {
    server.contract({ logs: { access: { path: 'a.log', pattern: '$time $status $session $answered' } } });
    const own = ['200 - id1.s2', '200 id1.s2 id1.s2', '200 - id2.s2', '200 id2.s2 id2.s2', '200 id3.s1 id3.s1', '200 id4.s1 id4.s1'];
    server.write('a.log', rows([...own, ...invented.map((session) => `200 ${session} -`)]));
    const { output } = await server.run();
    expect(output).toMatchObject({ route: 's2', access: { routes: ['s1', 's2'], foreignRoute: 2 } });
  });

  it('displace none even if there are thousands of them', async () => {
    server.contract({ logs: { access: { path: 'a.log', pattern: '$time $status $session $answered' } } });
    const many = Array.from({ length: 5_000 }, (_, index) => `200 x${index}.route${index} -`);
    server.write('a.log', rows([...many, '200 - id1.s2', '200 - id2.s2', '200 id1.s2 id1.s2']));
    expect((await server.run()).output).toMatchObject({ route: 's2', access: { routes: ['s2'] } });
  });

  it('displace none that many sessions have, where a log does not show what the server answers', async () => {
    server.contract({ logs: { access: { path: 'a.log', pattern: '$time $status $session' } } });
    const own = Array.from({ length: 10 }, (_, index) => `200 id${index}.tomcat1`);
    server.write('a.log', rows([...invented.map((session) => `302 ${session}`), ...own]));
    expect((await server.run()).output.access?.routes).toEqual(['tomcat1']);
  });
});

it('gives servers of one incident the same hash of a session, and another incident another', async () => {
  server.contract({ logs: { access: { path: 'a.log', pattern: '$time $status $session' } } });
  const log = (route: string) => `${new Date(at(1)).toISOString()} 200 ${ID}.${route}\n`;
  const hash = async (route: string, parameters = {}) => {
    server.write('a.log', log(route));
    return (await server.run(parameters)).output.access?.sessions[0]?.split(' ')[0];
  };
  const first = await hash('server1');
  expect(await hash('server2')).toBe(first);
  expect(await hash('server1', { SSM_hashKey: 'cd'.repeat(32) })).not.toBe(first);
});

it.each([
  ['%t %s %m;%U%q;%{SID}c', 'GET;/cart?a=1 "b;', 'abc'],
  ['%t %s "%m %U%q" %{SID}c', '"GET /cart?a=1\\"b" ', 'abc'],
  ['%t %s %m %U%q %{SID}c', 'GET /cart ', 'abc'],
  ['%t %s %{SID}c|%U%q', '', 'abc|/cart?a=1'],
])('ends the query at the character that follows it in %s', async (pattern, before, session) => {
  server.contract({ logs: { access: { path: 'a.log', pattern } }, session: { cookie: 'SID' } });
  server.write('a.log', `${clf(at(1))} 200 ${before}${session}\n`);
  const { output } = await server.run();
  expect(output.access).toMatchObject({ lines: 1, withSession: 1 });
});

it.each([
  ['%t %s %U%q%q', 'has two fields without a character between them: %q%q'],
  ['%h %s', 'has no time: add %t or $time_local'],
  ['%t %r', 'has no status: add %s or $status'],
  ['$time$status', 'has two fields without a character between them: $time$status'],
  [7, 'is not a text of 1 to 1024 characters'],
])('names what is wrong with the pattern %j', async (pattern, sentence) => {
  server.contract({ logs: { access: { path: 'a.log', pattern } } });
  const { output } = await server.run();
  expect(output.gaps).toContain(`logs.access ${sentence}`);
  expect(output).not.toHaveProperty('access');
});

/** What JSON allows and a reader may not expect, and what JSON does not allow. */
const ODD_VALUES = [
  ...[
    '1e999',
    '-1e999',
    'NaN',
    '-Infinity',
    '1e300',
    '-0.5',
    '9'.repeat(5_000),
    '0.'.padEnd(5_000, '1'),
    'true',
    'null',
    '{}',
    '[[], 1e999]',
  ],
  ...['"\\ud800"', '"\\udfff.\\ud800"', '"\\u0000"', `"${'a'.repeat(70_000)}"`, '"s:\\ud800.x"', '"s%3a%ff%"', '"2026-13-45T99:99:99Z"'],
  ...['"0000-00-00 00:00:00"', '"2026-11-21 20:00:00 America"', '[0', `${'['.repeat(5_000)}`, `${'[['.repeat(450)}${']]'.repeat(450)}`],
  ...[`${'{"a":'.repeat(5_000)}`, `${'{"time":'.repeat(490)}1${'}'.repeat(490)}`, '"unended'],
];
const FIELDS = ['time', 'status', 'session', 'set', 'path', 'agent', 'referer', 'method'];

it('loses one line by one odd value, whatever it is and whatever exception comes of it', async () => {
  const pattern = Object.fromEntries(FIELDS.map((field) => [field, field]));
  server.contract({ logs: { access: { path: 'a.log', pattern }, application: 'b.log' }, session: { cookie: 'SID' } });
  const good = {
    time: at(1) / 1000,
    status: 200,
    session: 'SID=abc',
    set: 'SID=abc; Path=/',
    path: '/cart',
    agent: FIREFOX,
    method: 'GET',
  };
  const odd = ODD_VALUES.flatMap((value) => FIELDS.map((field) => JSON.stringify({ ...good, [field]: '!' }).replace('"!"', () => value)));
  const lines = odd.flatMap((line) => [line, JSON.stringify(good)]).join('\n');
  server.write('a.log', `${lines}\n`);
  server.write('b.log', `${lines}\n`);
  const { output } = await server.run();
  const [, unread] = /^(\d+) of /.exec(output.gaps.find((gap) => gap.endsWith('the pattern')) ?? '') ?? [];
  const [, undated] = /^the time of (\d+) /.exec(output.gaps.find((gap) => gap.startsWith('the time')) ?? '') ?? [];
  expect(output.access?.lines).toBeGreaterThan(odd.length);
  expect((output.access?.lines ?? 0) + Number(unread) + Number(undated)).toBe(2 * odd.length);
  expect(output.application?.lines).toBeGreaterThan(odd.length);
});
