/** What the document that observes reads of a release's session cookie, and whether it sees the server's own route in it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CookieRead, observeOutput } from '../../../functions/instance/document-contract.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { runStep } from './run-step.ts';

const PAGES = { cookie: 'SID', page: '/page', end: '/end' };
let folder: string;
let server: Server;
/** The cookie that the page sets. */
let setCookie = '';
/** Cookies of the sessions that were ended, and what ending one answers. */
let ended: string[] = [];
let endStatus = 204;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-route-'));
  for (const name of ['etc', 'releases/1.0.0']) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync('releases/1.0.0', join(folder, 'current'));
  writeFileSync(join(folder, 'etc/instance.env'), 'HOLDFAST_INSTANCE_ID=i-0abc\n');
  server = createServer(({ url = '', headers }, response) => {
    if (url === '/end') ended.push(headers.cookie ?? '');
    response.writeHead(url === '/end' ? endStatus : 200, setCookie ? { 'set-cookie': setCookie } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

async function read(session: object, more: object = { sessions: { path: '/n', field: 'n' } }): Promise<CookieRead | undefined> {
  const { port } = server.address() as AddressInfo;
  const contract = { start: ['x'], port, health: { loadBalancer: '/', ready: '/' }, ...more, session };
  writeFileSync(join(folder, 'releases/1.0.0/holdfast.app.json'), JSON.stringify(contract));
  const { stdout, stderr } = await runStep(documentContent('observe', ''), 'observe', folder, {
    ...{ SSM_attempts: '0', SSM_intervalSeconds: '0', SSM_confirmSeconds: '0', SSM_cookie: 'read' },
    HOLDFAST_ROOT: folder,
  });
  expect(stdout + stderr, 'no id is printed').not.toContain('an-id');
  return observeOutput.parse(JSON.parse(stdout)).cookieRead;
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
  ended = [];
  expect(await read(PAGES)).toMatchObject({ cookie: { name: 'SID' }, routed });
  expect(ended, 'the session that was begun').toEqual([cookie.split(';')[0]]);
});

it.each([
  ['; HttpOnly; Secure', { secure: true, httpOnly: true }],
  ['; Domain=.example.com', { secure: false, httpOnly: false, domain: '.example.com' }],
])('of a release with sessions in a store the attributes of the cookie are read: %s', async (attributes, shown) => {
  setCookie = `SID=an-id; Path=/${attributes}`;
  ended = [];
  expect(await read({ cookie: 'SID', page: '/page' }, {})).toEqual({ cookie: { name: 'SID', ...shown } });
  expect(ended).toEqual([]);
});

it('a page that begins no session is the reason', async () => {
  setCookie = '';
  expect(await read(PAGES)).toEqual({
    reason: '/page answers with status 200 and no cookie SID',
  });
});

it('a route that the server does not report is the reason', async () => {
  setCookie = 'SID=an-id.i-0abc';
  expect(await read({ ...PAGES, route: { path: '/page', field: 'route' } })).toEqual({
    reason: expect.stringMatching(/route|JSON/),
  });
});

it.each([
  ['cannot be ended', PAGES, 500, { reason: '/end answers with status 500: the session that was begun is still there' }],
  ['has no path that ends it', { cookie: 'SID', page: '/page' }, 204, { reason: 'the contract has no session.end' }],
])('a session that %s is the reason', async (_what, session, status, reason) => {
  setCookie = 'SID=an-id.i-0abc';
  endStatus = status;
  expect(await read(session)).toEqual(reason);
});
