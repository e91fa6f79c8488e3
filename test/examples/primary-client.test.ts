/** The client of the hardened example, on a store that hangs or goes away. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { primaryClient } from '../../examples/hardened-node-app/primary-client.mjs';
import { connectStore } from '../../examples/node-app/store.mjs';
import { Browser } from '../session/user-sessions/browser.ts';
import { type Client, createSite, login, PREFIX } from '../session/user-sessions/site.ts';
import { PATIENCE, type Process, startStore } from './processes.ts';

const TIMEOUT_MS = 250;

let store: Process;
let endpoint: Server;
let client: Client;
const sockets = new Set<Socket>();
beforeEach(async () => {
  store = await startStore();
  // What the client reaches, and a test takes away.
  endpoint = createServer((socket) => {
    const upstream = connect(store.port, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => {}).on('close', () => [socket, upstream].map((one) => one.destroy()));
    }
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  const { port } = endpoint.address() as AddressInfo;
  client = connectStore({ host: '127.0.0.1', port, tls: undefined, user: undefined, password: undefined });
  await vi.waitFor(() => expect(client.isReady).toBe(true), PATIENCE);
});
afterEach(async () => {
  client.destroy();
  endpoint.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await store.stop('SIGKILL');
});

it('ends each command of a store that hangs, under traffic too, and replaces the connection', async () => {
  const primary = primaryClient(client, { timeoutMs: TIMEOUT_MS });
  await primary.set(`${PREFIX}x`, 'text');
  store.child.kill('SIGSTOP');
  const connected = vi.fn();
  client.on('connect', connected);
  const asking: Promise<{ name: string; ms: number }>[] = [];
  for (let request = 1; request <= 12; request += 1) {
    const begunMs = performance.now();
    const end = (name: string) => ({ name, ms: performance.now() - begunMs });
    asking.push(
      primary.getEx(`${PREFIX}x`, { type: 'EX', value: 60 }).then(
        () => end('an answer'),
        (error: Error) => end(error.name),
      ),
    );
    await sleep(100);
  }
  for (const { name, ms } of await Promise.all(asking)) {
    expect(name).toBe('StoreUnavailable');
    expect(ms).toBeLessThan(2_000);
  }
  expect(connected).toHaveBeenCalled();
  store.child.kill('SIGCONT');
  await vi.waitFor(async () => expect(await primary.get(`${PREFIX}x`)).toBe('text'), PATIENCE);
});

it('keeps no transaction for later: a login that fails as the store goes away is in no list when it is back', async () => {
  const primary = primaryClient(client, { timeoutMs: TIMEOUT_MS });
  const { port } = endpoint.address() as AddressInfo;
  const set = async (...words: unknown[]) => {
    const reply = await primary.set(...words);
    endpoint.close();
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(() => expect(client.isReady).toBe(false), PATIENCE);
    return reply;
  };
  const site = createSite({ ...primary, set });
  const failed = new Browser().send(site.middleware, (req) => login(site, req, 'ann'));
  await expect(failed).rejects.toMatchObject({ name: 'StoreUnavailable', message: 'ENOTCONN' });
  await once(endpoint.listen(port, '127.0.0.1'), 'listening');
  await vi.waitFor(async () => expect(await primary.get('none')).toBeNull(), PATIENCE);
  const redis = new Redis(store.port, '127.0.0.1');
  try {
    expect(await redis.keys(`${PREFIX}user-sessions:*`)).toEqual([]);
  } finally {
    redis.disconnect();
  }
});
