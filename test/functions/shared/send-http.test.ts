/** The one sender of HTTP, against real connections: what it gives up on, and what it gives back as it came. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsServiceError, signedCalls } from '../../../functions/shared/aws/signed/signed-calls.ts';
import { type HttpCall, type HttpLimits, sendHttp } from '../../../functions/shared/send-http.ts';

const LIMITS: HttpLimits = { timeoutMs: 2_000, mostBytes: 1_000, whenLonger: 'fail' };

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});
async function listen(server: Server): Promise<URL> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}
const pages = (answer: RequestListener) => listen(createServer(answer));
const send = (url: URL, call: Partial<HttpCall> = {}, limits: Partial<HttpLimits> = {}) =>
  sendHttp({ method: 'GET', url, headers: {}, ...call }, { ...LIMITS, ...limits });

describe('an answer', () => {
  it('comes as it was sent: a redirect is not followed, and each Set-Cookie stays by itself', async () => {
    const url = await pages((_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/', 'set-cookie': ['a=1', 'b=2'] }).end('moved'),
    );
    const { status, headers, body } = await send(url);
    expect([status, headers.location, headers['set-cookie'], body]).toEqual([302, 'http://127.0.0.1:1/', ['a=1', 'b=2'], 'moved']);
  });

  it('that is longer than the limit is cut, or an error, as the caller asks', async () => {
    const url = await pages((_, response) => response.end('x'.repeat(300_000)));
    expect((await send(url, {}, { whenLonger: 'cut' })).body.length).toBeGreaterThan(1_000);
    await expect(send(url)).rejects.toThrow('127.0.0.1 sent more than 1000 bytes');
  });

  it.each([
    ['does not come', () => undefined],
    ['ends in the middle', (response) => response.writeHead(200, { 'content-length': '100' }).write('half')],
  ] satisfies [string, (response: Parameters<RequestListener>[1]) => unknown][])('that %s is a TimeoutError', async (_, answer) => {
    const url = await pages((_request, response) => void answer(response));
    await expect(send(url, {}, { timeoutMs: 100 })).rejects.toMatchObject({
      name: 'TimeoutError',
      message: '127.0.0.1 did not answer within 0.1 s',
    });
  });

  it('of a closed connection is an error with its code', async () => {
    const url = await listen(createSocketServer((socket) => void socket.once('data', () => socket.end())));
    await expect(send(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('a request', () => {
  it('has the path that its signature has: no part of it is normalized', async () => {
    const url = await pages(({ url: path }, response) => response.end(path));
    expect((await send(url, { path: '/bucket/a/../b//c%2e' })).body).toBe('/bucket/a/../b//c%2e');
  });

  it('that Node.js refuses is an error of its own, and nothing is sent', async () => {
    let asked = 0;
    const url = await pages((_, response) => {
      asked += 1;
      response.end();
    });
    await expect(send(url, { headers: { a: 'b\r\nc' } })).rejects.toMatchObject({
      name: 'UnfitRequest',
      message: 'the request cannot be made (ERR_INVALID_CHAR)',
    });
    expect(asked).toBe(0);
  });
});

it('a signed call ends when something on the way changes the protocol', async () => {
  const url = await listen(
    createSocketServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'));
    }),
  );
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const call = signedCalls({ service: 'ssm', region: 'eu-west-1', url, credentials }, { maxAttempts: 1, attemptMs: 500 });
  const order = { method: 'POST' as const, path: '/', headers: {}, body: '{}' };
  await expect(call(order, ({ status }) => new AwsServiceError('Unknown', `status ${status}`, status))).rejects.toThrow('status 101');
});
