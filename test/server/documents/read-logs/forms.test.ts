/** Lines that are new since a time, by their forms: found in the noise of each logger, with nothing of a user or a secret in them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LINE_SAYS } from '../../../../functions/incidents/report/says-of-channels.ts';
import { FROM_MS, MINUTE_MS, type PlantedServer, plantServer } from './planted-server.ts';

let server: PlantedServer;
beforeEach(() => {
  server = plantServer();
  server.contract({ logs: { application: 'app.log' } });
});
afterEach(() => server.remove());

const SIGN_MINUTE = 50;
const SINCE = { SSM_newSinceMs: String(FROM_MS + SIGN_MINUTE * MINUTE_MS) };
const at = (minute: number) => FROM_MS + minute * MINUTE_MS;
const iso = (minute: number) => new Date(at(minute)).toISOString();
const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');
const clock = (minute: number) => iso(minute).slice(11, 19);

async function forms(lines: readonly string[] | Buffer) {
  server.write('app.log', lines instanceof Buffer ? lines : lines.join('\n'));
  const { output, ms } = await server.run(SINCE, 'read-logs');
  return { found: output.application?.forms ?? [], application: output.application, ms };
}

/** One line of each kind in each minute, whose numbers, names and ids differ from line to line. */
const usual = (line: (minute: number, number: number) => string, each = 6) =>
  Array.from({ length: 60 * each }, (_, number) => line(number / each, number));

interface Recorded {
  readonly errors: readonly { readonly of: string; readonly log: readonly string[] }[];
}
const recorded = (client: string): Recorded['errors'] =>
  (JSON.parse(readFileSync(fileURLToPath(new URL(`../../../corpus/words/${client}.json`, import.meta.url)), 'utf8')) as Recorded).errors;
/** The times that recordings have. */
const TIME = /\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d/;
/** A recorded entry, as if it had been written then. */
const restamped = (log: readonly string[], minute: number): string[] => {
  const [first = '', ...rest] = log;
  const time = iso(minute);
  if (TIME.test(first))
    return [first.replace(TIME, (_, between: string) => `${time.slice(0, 10)}${between}${time.slice(11, 19)}`), ...rest];
  return [`${time} ${first.replace(/^\d\d:\d\d:\d\d[.,]\d{3} /, '')}`, ...rest];
};

describe.each([
  ['spring', 'class removed', 'ClassNotFoundException'],
  ['lettuce', 'stopped', 'Connection refused'],
  ['redisson', 'full', 'RedisOutOfMemoryException'],
  ['django', 'class removed, Flask-Session', 'ModuleNotFoundError'],
  ['redis-py', 'became a replica', 'ReadOnlyError'],
  ['ioredis', 'cluster down', 'CLUSTERDOWN'],
  ['phpredis', 'wrong password', 'WRONGPASS'],
  ['laravel', 'another APP_KEY', 'The MAC is invalid'],
  ['node-redis', 'replica', 'READONLY'],
])('the errors that %s logged', (client, of, word) => {
  it(`are chronic but for a new one (${of})`, async () => {
    const all = recorded(client);
    const planted = all.find((error) => error.of === of)?.log ?? [];
    const noise = all.filter(({ log }) => !log.join('\n').includes(word)).slice(0, 4);
    const lines = Array.from({ length: 60 }, (_, minute) => [
      ...noise.flatMap(({ log }) => restamped(log, minute)),
      ...(minute >= 48 ? restamped(planted, minute + 0.5) : []),
    ]);
    const { found } = await forms(lines.flat());
    expect(found[0]).toMatchObject({ bad: true, minute: at(48) / MINUTE_MS });
    expect(found[0]?.text).toContain(word);
    expect(found[0]?.counts.every((count) => count > 0 && count < 4)).toBe(true);
    expect(found.every(({ minute }) => minute >= at(48) / MINUTE_MS)).toBe(true);
  });
});

/** As loggers write what is usual: nothing of it is new, whatever its numbers, names and ids. */
const NAMES = Array.from({ length: 60 }, (_, number) => `${'bcdfghklmn'[number % 10]}a${'rstvw'[number % 5]}o${'lmnprt'[number % 6]}`);
const USUAL: readonly (readonly [string, (minute: number, number: number) => string, error: (minute: number) => string])[] = [
  [
    'Spring with Logback',
    (minute, number) =>
      `${iso(minute)}  INFO 4711 --- [shop] [nio-8080-exec-${number % 10}] c.e.shop.Orders : order ${number}-a${number}f of user anna${number} took ${number % 900} ms`,
    (minute) => `${iso(minute)} ERROR 4711 --- [shop] [nio-8080-exec-3] c.e.shop.Payments : provider answered with an empty body`,
  ],
  [
    'Tomcat',
    (minute, number) =>
      `21-Nov-2026 ${clock(minute)}.${pad(number % 1000, 3)} INFO [http-nio-8080-exec-${number % 9}] com.example.Shop.buy basket ${number} for customer ${NAMES[number % NAMES.length]}`,
    (minute) =>
      `21-Nov-2026 ${clock(minute)}.001 SEVERE [http-nio-8080-exec-1] com.example.Payments.pay provider answered with an empty body`,
  ],
  [
    'pino',
    (minute, number) =>
      JSON.stringify({
        level: 30,
        time: at(minute),
        pid: 7,
        reqId: number.toString(36),
        req: { url: `/orders/${number}` },
        msg: 'request completed',
      }),
    (minute) =>
      JSON.stringify({
        level: 50,
        time: at(minute),
        pid: 7,
        err: { type: 'Error', stack: 'Error: x\n    at y' },
        msg: 'provider answered with an empty body',
      }),
  ],
  [
    'logrus',
    (minute, number) => `time="${iso(minute)}" level=info msg="served in ${number}ms" user=u${number}`,
    (minute) => `time="${iso(minute)}" level=error msg="provider answered with an empty body" user=anna`,
  ],
  [
    'Django',
    (minute, number) => `[21/Nov/2026 ${clock(minute)}] INFO [shop.views] user ${NAMES[number % NAMES.length]} opened /orders/${number}/`,
    (minute) => `[21/Nov/2026 ${clock(minute)}] ERROR [shop.pay] provider answered with an empty body`,
  ],
  [
    "nginx's error log",
    (minute, number) =>
      `2026/11/21 ${clock(minute)} [warn] 7#7: *${number} an upstream response is buffered to a temporary file /var/cache/${number}, client: 10.0.0.${number % 200}, request: "GET /img/${number}.jpg HTTP/1.1"`,
    (minute) => `2026/11/21 ${clock(minute)} [error] 7#7: *9 provider answered with an empty body, client: 10.0.0.9, server: shop.example`,
  ],
  [
    'Rails',
    (minute, number) =>
      `I, [${iso(minute).slice(0, 19)}.${pad(number, 6)} #${number}]  INFO -- : Completed 200 OK in ${number}ms (Views: ${number}.5ms)`,
    (minute) => `E, [${iso(minute).slice(0, 19)}.000001 #7] ERROR -- : provider answered with an empty body`,
  ],
];

describe.each(USUAL)('%s', (_name, line, error) => {
  it('shows one new error among lines that differ from each other', async () => {
    const lines = [...usual(line), ...[48, 49.5, 53, 58].map(error)].toSorted();
    const { found } = await forms(lines);
    expect(found.map(({ text }) => text)).toEqual([expect.stringContaining('provider answered with an empty body')]);
    expect(found[0]).toMatchObject({ bad: true, minute: at(48) / MINUTE_MS });
    expect(found[0]?.counts).toEqual([1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  });

  it('shows nothing where nothing is new', async () => {
    const { found, application } = await forms(usual(line));
    expect(application?.lines).toBe(360);
    expect(found).toEqual([]);
  });
});

/** As users have reported them: many lines of one form, and its level. */
it.each([
  [
    'benoitc/gunicorn#3136',
    (n: number) => `[2026-11-21 ${clock(50 + n)} +0000] [1637] [CRITICAL] WORKER TIMEOUT (pid:72${n}4)`,
    '[CRITICAL] WORKER TIMEOUT (pid:#)',
  ],
  [
    'openresty/openresty#829',
    (n: number) =>
      `2026/11/21 ${clock(50 + n)} [error] 3504#0: *86${n} upstream prematurely closed connection while reading response header from upstream, client: 192.0.2.${n}, request: "GET /people/cp${n}a HTTP/1.1"`,
    'upstream prematurely closed connection while reading response header from upstream',
  ],
  [
    'brettwooldridge/HikariCP#1905',
    (n: number) =>
      `${iso(50 + n)} WARN [main] com.zaxxer.hikari.pool.HikariPool - HikariPool-1 - Connection is not available, request timed out after 300${n}2ms.`,
    'Connection is not available, request timed out after #ms.',
  ],
])('shows what %s reports as one form', async (_source, line, text) => {
  const { found } = await forms([...usual((minute) => `${iso(minute)} fine`), ...[1, 2, 3, 4, 5].map(line)].toSorted());
  expect(found).toEqual([{ text: expect.stringContaining(text), bad: true, minute: at(51) / MINUTE_MS, counts: [1, 1, 1, 1, 1] }]);
});

it('says nothing about what is new where too little was read of the time before', async () => {
  const { application } = await forms([48, 49, 55].map((minute) => `${iso(minute)} ERROR new`));
  expect(application).not.toHaveProperty('forms');
});

it('shows a chronic line that comes many times as often', async () => {
  const chronic = usual((minute) => `${iso(minute)} WARN retrying the payment`, 1);
  const { found } = await forms([
    ...chronic,
    ...Array.from({ length: 200 }, (_, number) => `${iso(50 + number / 25)} WARN retrying the payment`),
  ]);
  expect(found.map(({ text }) => text)).toEqual(['WARN retrying the payment']);
});

const SECRETS = [
  ...['3BD6A1F00C4E4E0B9A7D5C2211EE4477', 's%3AJx8aZk3Lm9QwErTyUiOpAsDfGhJkLzXc.sig', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.abc'],
  ...[
    'anna.mueller@example.com',
    'hunter-two',
    'Tr0ub4dor',
    '192.168.7.9',
    '4111 1111 1111 1111',
    'AKIAIOSFODNN7EXAMPLE',
    'xoxb-abcdefghijk',
  ],
  ...['jmueller', 'de305d54-75b4-431b-adb2-eb6b9e546014', 'b2Vua2xhc3NkamZoc2FkamZoYXNqZGhm', 'ownSecretOfTheServer'],
];
it.each([
  'session %s expired',
  'login of user %s failed',
  'login failed for user %s',
  'password=%s rejected',
  'Cookie: JSESSIONID=%s; theme=dark',
  'GET /reset/%s?token=%s failed',
  'GET /shop;jsessionid=%s failed',
  'user=%s cannot pay',
  'AUTH %s refused',
  "no row for '%s'",
  'cannot open redis://app:%s@store:6379',
  'Authorization: Bearer %s',
  'username: %s, attempt 3',
])('shows nothing of a value in: %s', async (sentence) => {
  server.environment({ API_SECRET: 'ownSecretOfTheServer' });
  const errors = SECRETS.flatMap((secret) => [
    `${iso(52)} ERROR ${sentence.replaceAll('%s', secret)}`,
    JSON.stringify({ level: 50, time: at(53), msg: sentence.replaceAll('%s', secret), session: secret, cookie: `sid=${secret}` }),
    `${iso(54)} ERROR in main: failed`,
    'Traceback (most recent call last):',
    '  File "/srv/app/x.py", line 7, in y',
    `ValueError: ${sentence.replaceAll('%s', secret)}`,
  ]);
  const { found } = await forms([...usual((minute) => `${iso(minute)} fine`), ...errors]);
  expect(found.length).toBeGreaterThan(0);
  for (const { text } of found) for (const secret of SECRETS) expect(text).not.toContain(secret);
});

describe('a hostile log', () => {
  const planted = [51, 53, 55, 57].map((minute) => `${iso(minute)} ERROR provider answered with an empty body`);
  const shows = async (lines: readonly string[] | Buffer, { maybeCut = false } = {}) => {
    const { found, application, ms } = await forms(lines);
    // A slow machine reads a part of a hundred thousand, and says so.
    if (!maybeCut || !application?.partial) expect(found[0]?.text).toBe('ERROR provider answered with an empty body');
    expect(found.length).toBeLessThanOrEqual(12);
    for (const { text } of found) expect(text.length).toBeLessThanOrEqual(160);
    expect(ms).toBeLessThan(30_000);
  };

  it('has lines of a megabyte', async () => {
    await shows([
      ...Array.from({ length: 6 }, (_, number) => `${iso(40 + number)} ${'"a =1 {[\\'.repeat(130_000)}`),
      ...usual((minute) => `${iso(minute)} fine`),
      ...planted,
    ]);
  });

  it('is no UTF-8 and has control characters', async () => {
    const noise = usual(
      (minute, number) => `${iso(minute)} \u001b[31m\u0000\u202e${String.fromCodePoint(0x80 + number)}\u001b]0;x\u0007 fine`,
    );
    const bytes = Buffer.concat([Buffer.from([...noise, ''].join('\n'), 'latin1'), Buffer.from(planted.join('\n'))]);
    await shows(bytes);
  });

  it('has a hundred thousand forms', async () => {
    const word = (number: number) => number.toString(26).replaceAll(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '');
    const noise = Array.from(
      { length: 100_000 },
      (_, number) => `${iso((number / 100_000) * 60)} ${word(number)} ${word(number * 7)} ${word(number * 31)} ${word(number * 3)}`,
    );
    await shows([...noise, ...planted, ...planted].toSorted(), { maybeCut: true });
  });
});

/** What the first word of a row of the page's table is, by the condition that was recorded. */
const DECIDES: Readonly<Record<string, string>> = {
  'name not found': 'ENOTFOUND',
  'expired certificate': 'certificate',
  'out of connections': 'max number of clients',
  loading: 'LOADING ',
  'cluster down': 'MOVED ',
  full: 'command not allowed when used memory',
  'cannot save': 'MISCONF ',
};

it.each(['ioredis', 'node-redis', 'jedis', 'lettuce', 'redisson', 'redis-py', 'phpredis', 'phpredis-sessions'])(
  'the form of what %s logs decides the first step',
  async (client) => {
    const wrong: string[] = [];
    for (const { of, log } of recorded(client)) {
      const row = LINE_SAYS.find(([[word]]) => word === DECIDES[of]);
      // Some clients do not log why.
      if (!row?.[0].some((word) => log.join('\n').includes(word))) continue;
      const [form] = (await forms([...usual((minute) => `${iso(minute)} INFO started`, 1), ...restamped(log, SIGN_MINUTE + 1)])).found;
      const [words] = LINE_SAYS.find(([some]) => some.some((word) => form?.text.includes(word))) ?? [];
      if (words !== row[0]) wrong.push(`${of}: ${form?.text} -> ${words?.[0]}`);
    }
    expect(wrong).toEqual([]);
  },
);
