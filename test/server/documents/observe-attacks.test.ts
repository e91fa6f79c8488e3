/** What a release can do to the documents that request its health paths and probes. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { observeOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { runStep } from './run-step.ts';

const OBSERVE = documentContent('observe', '');
const SECRET = 'hunter2-of-the-store';
const json = (body: string, status = '200 OK'): string => `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n${body}`;

/** What each path answers, byte by byte. */
const ANSWERS: Readonly<Record<string, (socket: Socket) => void>> = {
  '/up': (socket) => socket.end(json(`{"status":"UP","token":"${SECRET}"}`)),
  '/down': (socket) => socket.end(json(`{"status":"DOWN","store":"redis://:${SECRET}@store"}`, '503 down')),
  '/text': (socket) => socket.end(json(`Error: ${SECRET}\n at server.mjs`, '500 no')),
  '/word': (socket) => socket.end(json(`{"status":"${SECRET}"}`)),
  '/not-http': (socket) => socket.end(`${SECRET}\r\n\r\n`),
  '/number': (socket) => socket.end(json(`count ${SECRET}\n`)),
  '/deep': (socket) => socket.end(json('['.repeat(60_000))),
  '/nan': (socket) => socket.end(json('{"a":NaN,"b":1e999,"c":123456789012345678901234567890}')),
  '/row': (socket) => socket.end(json('a'.repeat(65_000))),
  '/hostile': (socket) => socket.end(json(`<html><h1>Down</h1>${'<a '.repeat(21_000)}`, '503 down')),
  '/backtrack': (socket) => socket.end(json('a'.repeat(60))),
  // A byte of a header now and then: each within the time-out of one read.
  '/drip': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX-A: ');
    const timer = setInterval(() => socket.write('a'), 100);
    socket.on('close', () => clearInterval(timer));
  },
  '/endless': (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
      socket.once('drain', more);
    };
    socket.write(json('first 1\n'));
    more();
  },
  '/cut': (socket) => socket.end(json(`${'#'.repeat(65_536 - 10)}\ncount 123456\n`)),
  '/page': (socket) => socket.end(json(`first 1\n${'#'.repeat(10 * 1024 ** 2)}\nlast 2\n`)),
};

let server: Server;
let folder: string;

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (head) => {
      const path = head.toString('latin1').split(' ')[1] ?? '';
      (ANSWERS[path] ?? (() => socket.end(json('', '404 not found'))))(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'holdfast-observe-'));
  for (const name of ['etc', 'releases/1.0.0']) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync('releases/1.0.0', join(folder, 'current'));
  mkdirSync(join(folder, 'run'));
  writeFileSync(join(folder, 'run/store.env'), `SESSION_STORE_PASSWORD="${SECRET}"\n`);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

async function observe(ready: string, probes: object = {}) {
  const contract = { start: ['x'], port: (server.address() as AddressInfo).port, health: { ready }, ...probes };
  writeFileSync(join(folder, 'releases/1.0.0/holdfast.app.json'), JSON.stringify(contract));
  const parameters = { SSM_attempts: '1', SSM_intervalSeconds: '0', SSM_confirmSeconds: '0', HOLDFAST_ROOT: folder };
  const { stdout, stderr } = await runStep(OBSERVE, 'observe', folder, parameters);
  expect(stdout + stderr).not.toContain(SECRET);
  expect(stderr).not.toContain('Traceback');
  return { output: observeOutput.parse(JSON.parse(stdout)), stderr };
}

describe('a health path answers a secret', () => {
  it.each([
    ['next to its status', '/up', { upInARow: 1, lastAnswer: '200 UP' }],
    ['while it is down', '/down', { upInARow: 0, lastAnswer: '503 DOWN' }],
    ['in an error page', '/text', { upInARow: 0, lastAnswer: '500 without a status: Error: ***' }],
    ['as its status', '/word', { upInARow: 0, lastAnswer: '200 without a status' }],
    ['in place of an HTTP response', '/not-http', { upInARow: 0, lastAnswer: 'BadStatusLine' }],
    ['in JSON that is nested too deeply', '/deep', { upInARow: 0, lastAnswer: '200 without a status' }],
  ])('%s: it stays on the server', async (_where, path, expected) => {
    expect((await observe(path)).output).toMatchObject(expected);
  });

  it('where a probe expects a number: it stays on the server', async () => {
    const { output, stderr } = await observe('/up', {
      requests: { path: '/number', pattern: 'count (.*)' },
      errors: { path: '/not-http', field: 'a' },
    });
    expect(output).toMatchObject({ upInARow: 1 });
    expect(stderr).toContain("requests: /number: the pattern's first group is not a number");
    expect(stderr).toContain('errors: /not-http: BadStatusLine');
  });
});

describe('a release holds the probes up', () => {
  it('by a byte now and then in a header, for ever: the request ends after 2 s', async () => {
    const startedMs = performance.now();
    expect((await observe('/drip')).output.lastAnswer).toBe('TimeoutError: the response is not complete after 2 s');
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });

  it('by a pattern that backtracks for years: the search ends after 0.5 s, and the other counts are read', async () => {
    const startedMs = performance.now();
    const { output, stderr } = await observe('/up', {
      inFlight: { path: '/backtrack', pattern: '((a+)+)b' },
      errors: { path: '/page', pattern: 'first ([0-9]+)' },
    });
    expect(stderr).toContain("inFlight: /backtrack: the pattern's search did not end within 0.5 s of CPU time and 1.0 s in all");
    expect(output).toMatchObject({ errors: 1 });
    expect(output.inFlight).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });

  it('by a pattern with twenty long searches at each character: it ends after 0.5 s of a processor', async () => {
    const { stderr } = await observe('/up', { inFlight: { path: '/row', pattern: `${'(?:(?=a*b))?'.repeat(20)}c` } });
    expect(stderr).toContain("inFlight: /row: the pattern's search did not end within 0.5 s of CPU time and 1.0 s in all");
  });

  it('by a page that a parser reads for minutes: its first line is explained', async () => {
    const startedMs = performance.now();
    const { output } = await observe('/hostile');
    expect(output).toMatchObject({ upInARow: 0, lastAnswer: '503 without a status: Down' });
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });

  it('by a page of 10 MB, or one without end: 64 KB of it are read', async () => {
    const { output, stderr } = await observe('/up', {
      inFlight: { path: '/endless', pattern: 'first ([0-9]+)' },
      errors: { path: '/page', pattern: 'first ([0-9]+)' },
      sessions: { path: '/page', pattern: 'last ([0-9]+)' },
    });
    expect(output).toMatchObject({ inFlight: 1, errors: 1 });
    expect(stderr).toContain('sessions: /page: the pattern does not match the first 65536 bytes of the response');
  });

  it('by a number at the limit of 64 KB: no part of it counts as the number', async () => {
    const { output, stderr } = await observe('/up', { sessions: { path: '/cut', pattern: '^count ([0-9]+)' } });
    expect(output.sessions).toBeUndefined();
    expect(stderr).toContain("sessions: /cut: the pattern's first group is not in the first 65536 bytes of the response");
  });

  it('by patterns and numbers that are none: only those counts are missing', async () => {
    const first = await observe('/up', {
      inFlight: { path: '/up', pattern: '(' },
      requests: { path: '/up', pattern: '(a)'.repeat(10_000) },
      errors: { path: '/up', pattern: 1 },
      latencyMs: { path: '/page', pattern: 'first ([0-9]+)' },
      sessions: { path: '/up HTTP/1.1\r\nX: y', field: 'a' },
    });
    expect(first.output).toEqual({ upInARow: 1, attempts: 1, lastAnswer: '200 UP', version: '1.0.0', latencyMs: 1 });
    expect(first.stderr.split('\n').map((line) => line.replace(/^.*: /, ''))).toEqual([
      'the pattern is not a regular expression',
      'the pattern is not a text of at most 256 characters',
      'the pattern is not a text of at most 256 characters',
      'the path is not valid',
      '',
    ]);
    const second = await observe('/up', {
      inFlight: { path: '/nan', field: 'a' },
      requests: { path: '/nan', field: 'b' },
      errors: { path: '/nan', field: 'c' },
    });
    expect(second.output).toEqual({ upInARow: 1, attempts: 1, lastAnswer: '200 UP', version: '1.0.0' });
    expect(second.stderr.match(/the number is not between/g)).toHaveLength(3);
  });

  it('by a port that is none: nothing is requested', async () => {
    const { output } = await observe('/up', { port: '22' });
    expect(output.lastAnswer).toMatch(/^(ConnectionRefusedError|OSError)/);
  });

  it('while it drains: the drain goes on without counts', async () => {
    const contract = {
      start: ['x'],
      port: (server.address() as AddressInfo).port,
      inFlight: { path: '/nan', field: 'a' },
      requests: { path: '/deep', field: 'a' },
    };
    writeFileSync(join(folder, 'releases/1.0.0/holdfast.app.json'), JSON.stringify(contract));
    const parameters = {
      SSM_fencingToken: '1',
      SSM_sliceSeconds: '1',
      SSM_floorSeconds: '0',
      SSM_quietSeconds: '1',
      SSM_previousRequests: '-1',
      SSM_previousQuietSeconds: '0',
      SSM_drainSignal: 'auto',
      SSM_targetPorts: '0',
      SSM_longLived: 'close',
      SSM_drainStartedAtMs: '0',
      SSM_watch: 'requests',
      HOLDFAST_ROOT: folder,
    };
    const { stdout } = await runStep(documentContent('waitIdle', ''), 'waitIdle', folder, parameters);
    expect(waitIdleOutput.parse(JSON.parse(stdout))).toMatchObject({
      signal: 'kernel',
      reason: expect.stringContaining('the number is not between'),
    });
  });
});
