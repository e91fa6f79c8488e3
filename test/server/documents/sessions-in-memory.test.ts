/** The sessions in a server's memory, as the document that waits for them counts them and says how a rule knows them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type WaitIdleOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { runStep } from './run-step.ts';
import { changedDocument } from './unpack.ts';

const CONTENT = changedDocument(documentContent('waitIdle', ''), {
  'AGAIN_SECONDS = 0.2': 'AGAIN_SECONDS = 0.02',
  'COUNT_SECONDS = 1.0': 'COUNT_SECONDS = 0.1',
});
const INSTANCE = 'i-0123456789abcdef0';
const SESSIONS = { path: '/stats', field: 'sessions' };
const probe = (field: string) => ({ path: '/stats', field });

let folder: string;
let server: Server;
/** What the server answers. */
let counts: Record<string, unknown>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-sessions-'));
  for (const name of ['etc', 'releases/1.0.0']) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync('releases/1.0.0', join(folder, 'current'));
  server = createServer(({ url = '' }, response) => {
    const began = Number(new URL(url, 'http://localhost').searchParams.get('began') ?? 0);
    response.end(JSON.stringify({ ...counts, begun: began }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(folder, 'etc/instance.env'), `PORT="${(server.address() as AddressInfo).port}"\nHOLDFAST_INSTANCE_ID="${INSTANCE}"\n`);
});
beforeEach(() => {
  counts = { sessions: 7, errors: 0, route: 's1' };
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

async function look(contract: object, more: Readonly<Record<string, string>> = {}): Promise<WaitIdleOutput> {
  writeFileSync(join(folder, 'releases/1.0.0/holdfast.app.json'), JSON.stringify({ start: ['x'], port: 3000, ...contract }));
  const { stdout, stderr } = await runStep(CONTENT, 'waitIdle', folder, {
    ...{ SSM_fencingToken: '5', SSM_sliceSeconds: '0', SSM_floorSeconds: '0', SSM_quietSeconds: '0', SSM_previousRequests: '-1' },
    ...{ SSM_previousQuietSeconds: '0', SSM_drainSignal: 'auto', SSM_targetPorts: '0', SSM_longLived: 'close' },
    ...{ SSM_drainStartedAtMs: '0', SSM_begunSeconds: '0', SSM_watch: 'sessions', HOLDFAST_ROOT: folder },
    ...more,
  });
  expect(stderr).toBe('');
  return waitIdleOutput.parse(JSON.parse(stdout));
}
const ROUTED = { sessions: SESSIONS, session: { cookie: 'SID', route: probe('route'), timeoutSeconds: 60 } };

it('are counted in one look, with how a rule knows them: by the id of the instance', async () => {
  expect(await look({ sessions: SESSIONS, session: { cookie: 'SID', timeoutSeconds: 1800 } })).toEqual({
    signal: 'sessions',
    sessions: 7,
    sessionCookie: 'SID',
    sessionRoute: INSTANCE,
    sessionTimeoutSeconds: 1800,
    quietSeconds: 0,
  });
});

it('have their route and time-out where the contract has it', async () => {
  const session = { cookie: 'SID', route: probe('route'), timeoutSeconds: { path: '/stats', pattern: '"sessions":"?-?([0-9]+)' } };
  expect(await look({ sessions: SESSIONS, session })).toMatchObject({ sessionRoute: 's1', sessionTimeoutSeconds: 7 });
});

it('have the cookie that the server has, and it is said how many sessions no cookie shows', async () => {
  const contract = { sessions: SESSIONS, session: { cookie: 'SID', answeredCookie: probe('cookie'), inUrls: probe('inUrls') } };
  Object.assign(counts, { cookie: 'SHOP', inUrls: 0 });
  const one = await look(contract);
  expect(one).toMatchObject({ sessionCookie: 'SHOP' });
  expect(one).not.toHaveProperty('sessionsInUrls');
  Object.assign(counts, { cookie: 'SHOP SID', inUrls: 2 });
  const two = await look(contract);
  expect(two).toMatchObject({
    sessionsInUrls: 2,
    reason: 'the server has more than one session cookie (SHOP, SID), and a rule knows sessions by one',
  });
  expect(two).not.toHaveProperty('sessionCookie');
});

it('that never time out are said to be so', async () => {
  const timeoutSeconds = { path: '/stats', pattern: '"errors":([0-9]+)' };
  expect(await look({ sessions: SESSIONS, session: { cookie: 'SID', timeoutSeconds } })).not.toHaveProperty('sessionTimeoutSeconds');
  counts['idle'] = -1;
  const never = await look({ sessions: SESSIONS, session: { cookie: 'SID', timeoutSeconds: probe('idle') } });
  expect(never).toMatchObject({ sessionTimeoutSeconds: -1 });
});

it('are those that began before a moment of the server’s own clock', async () => {
  const contract = { session: { cookie: 'SID' }, sessions: { ...probe('begun'), before: 'began' } };
  const { sessions } = await look(contract, { SSM_begunSeconds: '30' });
  expect(Date.now() - (sessions as number)).toBeGreaterThanOrEqual(30_000);
  expect(Date.now() - (sessions as number)).toBeLessThan(50_000);
});

it('end a slice as soon as none is left, and no earlier', async () => {
  setTimeout(() => Object.assign(counts, { sessions: 2 }), 200);
  setTimeout(() => Object.assign(counts, { sessions: 0 }), 600);
  const startedMs = performance.now();
  expect(await look(ROUTED, { SSM_sliceSeconds: '60' })).toMatchObject({ sessions: 0, sessionRoute: 's1' });
  expect(performance.now() - startedMs).toBeGreaterThan(500);
  expect(performance.now() - startedMs).toBeLessThan(40_000);
});

it.each([
  ['a count below 0', -1, 'sessions is below 0'],
  ['a text', '3', 'sessions is not a number'],
])('are unknown by %s, never 0', async (_what, sessions, reason) => {
  Object.assign(counts, { sessions });
  const output = await look(ROUTED);
  expect(output).not.toHaveProperty('sessions');
  expect(output.reason).toBe(reason);
});

it.each([
  ['with a dot', 'i-1.x'],
  ['that is empty', ''],
  ['of 65 characters', 'a'.repeat(65)],
  ['that is a number', 5],
])('do not report a route %s', async (_what, route) => {
  Object.assign(counts, { sessions: 3, route });
  const output = await look(ROUTED);
  expect(output).not.toHaveProperty('sessionRoute');
  expect(output).toMatchObject({ sessions: 3, reason: 'session.route is not 1 to 64 letters, digits, _ and -' });
});

it('are not known, and what the contract lacks is said', async () => {
  expect(await look({})).toEqual({
    signal: 'sessions',
    quietSeconds: 0,
    reason: "the release's contract has no sessions probe; the release's contract has no session.cookie",
  });
});
