/** The one sender of HTTP, against real connections: what it gives up on, and what it gives back as it came. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpCall, type HttpLimits, sendHttp } from '../../../functions/shared/send-http.ts';

const LIMITS: HttpLimits = { timeoutMs: 2_000, mostBytes: 1_000 };

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

  it('that is longer than the limit is cut', async () => {
    const url = await pages((_, response) => response.end('x'.repeat(300_000)));
    const { length } = (await send(url)).body;
    expect([length > 1_000, length < 300_000]).toEqual([true, true]);
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

it('a request ends when something on the way changes the protocol', async () => {
  const url = await listen(
    createSocketServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'));
    }),
  );
  expect((await send(url, {}, { timeoutMs: 500 })).status).toBe(101);
});
