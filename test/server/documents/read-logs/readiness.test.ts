/** Whether the release is ready, as the server itself asks it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLogsContent } from '../../../../server/documents/read-logs.ts';
import { type PlantedServer, plantServer } from './planted-server.ts';

let planted: PlantedServer;
let app: Server;
let answer: [status: number, body: string];

beforeEach(async () => {
  planted = plantServer();
  app = createServer((request, response) => {
    const [status, body] = request.url === '/health' ? answer : [404, ''];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  planted.contract({ port: (app.address() as AddressInfo).port, health: { loadBalancer: '/live', ready: '/health' } });
});
afterEach(() => {
  app.close();
  planted.remove();
});
const ready = async () => (await planted.run()).output.ready;

it.each<[boolean, number, string]>([
  [true, 200, '{"status":"UP"}'],
  [false, 503, '{"status":"DOWN"}'],
  [false, 200, '{"status":"DOWN"}'],
  [false, 503, '{"status":"UP"}'],
  [false, 200, 'ok'],
])('is %s after %i %s', async (expected, ...response) => {
  answer = response;
  expect(await ready()).toBe(expected);
});

it('is a plain page where the contract describes one', async () => {
  answer = [200, '<h1>Welcome</h1>'];
  const port = (app.address() as AddressInfo).port;
  planted.contract({ port, health: { loadBalancer: '/live', ready: { path: '/health', contains: 'Welcome' } } });
  expect(await ready()).toBe(true);
});

it('is down when nothing answers, and unknown where the contract names none', async () => {
  app.close();
  expect(await ready()).toBe(false);
  planted.contract({ port: 1, health: { loadBalancer: '/live' } });
  expect(await ready()).toBeUndefined();
});

it('keeps the document below the 64 KB that Systems Manager takes', () => {
  expect(JSON.stringify(readLogsContent()).length).toBeLessThan(64 * 1024 - 1_024);
});
