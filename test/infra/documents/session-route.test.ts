/** Whether the document that observes sees the server's own route in the cookie of a release that keeps its sessions in memory. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { observeOutput, type SessionProbed } from '../../../functions/instance/document-contract.ts';
import { documentContent } from '../../../infra/documents/deploy-documents.ts';
import { runStep } from './run-step.ts';

let folder: string;
let server: Server;
/** The cookie that the page sets. */
let setCookie = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-route-'));
  for (const name of ['etc', 'releases/1.0.0']) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync('releases/1.0.0', join(folder, 'current'));
  writeFileSync(join(folder, 'etc/instance.env'), 'HOLDFAST_INSTANCE_ID=i-0abc\n');
  server = createServer((_, response) => response.writeHead(200, setCookie ? { 'set-cookie': setCookie } : {}).end('text'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

async function write(session: object): Promise<SessionProbed | undefined> {
  const { port } = server.address() as AddressInfo;
  const contract = { start: ['x'], port, health: { loadBalancer: '/', gate: '/' }, sessions: { path: '/n', field: 'n' }, session };
  writeFileSync(join(folder, 'releases/1.0.0/holdfast.app.json'), JSON.stringify(contract));
  const { stdout, stderr } = await runStep(documentContent('observe', ''), 'observe', folder, {
    ...{ SSM_attempts: '0', SSM_intervalSeconds: '0', SSM_confirmSeconds: '0', SSM_sealed: '', SSM_probeSecret: '', SSM_probe: 'write' },
    HOLDFAST_ROOT: folder,
  });
  expect(stdout + stderr, 'no id is printed').not.toContain('an-id');
  return observeOutput.parse(JSON.parse(stdout)).probe;
}

it.each([
  ['at the end', 'SID=an-id.i-0abc', true],
  ['before a signature', 'SID=s%3Aan-id.i-0abc.c2ln', true],
  ['in quotation marks', 'SID="an-id.i-0abc"', true],
  ['not at all', 'SID=an-id', false],
  ['of another server', 'SID=an-id.i-0def', false],
  ['as the beginning of another', 'SID=an-id.i-0abcd', false],
  ['without the dot', 'SID=an-idi-0abc', false],
  ['in an attribute alone', 'SID=an-id; Path=/x.i-0abc', false],
])('the route %s', async (_where, cookie, routed) => {
  setCookie = cookie;
  expect(await write({ cookie: 'SID', page: '/page' })).toMatchObject({ cookie: { name: 'SID' }, routed });
});

it('a page that begins no session is the reason', async () => {
  setCookie = '';
  expect(await write({ cookie: 'SID', page: '/page' })).toEqual({
    reason: '/page answers with status 200 and no cookie SID',
    fault: 'release',
  });
});

it('a route that the server does not report is the reason', async () => {
  setCookie = 'SID=an-id.i-0abc';
  expect(await write({ cookie: 'SID', page: '/page', route: { path: '/page', field: 'route' } })).toEqual({
    reason: expect.stringMatching(/route|JSON/),
  });
});
