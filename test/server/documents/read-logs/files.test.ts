/** Which files are read, how much of them, and what never is. */
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FROM_MS, MINUTE_MS, type PlantedServer, plantServer } from './planted-server.ts';

let server: PlantedServer;
beforeEach(() => {
  server = plantServer();
});
afterEach(() => server.remove());

const PATTERN = '$time $status $session';
const line = (atMs: number, session: string, status = 200) => `${new Date(atMs).toISOString()} ${status} ${session}`;
const named = (path: string, pattern: string = PATTERN) =>
  server.contract({ logs: { access: { path, pattern } }, session: { cookie: 'SID' } });
const sessionOf = (index: number) => `session-${String(index).padStart(6, '0')}`;

it('follows rotated and compressed files as far as the window reaches', async () => {
  named('logs/access.log');
  const of = (hour: number) =>
    `${[10, 20, 30].map((minute) => line(FROM_MS + minute * MINUTE_MS - hour * 60 * MINUTE_MS, `s-${hour}-${minute}`)).join('\n')}\n`;
  const end = FROM_MS + 60 * MINUTE_MS;
  server.write('logs/access.log', `${line(FROM_MS + 50 * MINUTE_MS, 'latest')}\n`, end);
  server.write('logs/access.log.1', of(0), end - 10 * MINUTE_MS);
  server.write('logs/access.log.2.gz', gzipSync(`${of(1)}${line(FROM_MS + MINUTE_MS, 'first')}\n`), FROM_MS + 2 * MINUTE_MS);
  server.write('logs/access.log.3.gz', gzipSync(of(2)), FROM_MS - 60 * MINUTE_MS);
  server.write('logs/access.log.secret', line(end, 'not a rotated file'), end);
  const { output } = await server.run();
  expect(output.access).toMatchObject({ lines: 5, fromMs: FROM_MS + MINUTE_MS, toMs: FROM_MS + 50 * MINUTE_MS });
  expect(output.access).not.toHaveProperty('partial');
  expect(output.gaps).toEqual([]);
});

it('reads a log that was cut while its server went on behind the NULs, and no line that is half written', async () => {
  named('access.log');
  const lines = [1, 2, 3].map((minute) => line(FROM_MS + minute * MINUTE_MS, `s-${minute}`));
  server.write('access.log.1', `${lines[0]}\n`, FROM_MS + 2 * MINUTE_MS);
  server.write('access.log', `${'\0'.repeat(20_000)}${lines[1]}\n${lines[2]?.slice(0, -1)}`);
  const { output } = await server.run();
  expect(output.access).toMatchObject({ lines: 2, withSession: 2 });
  expect(output.gaps).toEqual([]);
});

it('says that a pattern without the session cookie shows nobody who lost a session', async () => {
  named('access.log', '$time $status');
  server.write('access.log', `${new Date(FROM_MS + MINUTE_MS).toISOString()} 200\n`);
  const { output } = await server.run();
  expect(output.access).toMatchObject({ lines: 1, withSession: null });
  expect(output.gaps).toEqual([
    'logs.access.pattern has no field for the session cookie: nobody who lost a session is seen in the access log',
  ]);
});

it('finds the file of the day where the name has a date in it', async () => {
  named('logs/localhost_access_log.*.txt');
  server.write('logs/localhost_access_log.2026-11-21.txt', `${line(FROM_MS + MINUTE_MS, 'a')}\n`);
  server.write('logs/localhost_access_log.2026-11-20.txt', `${line(FROM_MS - 9 * 60 * MINUTE_MS, 'b')}\n`, FROM_MS - 60 * MINUTE_MS);
  expect((await server.run()).output.access).toMatchObject({ lines: 1 });
});

it('reads at most 20 MB, the latest ones, and says so', async () => {
  named('access.log');
  const filler = 'x'.repeat(400);
  const rows = Array.from({ length: 60_000 }, (_, index) => `${line(FROM_MS + index * 50, sessionOf(index % 5_000))} ${filler}`);
  server.write('access.log', `${rows.join('\n')}\n`);
  server.write('access.log.1', `${line(FROM_MS, 'older')}\n`, FROM_MS + MINUTE_MS);
  const { output, stdout, ms } = await server.run();
  expect(output.access?.lines).toBeGreaterThan(40_000);
  expect(output.access?.lines).toBeLessThan(50_000);
  expect(output.access?.toMs).toBe(FROM_MS + 59_999 * 50);
  expect(output.gaps).toContain('access.log.1: older than the 20 MB that are read');
  expect(output.access).toMatchObject({ allSessions: false, partial: true });
  expect(output.access?.sessions.length).toBeGreaterThan(400);
  expect(stdout.length).toBeLessThan(24_000);
  expect(ms).toBeLessThan(11_000);
});

it('answers as far as there is room, without what shows least, and says what that is', async () => {
  server.contract({
    logs: { access: { path: 'access.log', pattern: '$time $status $session $answered "$path"' } },
    session: { cookie: 'SID' },
  });
  const days = 6 * 24 * 60;
  const at = (minute: number, index: number) => new Date(FROM_MS - days * MINUTE_MS + minute * MINUTE_MS + index).toISOString();
  // Sessions of any age, each with several routes of long names, on pages of long names.
  const rows = Array.from({ length: 2_000 }, (_, index): [number, string][] => {
    const routed = (route: number) => `${String(index).padStart(32, 'A')}.${'server-'.repeat(7)}${(index + route) % 39}`;
    const page = `/${'notifications/'.repeat(index % 4)}${['users', 'items', 'carts'][index % 3]}/${index}`;
    const given = [0, 1, 2, 3, 4].map((route): [number, string] => [route, `${200 + (index % 90)} - ${routed(route)} "GET ${page}"`]);
    const all = [...given, [5 + ((index * 7) % (days - 200)), `302 ${routed(0)} - "GET /account"`] as const];
    return all.map(([minute, text]) => [minute, `${at(minute, index)} ${text}\n`]);
  }).flat();
  const text = rows.toSorted(([one], [other]) => one - other).map(([, row]) => row);
  server.write('access.log', text.join(''));
  const { output, stdout } = await server.run({ SSM_fromMs: String(FROM_MS - days * MINUTE_MS) }, 'access-log');
  expect(stdout.length).toBeLessThan(23_100);
  expect(output.access).toMatchObject({ lines: 12_000, allSessions: false });
  expect(output.access?.sessions.length).toBeGreaterThan(120);
  expect(output.gaps).toEqual([`the answer has room for ${output.access?.sessions.length} of the 500 sessions of its sample`]);
});

it('samples the same sessions on every server', async () => {
  named('access.log');
  const sampled = async (from: number, to: number) => {
    const rows = Array.from({ length: to - from }, (_, index) => line(FROM_MS + index, sessionOf(from + index)));
    server.write('access.log', `${rows.join('\n')}\n`);
    return ((await server.run()).output.access?.sessions ?? []).map((row) => row.slice(0, 12));
  };
  const [one, two] = [await sampled(0, 3_000), await sampled(1_500, 4_500)];
  const limit = [one.at(-1) ?? '', two.at(-1) ?? ''].toSorted()[0] ?? '';
  const common = one.filter((hash) => hash <= limit && two.includes(hash)).length;
  // Half of each server's sessions are the other's too.
  expect(common / one.filter((hash) => hash <= limit).length).toBeGreaterThan(0.4);
});

describe('a path that leads elsewhere', () => {
  const SECRET = 'root-only-secret';
  it.each([
    ['/etc/passwd', 'is neither below HOLDFAST_DATA nor in a folder named log or logs'],
    ['/var/log/../../etc/passwd', "has .., or * in a folder's name"],
    ['../etc/instance.env', "has .., or * in a folder's name"],
    ['logs*/access.log', "has .., or * in a folder's name"],
  ])('%s is refused', async (path, sentence) => {
    named(path);
    expect((await server.run()).output.gaps).toContain(`logs.access ${sentence}`);
  });

  it('does not read what is in a folder of Holdfast', async () => {
    server.write(join(server.root, 'logs/access.log'), SECRET);
    named(join(server.root, 'logs/access.log'));
    expect((await server.run()).output.gaps).toContain("logs.access is in Holdfast's own folder");
  });

  it('does not follow a link of the application to another folder, or to a file in one', async () => {
    mkdirSync(join(server.root, 'elsewhere'));
    writeFileSync(join(server.root, 'elsewhere/access.log'), `${line(FROM_MS + MINUTE_MS, SECRET)}\n`);
    symlinkSync(join(server.root, 'elsewhere'), join(server.data, 'logs'));
    named('logs/access.log');
    const folder = await server.run();
    expect(folder.output).not.toHaveProperty('access');
    symlinkSync(join(server.root, 'elsewhere/access.log'), join(server.data, 'linked.log'));
    named('linked.log');
    const file = await server.run();
    expect(file.output).toMatchObject({ access: { lines: 0 }, gaps: expect.arrayContaining(['linked.log: is a link to another folder']) });
  });

  it('does not read a file that has a second name, a folder or a pipe', async () => {
    writeFileSync(join(server.root, 'other'), `${line(FROM_MS + MINUTE_MS, SECRET)}\n`);
    linkSync(join(server.root, 'other'), join(server.data, 'access.log'));
    mkdirSync(join(server.data, 'access.log.1'));
    named('access.log');
    expect((await server.run()).output).toMatchObject({
      access: { lines: 0 },
      gaps: expect.arrayContaining(['access.log: is not a file of its own', 'access.log.1: is not a file of its own']),
    });
  });

  it('follows a link to the current file in the same folder', async () => {
    server.write('access.2026-11-21.log', `${line(FROM_MS + MINUTE_MS, 'a')}\n`);
    symlinkSync('access.2026-11-21.log', join(server.data, 'access.log'));
    named('access.log');
    expect((await server.run()).output.access).toMatchObject({ lines: 1 });
  });
});

it('goes on without what is damaged, binary or of another format, and says so', async () => {
  named('access.log');
  server.write(
    'access.log',
    `${line(FROM_MS + MINUTE_MS, 'a')}\n\u0000\u0001nonsense\n${'y'.repeat(9_000)}\n${line(FROM_MS + MINUTE_MS, 'b')}\n${line(FROM_MS + MINUTE_MS, 'half')}`,
  );
  server.write('access.log.1.gz', Buffer.from('no gzip at all'), FROM_MS + MINUTE_MS);
  const { output } = await server.run();
  expect(output.access).toMatchObject({ lines: 2, partial: true });
  expect(output.gaps).toEqual(
    expect.arrayContaining(['access.log.1.gz: damaged', '2 of 4 lines of the access log do not have the pattern']),
  );
});

it('reads lines of any length, also over several blocks; without one that is longer than all that is read, counts are not whole', async () => {
  const json = { time: 'time', status: 'status', session: 'session' };
  const long = (minute: number, length: number) =>
    JSON.stringify({
      body: 'x'.repeat(length),
      time: new Date(FROM_MS + minute * MINUTE_MS).toISOString(),
      status: '200',
      session: `s-${minute}`,
    });
  server.contract({ logs: { access: { path: 'access.log', pattern: json }, application: 'app.log' }, session: { cookie: 'SID' } });
  const lengths = [1, 9_000, 2, 1_048_576, 3, 3_000_000, 5_000, 1_048_400, 4];
  const lines = lengths.map((length, at) => long(at + 1, length));
  server.write('access.log', `${lines.join('\n')}\n`);
  server.write('access.log.1.gz', gzipSync(`${lines.join('\n')}\n`));
  const error = (length: number) =>
    `${JSON.stringify({ time: FROM_MS + 1, level: 'error', stack: 'x'.repeat(length), msg: 'redis: connection refused' })}\n`;
  server.write('app.log', error(1) + error(9_000) + error(2_000_000));
  const { output } = await server.run();
  expect(output).toMatchObject({ access: { lines: 18, withSession: 18 }, application: { lines: 3 }, gaps: [] });
  expect(output.access).not.toHaveProperty('partial');

  server.write('access.log', `${long(1, 21 * 1024 * 1024)}\n${long(2, 1)}\n`);
  expect((await server.run()).output).toMatchObject({ access: { lines: 1, partial: true } });
});

describe('what is not whole', () => {
  /** Long lines: of the size alone it depends what is read. */
  const filler = 'x'.repeat(4_000);
  const rows = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => `${line(FROM_MS + from * MINUTE_MS + index, sessionOf(index))} ${filler}\n`).join('');

  it('is a log that goes on before the part that is read, if that is in the time that is asked for', async () => {
    named('access.log');
    server.write('access.log', rows(1, 5_300));
    expect((await server.run()).output.access).toMatchObject({ partial: true });
    // The end has all of the last half hour.
    server.write('access.log', rows(-600, 5_300) + rows(31, 20));
    const { output } = await server.run();
    expect(output.access).toMatchObject({ lines: 20 });
    expect(output.access).not.toHaveProperty('partial');
  });

  it('is a compressed file of which only the end is read', async () => {
    named('access.log');
    server.write('access.log.1.gz', gzipSync(rows(1, 5_300), { level: 1 }));
    expect((await server.run()).output.access).toMatchObject({ partial: true });
  });

  it('is a log of which many lines are of another kind', async () => {
    named('access.log');
    const others = (count: number) => Array.from({ length: count }, () => 'another program\n').join('');
    server.write('access.log', `${line(FROM_MS + MINUTE_MS, 'a')}\n`.repeat(90) + others(10));
    expect((await server.run()).output.access).not.toHaveProperty('partial');
    server.write('access.log', `${line(FROM_MS + MINUTE_MS, 'a')}\n`.repeat(90) + others(11));
    expect((await server.run()).output.access).toMatchObject({ lines: 90, partial: true });
  });
});

it('says what is missing without a release, a contract or a log', async () => {
  expect((await server.run()).output).toMatchObject({
    release: '1.0.0',
    gaps: expect.arrayContaining(["the release's contract names no logs.access"]),
  });
  named('logs/access.log');
  expect((await server.run()).output.gaps).toContain('logs.access: No such file or directory');
});
