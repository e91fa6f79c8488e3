/** What a release's readiness check may request: JSON with a status, a plain page, and either on the port of the probes. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { observeOutput } from '../../../functions/instance/document-contract.ts';
import type { ReadyPage } from '../../../functions/shared/app-contract.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { evaluate } from './run-python.ts';
import { runStep } from './run-step.ts';

const OBSERVE = documentContent('observe', '');
const PAGES: Readonly<Record<string, readonly [number, string]>> = {
  '/welcome': [200, '<h1>Welcome to the shop</h1>'],
  '/moved': [302, ''],
  '/closed': [503, '<h1>Closed for repairs</h1>'],
  '/health': [200, '{"status":"UP"}'],
};
/** On the port of the probes everything is down, so that a request there shows. */
const ELSEWHERE = '{"status":"DOWN","components":{"sessions":{"status":"DOWN"},"application":{"status":"UP"}}}';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
let servers: Server[];
let folder: string;

beforeAll(async () => {
  servers = [
    createServer(({ url = '' }, response) => {
      const [status, body] = PAGES[url] ?? [404, ''];
      response.writeHead(status).end(body);
    }),
    createServer((_, response) => response.writeHead(503).end(ELSEWHERE)),
  ];
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'holdfast-readiness-'));
  for (const name of ['etc', 'releases/1.0.0']) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync('releases/1.0.0', join(folder, 'current'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
});

it('a load balancer takes the codes of its health check for healthy, and no others', async () => {
  const rows: readonly (readonly [status: string | undefined, healthy: readonly number[], others: readonly number[]])[] = [
    [undefined, [200], [199, 201, 204, 302]],
    ['200,302', [200, 302], [201, 301]],
    ['200-299,302', [200, 250, 299, 302], [300, 301, 303]],
    ['2x-300', [], [200, 299]],
  ];
  const taken = await evaluate<number[][]>(
    '[[code for code in one["codes"] if is_healthy(one["contract"], code)] for one in given]',
    rows.map(([status, healthy, others]) => ({ codes: [...healthy, ...others], contract: { health: { loadBalancer: '/', status } } })),
  );
  expect(taken).toEqual(rows.map(([, healthy]) => healthy));
});

it.each<[string, ReadyPage | string, number, string]>([
  ['a path', '/health', 1, '200 UP'],
  ['a path in an object', { path: '/health' }, 1, '200 UP'],
  ['a page that is not JSON, without what to expect', { path: '/welcome' }, 0, '200 without a status: Welcome to the shop'],
  ['a page with its text', { path: '/welcome', contains: 'Welcome' }, 1, '200 as expected'],
  ['a page without its text', { path: '/welcome', status: 200, contains: 'welcome' }, 0, '200 without the text that health.ready expects'],
  ['an answer without a text', { path: '/moved', status: 302 }, 1, '302 as expected'],
  ['another status', { path: '/closed', contains: 'Closed' }, 0, '503 instead of 200: Closed for repairs'],
  ['no such page', { path: '/none', status: 200 }, 0, '404 instead of 200'],
  ['the port of the probes', { path: '/health', port: 'STATUS_PORT' }, 0, '503 DOWN (sessions)'],
])('%s', async (_, ready, upInARow, lastAnswer) => {
  const [port, statusPort] = servers.map(portOf);
  const contract = { start: ['x'], port, statusPort, health: { loadBalancer: '/welcome', ready } };
  writeFileSync(join(folder, 'releases/1.0.0/holdfast.app.json'), JSON.stringify(contract));
  const parameters = { SSM_attempts: '1', SSM_intervalSeconds: '0', SSM_confirmSeconds: '0', HOLDFAST_ROOT: folder };
  const { stdout } = await runStep(OBSERVE, 'observe', folder, parameters);
  const output = observeOutput.parse(JSON.parse(stdout));
  expect([output.upInARow, output.lastAnswer]).toEqual([upInARow, expect.stringContaining(lastAnswer)]);
});
