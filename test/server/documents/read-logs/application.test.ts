/** The application's own log by category, the store as the server reaches it, and the session cookie's attributes. */
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FULL } from '../../../e2e/full-run.ts';
import { FROM_MS, MINUTE_MS, type PlantedServer, plantServer } from './planted-server.ts';

let server: PlantedServer;
beforeEach(() => {
  server = plantServer();
});
afterEach(() => server.remove());

/** With the document alone that reads the application's log, the store and the cookie. */
const run = () => server.run({}, 'read-logs');
const at = (minute: number) => FROM_MS + minute * MINUTE_MS;
const iso = (minute: number) => new Date(at(minute)).toISOString();

it('counts lines by what they are about, without printing any', async () => {
  server.contract({ logs: { application: 'logs/app.log' } });
  server.write(
    'logs/app.log',
    [
      `${iso(-30)} session store: ECONNREFUSED`,
      `${iso(1)} listening on 8080`,
      `${iso(2)} session store: ECONNREFUSED 10.0.0.9 for anna`,
      `${iso(3)} ERROR io.lettuce.core.RedisCommandTimeoutException: Command timed out after 1 second(s)`,
      '\tat io.lettuce.core.internal.ExceptionFactory.createTimeoutException(ExceptionFactory.java:63)',
      `${iso(3.5)} request failed: WRONGPASS invalid username-password pair or user is disabled.`,
      `${iso(4)} READONLY You can't write against a read only replica.`,
      `${iso(5)} ReplyError: OOM command not allowed when used memory > 'maxmemory'.`,
      `${iso(6)} SerializationException: Cannot deserialize; nested exception is java.io.InvalidClassException: com.example.Cart`,
      `${iso(6.5)} Failed to deserialize session attribute cart: java.io.InvalidClassException: com.example.Cart`,
      `${iso(7)} session 3BD6A1F00C4E4E0B9A7D5C2211EE4477 has expired`,
      `${iso(90)} session store: ECONNREFUSED`,
    ].join('\n'),
  );
  const { output, stdout } = await server.run();
  expect(output.application).toEqual({
    lines: 9,
    storeConnection: 3,
    readOnly: 1,
    outOfMemory: 1,
    serialization: 2,
    decryption: 0,
    sessionTimeout: 1,
    firstMs: { storeConnection: at(2), readOnly: at(4), outOfMemory: at(5), serialization: at(6), sessionTimeout: at(7) },
    lastMs: { storeConnection: at(3.5), readOnly: at(4), outOfMemory: at(5), serialization: at(6.5), sessionTimeout: at(7) },
    minutes: expect.objectContaining({
      storeConnection: [
        [at(2) / 60_000, 1],
        [at(3) / 60_000, 2],
      ],
      readOnly: [[at(4) / 60_000, 1]],
    }),
  });
  for (const raw of ['anna', '10.0.0.9', '3BD6', 'Cart']) expect(stdout).not.toContain(raw);
});

it('says so when lines have no time', async () => {
  server.contract({ logs: { application: 'app.log' } });
  server.write('app.log', 'session store: ECONNREFUSED\n');
  expect((await run()).output).toMatchObject({
    application: { lines: 0, storeConnection: 0, partial: true, undated: true },
    gaps: expect.arrayContaining(["1 lines of the application's log have no time and are not counted"]),
  });
});

it('reads lines of JSON, by the time that each of them names', async () => {
  server.contract({ logs: { application: 'app.log' } });
  const refused = 'session store: ECONNREFUSED';
  server.write(
    'app.log',
    [
      JSON.stringify({ level: 50, time: at(1), msg: refused }),
      JSON.stringify({ '@timestamp': iso(2), message: refused, stack: 'Error: x\n    at y' }),
      JSON.stringify({ timestamp: at(3) / 1_000, message: refused }),
      JSON.stringify({ ts: new Date(at(4)).toISOString(), msg: refused }),
      JSON.stringify({ instant: { epochSecond: at(5) / 1_000, nanoOfSecond: 1 }, message: refused }),
      JSON.stringify({ time: iso(-30), msg: refused }),
      // A client's text, in a field of another name.
      JSON.stringify({ time: iso(6), path: '/x', body: { time: iso(-50) }, msg: 'fine' }),
    ].join('\n'),
  );
  const { output } = await run();
  expect(output.application).toMatchObject({
    lines: 6,
    storeConnection: 5,
    firstMs: { storeConnection: at(1) },
    lastMs: { storeConnection: at(5) },
  });
  expect(output.application).not.toHaveProperty('undated');
  expect(output.gaps).not.toContainEqual(expect.stringContaining('no time'));
});

it('takes a log of JSON without times for one that shows nothing', async () => {
  server.contract({ logs: { application: 'app.log' } });
  server.write('app.log', Array.from({ length: 30 }, () => JSON.stringify({ msg: 'session store: ECONNREFUSED' })).join('\n'));
  expect((await run()).output).toMatchObject({ application: { lines: 0, partial: true, undated: true } });
});

it('reads a stack trace at the begin of what is read without giving the log up', async () => {
  server.contract({ logs: { application: 'app.log' } });
  server.write('app.log', ['\tat a.b.c(D.java:1)', ...Array.from({ length: 30 }, (_, minute) => `${iso(minute)} fine`)].join('\n'));
  const { application } = (await run()).output;
  expect(application).not.toHaveProperty('partial');
});

describe("a client's text in the application's log", () => {
  const refused = Array.from({ length: 5 }, (_, minute) => `${iso(minute + 1)} session store: ECONNREFUSED`);

  it.each(['2026-13-01T00:00:00Z', '[01/Jan/0000:00:00:00 +0000]', '0000-01-01T00:00:00Z'])(
    'takes a line that begins with %s for one without a time',
    async (time) => {
      server.contract({ logs: { application: 'app.log' } });
      server.write('app.log', [...refused, `${time} as a client wrote it`].join('\n'));
      expect((await run()).output).toMatchObject({ application: { storeConnection: 5 } });
    },
  );

  it('reads on behind an old time that a client put at the begin of a line', async () => {
    server.contract({ logs: { application: 'app.log' } });
    const calm = Array.from({ length: 12_000 }, () => `${iso(30)} ${'x'.repeat(100)}`);
    server.write('app.log', [`${iso(2)} session store: ECONNREFUSED`, ...calm, '2001-01-01T00:00:00Z GET /', `${iso(31)} calm`].join('\n'));
    expect((await run()).output.application).toMatchObject({ storeConnection: 1 });
  });

  it('takes no long time over a text that repeats what is looked for', async () => {
    server.contract({ logs: { application: 'app.log' } });
    const hostile = ['session'.repeat(300), 'redis'.repeat(400)].flatMap((path) => Array(20).fill(`${iso(30)} GET /${path}`));
    server.write('app.log', [...refused, ...hostile].join('\n'));
    const { output } = await run();
    expect(output).toMatchObject({ application: { storeConnection: 5 } });
    // Twenty lines took 20 s, and the log was given up after ten.
    expect(output.gaps.filter((gap) => gap.includes("application's log"))).toEqual([]);
  });

  it.runIf(FULL)('leaves room for the access log, and says that it was not read to the end', async () => {
    server.contract({ logs: { application: 'app.log', access: { path: 'access.log', pattern: 'common' } } });
    const filler = `${iso(30)} GET /${'x'.repeat(4_000)}\n`;
    server.write('app.log', [...refused, ''].join('\n') + filler.repeat(5_500));
    server.write('access.log', `10.0.0.1 - - [21/Nov/2026:20:10:00 +0000] "GET / HTTP/1.1" 200 5\n`);
    const { output } = await server.run();
    expect(output.application).toMatchObject({ storeConnection: 0, partial: true });
    expect(output.access).toMatchObject({ lines: 1 });
  });
});

describe('the store as the server reaches it', () => {
  const answering = (text: string) =>
    new Promise<{ port: number; stop: () => void }>((resolve) => {
      const store = createServer((socket) => void socket.once('data', () => socket.end(text)).on('error', () => {}));
      store.listen(0, '127.0.0.1', () => resolve({ port: (store.address() as AddressInfo).port, stop: () => void store.close() }));
    });
  it.each([
    ['+PONG\r\n', { reachable: true }],
    ['-NOAUTH Authentication required.\r\n', { reachable: true, loginUntried: true }],
    ['-NOPERM this user has no permissions to run the ping command\r\n', { reachable: true, loginUntried: true }],
    ['-LOADING Redis is loading the dataset in memory\r\n', { reachable: true, error: 'LOADING' }],
    ['HTTP/1.1 400 Bad Request', { reachable: true, error: "an answer that is not a store's" }],
    ['', { reachable: false, error: 'it closed the connection' }],
  ])('answers %j', async (text, view) => {
    const { port, stop } = await answering(text);
    server.environment({ SESSION_STORE_HOST: '127.0.0.1', SESSION_STORE_PORT: String(port), SESSION_STORE_TLS: 'false' });
    expect((await run()).output.store).toEqual(view);
    stop();
  });

  it('is unreachable under a name that is not found', async () => {
    server.environment({ SESSION_STORE_HOST: 'store.invalid', SESSION_STORE_PORT: '6379', SESSION_STORE_TLS: 'true' });
    expect((await run()).output.store).toEqual({ reachable: false, error: expect.stringMatching(/^(ENOTFOUND|ETIMEDOUT): /) });
  });

  it('is the one that the last line of the environment names, as for the application', async () => {
    server.environment({ SESSION_STORE_HOST: '127.0.0.1', SESSION_STORE_TLS: 'false', SESSION_STORE_PORT: '2"\nSESSION_STORE_PORT="1' });
    expect((await run()).output.store).toEqual({ reachable: false, error: 'ECONNREFUSED: Connection refused' });
    server.environment({
      SESSION_STORE_HOST: 'store.invalid"\nSESSION_STORE_HOST="127.0.0.1',
      SESSION_STORE_PORT: '1',
      SESSION_STORE_TLS: 'false',
    });
    expect((await run()).output.store).toEqual({ reachable: false, error: 'ECONNREFUSED: Connection refused' });
  });

  it('is unreachable where nothing listens', async () => {
    server.environment({ SESSION_STORE_HOST: '127.0.0.1', SESSION_STORE_PORT: '1', SESSION_STORE_TLS: 'true' });
    expect((await run()).output.store).toEqual({ reachable: false, error: 'ECONNREFUSED: Connection refused' });
  });
});

describe('the session cookie', () => {
  const SECRET = 's3cret-session-value';
  /** Cookies of the sessions that it is asked to end. */
  let ended: (string | undefined)[];
  let endStatus = 204;
  const serve = async (
    cookie: (request: { cookie: string | undefined; protocol: unknown }) => string | readonly string[] | undefined,
    session = {},
  ) => {
    ended = [];
    const page: Server = createHttpServer((request, response) => {
      if (request.url === '/end') {
        ended.push(request.headers.cookie);
        return void response.writeHead(endStatus).end();
      }
      const header = cookie({ cookie: request.headers.cookie, protocol: request.headers['x-forwarded-proto'] });
      if (header !== undefined) response.setHeader('Set-Cookie', ['theme=dark; Path=/', header].flat());
      response.end('hello');
    });
    await new Promise<void>((resolve) => void page.listen(0, '127.0.0.1', resolve));
    server.contract({ port: (page.address() as AddressInfo).port, session: { cookie: 'SID', page: '/begin', ...session } });
    const { output, stdout } = await run();
    page.close();
    expect(stdout).not.toContain(SECRET);
    return output;
  };

  it('has its attributes read, and slides when it is set again', async () => {
    const output = await serve(() => `SID=${SECRET}; Path=/; Max-Age=1800; HttpOnly; SameSite=Strict`);
    expect(output.cookie).toEqual({ name: 'SID', maxAgeSeconds: 1800, sameSite: 'Strict', secure: false, httpOnly: true, slides: true });
  });

  it('does not slide when only its first answer sets it; Expires counts like Max-Age', async () => {
    const output = await serve(({ cookie }) =>
      cookie ? undefined : `SID=${SECRET}; Expires=${new Date(Date.now() + 600_000).toUTCString()}; SameSite=Lax`,
    );
    expect(output.cookie).toMatchObject({ sameSite: 'Lax', httpOnly: false, slides: false });
    expect(Math.abs((output.cookie?.maxAgeSeconds ?? 0) - 600)).toBeLessThanOrEqual(1);
  });

  it('is secure where plain HTTP gets none, and its sliding is unknown where each answer begins a session', async () => {
    let number = 0;
    const output = await serve(({ protocol }) => (protocol === 'https' ? `SID=${SECRET}${++number}; Secure; SameSite=None` : undefined));
    expect(output.cookie).toEqual({ name: 'SID', maxAgeSeconds: null, sameSite: 'None', secure: true, httpOnly: false, slides: null });
  });

  it.each([
    ['the one session', true, ['']],
    ['each session, where each answer begins one', false, ['1', '2']],
  ])('ends with session.end %s that it has begun', async (_, keeps, expected) => {
    let number = 0;
    const output = await serve(() => `SID=${SECRET}${keeps ? '' : ++number}; HttpOnly`, { end: '/end' });
    expect(output.cookie).toMatchObject({ httpOnly: true, slides: keeps ? true : null });
    expect(ended.toSorted()).toEqual(expected.map((each) => `SID=${SECRET}${each}`));
    expect(output.gaps).not.toContain('session.end has left a session behind');
  });

  it('says that it has left a session behind where session.end refuses', async () => {
    endStatus = 403;
    const output = await serve(() => `SID=${SECRET}; HttpOnly`, { end: '/end' });
    expect(output.cookie).toMatchObject({ httpOnly: true });
    expect(output.gaps).toContain('session.end has left a session behind');
  });

  it.each([
    ['a deletion before it', [`SID=; Path=/; Max-Age=0; SameSite=None`, `SID=${SECRET}; Path=/; HttpOnly; SameSite=Lax`], 'Lax'],
    [
      'a deletion of another path behind it',
      [`SID=${SECRET}; Path=/; SameSite=Strict`, 'SID=gone; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
      'Strict',
    ],
    ['the same name and path twice', [`SID=first; Path=/; SameSite=None`, `SID=${SECRET}; Path=/; SameSite=Strict`], 'Strict'],
  ])('is the last of its name and path, next to %s', async (_, headers, sameSite) => {
    const output = await serve(() => headers);
    expect(output.cookie).toMatchObject({ sameSite, maxAgeSeconds: null, slides: true });
  });

  it.each(['SID=; Path=/; Max-Age=0', 'SID=gone; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'SID=; Path=/'])(
    'is none where the page only deletes it: %s',
    async (deletion) => {
      expect((await serve(() => deletion)).gaps).toContain('session.page sets no cookie named session.cookie');
    },
  );

  it.each([
    ['SID.0', 'SID.1'],
    ['SIDC1', 'SIDC2'],
    ['SID_0', 'SID_1'],
    ['SID__0', 'SID__1'],
  ])('is known in chunks (%s), which all go back', async (one, two) => {
    const sent: (string | undefined)[] = [];
    const output = await serve(({ cookie }) => {
      sent.push(cookie);
      return [`${one}=${SECRET}; Path=/; Max-Age=600; HttpOnly`, `${two}=rest; Path=/; Max-Age=600; HttpOnly`, 'SID=; Path=/; Max-Age=0'];
    });
    expect(output.cookie).toMatchObject({ name: 'SID', maxAgeSeconds: 600, httpOnly: true, slides: true });
    expect(sent).toEqual([undefined, `${one}=${SECRET}; ${two}=rest`]);
  });

  it('is a gap where the page sets none', async () => {
    expect((await serve(() => undefined)).gaps).toContain('session.page sets no cookie named session.cookie');
  });
});
