/** A real client in front of the proxies. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { answerPings, refusesPing } from '../../../elasticache/access/faulty-proxy.ts';

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function portOf(onClient: (client: Socket) => void): Promise<number> {
  const server = createServer(onClient).listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function clientOf(port: number): Redis {
  const client = new Redis({ port, username: 'application', password: 'secret', enableReadyCheck: false, retryStrategy: () => null });
  client.on('error', () => undefined);
  ends.push(() => client.disconnect());
  return client;
}

it('one that has lost its store answers a PING and a log-in, and has errors for all else', async () => {
  const client = clientOf(await portOf(answerPings));
  expect(await client.ping()).toBe('PONG');
  const [read, written] = await Promise.allSettled([client.get('sess:1'), client.set('sess:1', 'a\r\nb')]);
  expect([read, written]).toMatchObject([
    { reason: { message: 'ERR Connection refused' } },
    { reason: { message: 'ERR Connection refused' } },
  ]);
  expect(await client.ping()).toBe('PONG');
});

it('one without an answer to a PING passes on who logs in first', async () => {
  const passedOn: string[] = [];
  const port = await portOf(async (client) => {
    if (await refusesPing(client)) return;
    client.on('data', (chunk) => passedOn.push(String(chunk)));
    answerPings(client);
    client.resume();
  });
  expect(await clientOf(port).ping()).toBe('PONG');
  expect(passedOn.join('')).toMatch(/auth/i);
  const check = connect(port, '127.0.0.1', () => check.write('PING\r\n'));
  check.on('data', (chunk) => passedOn.push(`to the check: ${chunk}`));
  await once(check, 'close');
  expect(passedOn.join('')).not.toContain('to the check');
});
