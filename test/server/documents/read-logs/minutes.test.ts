/** When and where requests failed, as the documents count it from the logs. */
import { afterAll, describe, expect, it } from 'vitest';
import { clf, FROM_MS, MINUTE_MS, plantServer } from './planted-server.ts';

const server = plantServer();
afterAll(() => server.remove());

const PATTERN = '%h %l %u %t "%r" %>s %b "%{User-Agent}i" "%{SID}C" "%{Set-Cookie}o"';
const line = (minute: number, path: string, status: number, { agent = 'Firefox', session = '-', sets = '-' } = {}) =>
  `203.0.113.7 - - ${clf(FROM_MS + minute * MINUTE_MS)} "GET ${path} HTTP/1.1" ${status} 512 "${agent}" "${session}" "${sets === '-' ? '-' : `SID=${sets}; Path=/`}"`;
const times = (count: number, text: string) => Array.from({ length: count }, () => text);

async function accessOf(lines: readonly string[], { pattern = PATTERN, parameters = {} } = {}) {
  server.contract({
    health: { loadBalancer: '/up', ready: '/ready' },
    logs: { access: { path: 'logs/access.log', pattern } },
    session: { cookie: 'SID' },
  });
  server.write('logs/access.log', `${lines.join('\n')}\n`);
  const { output } = await server.run(parameters, 'access-log');
  return output.access;
}

it('requests are counted by minute, path and status, without those of health checks', async () => {
  const access = await accessOf([
    line(3, '/cart?id=7', 200),
    ...times(5, line(3, '/up', 503)),
    ...times(5, line(4, '/ready?x', 503)),
    ...times(5, line(4, '/other', 503, { agent: 'kube-probe/1.29' })),
    line(5, '/cart', 304),
    ...times(2, line(5, '/api/orders/8341', 500)),
    ...times(3, line(5, '/login', 401)),
    line(6, '/api/orders/8342', 502),
  ]);
  expect(access).toMatchObject({
    minutes: ['0 1', '2 6 0 3 2', '3 1 0 0 1'],
    paths: ['/api/orders/* 500:2,502:1', '/login 401:3', '/cart 200:1,304:1'],
    errors: ['1 401 2:3', '0 500 2:2', '0 502 3:1'],
    errorsCut: false,
  });
});

it('a session that was lost counts once, where it was, and one that clients alone named in no path', async () => {
  const known = { session: 'aaaa0000aaaa0000' };
  const access = await accessOf([
    line(1, '/', 200, { sets: known.session }),
    line(2, '/account', 200, known),
    line(9, '/account', 302, { ...known, sets: 'bbbb0000bbbb0000' }),
    line(10, '/account', 302, { ...known, sets: 'cccc0000cccc0000' }),
    line(10, '/cart', 302, { session: 'dddd0000dddd0000', sets: 'eeee0000eeee0000' }),
  ]);
  expect(access).toMatchObject({
    minutes: ['0 1', '1 1', '8 1 1', '9 2 2'],
    paths: ['/account 0:1,200:1,302:2', '/ 200:1', '/cart 302:1'],
    showsLost: true,
  });
});

describe('an app with a name of its own', () => {
  const APP = { agent: 'Shop/4.2 (Android 15)' };
  /** What the app does, and what it is taken for: its requests count as people's, or they do not. */
  const came = async (lines: readonly string[]) => {
    const access = await accessOf(lines);
    return { agents: access?.created?.byAgent, counted: access?.minutes?.reduce((sum, row) => sum + Number(row.split(' ')[1]), 0) };
  };
  const each = (count: number, of: (at: number) => readonly string[]) => Array.from({ length: count }, (_, at) => of(at)).flat();
  const id = (at: number) => `${'abcd'.repeat(4)}${at}`;
  const newAtEach = each(12, (at) => [line(at, '/', 200, { ...APP, sets: id(at) })]);
  const sentAway = each(12, (at) => [line(at, '/account', 302, APP)]);
  const post = (path: string) => line(1, path, 302, APP).replace('"GET', '"POST');

  it.each([
    ['a session with each request, of which it sends none', newAtEach, { script: 12 }],
    ['the page where users log in with each request, and no session', sentAway, {}],
  ])('that gets %s is a script', async (_, lines, agents) => {
    expect(await came(lines)).toEqual({ agents, counted: 0 });
  });

  it.each([
    ['sends one of them', [...newAtEach, line(20, '/', 200, { ...APP, session: id(3) })], 13],
    ['sends one that its server does not write down', [...sentAway, line(20, '/', 200, { ...APP, session: 'REDACTED' })], 13],
    ['logs in, though its session does not come back', [...sentAway, post('/login'), post('/anmelden')], 14],
    ['comes with a token, and gets no session', each(40, (at) => [line(at, '/api/orders', 200, APP)]), 40],
    ['has come a few times', newAtEach.slice(0, 9), 9],
    ['is sent away now and then', [...sentAway, ...each(14, (at) => [line(at, '/api/orders', 200, APP)])], 26],
  ])('that %s is people’s', async (_, lines, counted) => {
    const { agents, counted: all } = await came(lines);
    expect([Object.keys(agents ?? {}).filter((name) => name !== 'browser'), all]).toEqual([[], counted]);
  });

  it('is people’s in a log that does not show sessions', async () => {
    const access = await accessOf(sentAway, { pattern: PATTERN.replace(' "%{SID}C" "%{Set-Cookie}o"', '') });
    expect(access?.minutes?.[0]).toBe('0 1 1');
  });

  it('behaves so for itself: a browser that does it is a person’s', async () => {
    expect(await came(newAtEach.map((text) => text.replace(APP.agent, 'Mozilla/5.0 (X11; Linux) Firefox/140.0')))).toEqual({
      agents: { browser: 12 },
      counted: 12,
    });
  });
});

it('the paths with the most errors are shown, and the others as one; of errors the largest counts, and that there are more', async () => {
  const words = 'account admin app api asset blog cart chat css data docs edit faq feed file help home img info item job js list'.split(
    ' ',
  );
  const access = await accessOf([
    ...words.flatMap((word, place) => times(30 - place, line(1, `/${word}`, 200))),
    ...words.flatMap((word, place) => Array.from({ length: 10 }, (_, at) => line(2 + at, `/${word}`, 500 + (place % 4)))),
    ...times(7, line(20, '/list', 404)),
  ]);
  expect(access?.paths?.slice(0, 2)).toEqual(['/list 200:8,404:7,502:10', '/account 200:30,500:10']);
  expect(access?.paths).toHaveLength(21);
  // The three that are left: img and js have more requests than they.
  expect(access?.paths?.at(-1)).toBe(`other 200:${9 + 10 + 11},500:10,501:10,503:10`);
  expect(access?.errors?.[0]).toBe('0 404 19:7');
  expect(access?.errors?.flatMap((row) => row.split(','))).toHaveLength(200);
  expect(access?.errorsCut).toBe(true);
});

it('a log without paths has no counts of them, and one without sessions does not show what was lost', async () => {
  const access = await accessOf([`${clf(FROM_MS + MINUTE_MS)} 500`], { pattern: '%t %>s' });
  expect(access).toMatchObject({ minutes: ['0 1 0 0 1'], paths: [], errors: [], showsLost: false });
});

it('of a window of hours, the latest minutes are shown', async () => {
  const lines = Array.from({ length: 180 }, (_, minute) => line(minute, '/', 200));
  const access = await accessOf(lines, { parameters: { SSM_toMs: String(FROM_MS + 180 * MINUTE_MS) } });
  expect(access?.minutes).toHaveLength(120);
  expect([access?.minutes?.[0], access?.minutes?.at(-1)]).toEqual(['60 1', '179 1']);
});

it('lines of the application are counted by category and minute', async () => {
  server.contract({ logs: { application: 'logs/app.log' } });
  const at = (minute: number) => new Date(FROM_MS + minute * MINUTE_MS).toISOString();
  // The server knows by its environment that this is its store.
  server.environment({ SESSION_STORE_HOST: 'store.invalid', SESSION_STORE_PORT: '6390' });
  const refused = 'Error: connect ECONNREFUSED store.invalid:6390';
  server.write('logs/app.log', [...times(3, `${at(7)} ${refused}`), `${at(9)} ${refused}`, `${at(9)} INFO cart saved`].join('\n'));
  const { output } = await server.run({}, 'read-logs');
  const minute = FROM_MS / MINUTE_MS;
  expect(output.application).toMatchObject({
    storeConnection: 4,
    minutes: {
      storeConnection: [
        [minute + 7, 3],
        [minute + 9, 1],
      ],
    },
  });
});
