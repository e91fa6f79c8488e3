/** What a real Tomcat writes into its access log, and what is normal there. */
import { afterAll, describe, expect, it } from 'vitest';
import { clf, FROM_MS, MINUTE_MS, plantServer } from './planted-server.ts';

const server = plantServer();
afterAll(() => server.remove());

const PATTERN = '%h %t "%r" %s %b %{JSESSIONID}c %S';
const id = (number: number) => `3BD6A1F00C4E4E0B9A7D5C2211E${String(number).padStart(5, '0')}`;
type Line = readonly [request: string, status: number, named: string, answered: string];

async function read(lines: readonly Line[], cookie = 'JSESSIONID') {
  server.contract({ logs: { access: { path: 'a.log', pattern: PATTERN.replace('JSESSIONID', cookie) } }, session: { cookie } });
  const text = lines.map(
    ([request, status, named, answered], index) =>
      `10.0.0.1 ${clf(FROM_MS + MINUTE_MS + index * 1_000)} "${request} HTTP/1.1" ${status} 17 ${named} ${answered}\n`,
  );
  server.write('a.log', text.join(''));
  return (await server.run()).output;
}
const lostOf = (rows: readonly string[] | undefined) => (rows ?? []).filter((row) => row.endsWith('!')).length;

describe('a login, which changes the id of the session', () => {
  const visits = Array.from({ length: 20 }, (_, user): Line[] => {
    const [before, after] = [`${id(user)}.node1`, `${id(100 + user)}.node1`];
    return [
      ['GET /login', 200, '-', before],
      ['POST /login', 302, before, after],
      ['GET /account', 200, after, after],
      ['GET /logout', 302, after, '-'],
    ];
  }).flat();

  it('replaces and loses no session, and neither does a logout', async () => {
    const { access, route } = await read(visits);
    expect(access).toMatchObject({ withSession: 60, replaced: 0, created: { byAgent: { unknown: 20 } } });
    expect([lostOf(access?.sessions), route, access?.foreignRoute]).toEqual([0, 'node1', 0]);
  });

  it('by a link of any name is none while others go on, and else is not known', async () => {
    const stay: Line[] = [9, 9].map(() => ['GET /account', 200, id(999), id(999)]);
    const refused: Line[] = [1, 2].map(() => ['GET /account', 302, '-', '-']);
    const users = visits.map((line): Line => (line[0] === 'GET /logout' ? ['GET /raus', 302, line[2], '-'] : line));
    const others = [['POST /login', 302, '-', id(999)] as Line, ...stay, ...refused, ...users];
    const alive = await read([...others, ...stay]);
    expect([lostOf(alive.access?.sessions), alive.gaps.filter((gap) => gap.includes('link'))]).toEqual([0, []]);
    const emptied = await read([
      ...others.filter(([request]) => request !== 'GET /raus'),
      ...users.filter(([request]) => request === 'GET /raus'),
    ]);
    expect([lostOf(emptied.access?.sessions), emptied.gaps]).toEqual([
      0,
      ['20 requests by a link that only ends sessions ended one, and the access log does not show whether their users logged out'],
    ]);
  });

  it.each(['POST /j_security_check', 'GET /login/oauth2/code/idp?code=s3cret&state=x', 'POST /saml2/acs'])('by %s too', async (request) => {
    const { access } = await read([[request, 302, `${id(1)}.node1`, `${id(2)}.node1`]]);
    expect([access?.replaced, lostOf(access?.sessions)]).toEqual([0, 0]);
  });

  it('is no excuse for a session that is gone when its user comes back', async () => {
    const { access } = await read([
      ['GET /', 200, '-', `${id(1)}.node1`],
      ['GET /account', 302, `${id(1)}.node1`, `${id(2)}.node1`],
    ]);
    expect([access?.replaced, lostOf(access?.sessions)]).toEqual([1, 1]);
  });
});

it('takes of several cookies of one name the one that the server knew', async () => {
  const lines = Array.from({ length: 10 }, (): Line => ['GET /shop', 200, `${id(1)}.node1,${id(2)}.node1`, `${id(2)}.node1`]);
  const { access } = await read(lines);
  expect(access).toMatchObject({ withSession: 10, replaced: 0, created: { byAgent: {} } });
  expect(access?.sessions).toHaveLength(1);
});

it.each(['ip-10-0-1-5.eu-west-1.compute.internal', '10.0.1.5', '1'])('reads the route %s, as a Tomcat can have it', async (route) => {
  const { access, route: own } = await read([
    ['GET /', 200, '-', `${id(1)}.${route}`],
    ['GET /', 200, `${id(2)}.${route}`, `${id(2)}.${route}`],
    ['GET /', 200, `${id(2)}.other`, `${id(2)}.${route}`],
  ]);
  expect([own, access?.routes, access?.sessions.length]).toEqual([route, [route], 2]);
});

it('reads the session from a URL, by the name that the application gives it', async () => {
  const line = (name: string): Line => [`GET /cart;${name}=${id(1)}.node1?x=1`, 200, '-', `${id(1)}.node1`];
  for (const [name, cookie] of [
    ['jsessionid', 'JSESSIONID'],
    ['SHOPID', 'SHOPID'],
  ] as const) {
    const { access } = await read([line(name)], cookie);
    expect(access).toMatchObject({ withSession: 1, replaced: 0 });
  }
});

it('counts no attribute that Tomcat cannot save when it stops as a session that cannot be read', async () => {
  server.contract({ logs: { application: 'catalina.out' } });
  const stop = Array.from({ length: 10 }, () => [
    '21-Nov-2026 20:16:57.226 WARNING [main] org.apache.catalina.session.StandardSession.doWriteObject Cannot serialize session attribute [cart] for session [3BD6]',
    '\tjava.io.NotSerializableException: com.example.Cart',
    '\t\tat java.base/java.io.ObjectOutputStream.writeObject0(ObjectOutputStream.java:1184)',
  ]).flat();
  const read =
    '21-Nov-2026 20:17:57.226 SEVERE [exec-1] o.a.c.c.StandardWrapperValve threw exception [SerializationException: Cannot deserialize]';
  server.write('catalina.out', `${[...stop, read].join('\n')}\n`);
  expect((await server.run()).output.application).toMatchObject({ serialization: 1 });
});

it.each([
  ['NOREPLICAS Not enough good replicas to write.', 'readOnly'],
  ['MISCONF Valkey is configured to save RDB snapshots, but is unable to persist to disk.', 'readOnly'],
  ['CLUSTERDOWN The cluster is down', 'storeConnection'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'outOfMemory'],
])('counts %s', async (text, category) => {
  server.contract({ logs: { application: 'app.log' } });
  server.write('app.log', `2026-11-21T20:10:00.000Z ERROR o.s.d.r.RedisSystemException: ${text}\n`);
  expect((await server.run()).output.application).toMatchObject({ [category]: 1 });
});
