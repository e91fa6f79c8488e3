/** Long requests, downloads and WebSockets of the traffic, against the example's own endpoints, and what is reported of failures. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { FailedRequest } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import { addSocket } from '../../../../examples/node-app/socket.mjs';
import { until } from '../../../../test/until.ts';
import type { TrafficOptions, TrafficReport } from '../../traffic/contract.ts';
import { runTraffic, settle } from '../../traffic/run-traffic.ts';

let server: Server;
let folder: string;
let closeSockets: () => void;
const sockets = new Set<Socket>();
/** Answers what is no login; by default each user's count, a long answer and a download. */
let answer: RequestListener;

const CHUNK = (chunk: number) => `${JSON.stringify({ chunk, of: 20, version: '1.0.0', server: 'a' })}\n`;
const sound: RequestListener = (request, response) => {
  if (request.url?.startsWith('/slow')) return void response.end('{"version":"1.0.0","server":"a"}');
  if (!request.url?.startsWith('/download')) return void response.writeHead(401).end('{}');
  for (let chunk = 1; chunk <= 20; chunk += 1) response.write(CHUNK(chunk));
  response.end();
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hard-kinds-'));
  answer = sound;
  server = createServer((request, response) => {
    if (request.url === '/login') return void response.setHeader('set-cookie', 'SID=x; Path=/').end('{}');
    return answer(request, response);
  });
  server.on('connection', (socket) => sockets.add(socket));
  closeSockets = addSocket(server, '/socket', { version: '1.0.0', server: 'a' });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true, force: true });
});

function start(options: Partial<TrafficOptions>) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return runTraffic(settle({ url, users: 3, thinkTimeMs: 5, rampUpMs: 5, requestTimeoutMs: 10_000, ...options }));
}
const untilReport = (traffic: ReturnType<typeof start>, matches: (report: TrafficReport) => boolean): Promise<unknown> =>
  until(() => matches(traffic.snapshot()), `the report ${matches}`);

describe('long requests and downloads', () => {
  it('are the share that was asked for, and good when they are whole', async () => {
    const traffic = start({ longShare: 0.5, longMs: 10, downloadShare: 0.5, downloadMs: 10 });
    await untilReport(traffic, ({ hard }) => (hard?.long.requests ?? 0) > 5 && (hard?.download.requests ?? 0) > 5);
    const report = await traffic.stop();
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0, failedBy: [], hard: { long: { failed: 0 }, download: { failed: 0 } } });
    // Only the logins are timed: what is slow on purpose is not.
    expect(report.phases.before.requests).toBe((report.hard?.long.requests ?? 0) + (report.hard?.download.requests ?? 0) + 3);
  });

  it.each<[string, RequestListener, string]>([
    [
      'breaks off',
      (_, response) => {
        response.write(CHUNK(1), () => response.destroy());
      },
      'connection',
    ],
    ['ends too early', (_, response) => void response.end(CHUNK(1)), 'malformed'],
    ['is refused', (_, response) => void response.writeHead(503).end('{"server":"b","version":"2.0.0"}'), 'serverError'],
  ])('have failed when a download %s', async (_, listener, failure) => {
    answer = listener;
    const traffic = start({ downloadShare: 1, users: 1 });
    await untilReport(traffic, ({ failed }) => failed > 0);
    const { hard, failedBy } = await traffic.stop();
    expect(hard?.download.failed).toBeGreaterThan(0);
    expect(failedBy[0]).toMatchObject({ phase: 'before', failure, ...(failure === 'serverError' && { server: 'b', version: '2.0.0' }) });
  });

  it('are absent from the report unless configured', async () => {
    const traffic = start({});
    await untilReport(traffic, ({ requests }) => requests > 5);
    expect((await traffic.stop()).hard).toBeUndefined();
  });

  it('have a longer time-out than the others', async () => {
    answer = (_, response) => void setTimeout(() => response.end('{}'), 3_000);
    const traffic = start({ longShare: 1, longMs: 3_000, requestTimeoutMs: 2_000, users: 1 });
    await untilReport(traffic, ({ hard }) => (hard?.long.requests ?? 0) > 1);
    expect((await traffic.stop()).failed).toBe(0);
  });
});

describe('WebSockets', () => {
  it('are kept open and receive their echoes', async () => {
    const traffic = start({ webSocketUsers: 2, longShare: 1, longMs: 1 });
    await untilReport(traffic, ({ hard }) => (hard?.webSockets.answered ?? 0) > 10);
    expect((await traffic.stop()).hard?.webSockets).toMatchObject({ users: 2, opened: 2, closed: 0, cutOff: 0, refused: 0, unanswered: 0 });
  });

  it('reopen after they are closed and after they are cut off, and each case is counted separately', async () => {
    const traffic = start({ webSocketUsers: 2, users: 1, longShare: 1, longMs: 1 });
    await untilReport(traffic, ({ hard }) => hard?.webSockets.opened === 2);
    closeSockets();
    await untilReport(traffic, ({ hard }) => hard?.webSockets.opened === 4 && hard.webSockets.answered > 0);
    expect(traffic.snapshot().hard?.webSockets).toMatchObject({ closed: 2, cutOff: 0 });
    for (const socket of sockets) socket.destroy();
    await untilReport(traffic, ({ hard }) => hard?.webSockets.opened === 6);
    expect((await traffic.stop()).hard?.webSockets).toMatchObject({ closed: 2, cutOff: 2, refused: 0 });
  });

  it('that are refused or not answered are counted', async () => {
    const refused = start({ webSocketUsers: 1, webSocketPath: '/elsewhere', users: 1 });
    await untilReport(refused, ({ hard }) => (hard?.webSockets.refused ?? 0) > 1);
    await refused.stop();
    server.removeAllListeners('upgrade');
    // Accepts every socket and never answers.
    new WebSocketServer({ server });
    const silent = start({ webSocketUsers: 1, users: 1, requestTimeoutMs: 50 });
    await untilReport(silent, ({ hard }) => (hard?.webSockets.unanswered ?? 0) > 0);
    await silent.stop();
  });
});

describe('a failed request', () => {
  it('is reported with the target and the cause that the load balancer recorded', async () => {
    const file = join(folder, 'failed-requests.ndjson');
    const known: FailedRequest[] = [];
    answer = (request, response) => {
      const traceId = String(request.headers['x-amzn-trace-id']).replace('Root=', '');
      known.push({
        atMs: 1,
        loadBalancer: 'lb',
        method: 'GET',
        path: '/count',
        cause: 'deregistered',
        elbStatusCode: 502,
        targetId: 'i-1',
        traceId,
      });
      response.writeHead(502, { server: 'awselb/2.0' }).end('<html>');
    };
    const traffic = start({ failedRequestsFile: file, users: 2 });
    await traffic.ready;
    traffic.mark('during');
    await untilReport(traffic, ({ failed }) => failed >= 4);
    // The last line is still being written.
    await writeFile(
      file,
      `${known
        .slice(0, 2)
        .map((line) => JSON.stringify(line))
        .join('\n')}\n{"cau`,
    );
    const { failedBy, failed } = await traffic.stop();
    expect(failedBy).toContainEqual({ phase: 'during', failure: 'serverError', cause: 'deregistered', target: 'i-1', count: 2 });
    expect(failedBy).toContainEqual({ phase: 'during', failure: 'serverError', count: failed - 2 });
  });
});
