/** The failing releases that scenarios deploy fail in exactly the way that they declare. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../cli/releases/read-contract.ts';
import { crashesOnStart, errorsDuringBake, neverUp, slow } from '../e2e/bad-releases.ts';
import { expectStatus, PATIENCE, type Process, startApp, startStore } from './processes.ts';

let store: Process;
let folder: string;
const running: Process[] = [];
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store.stop('SIGKILL'));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bad-release-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.stop('SIGKILL')));
  await rm(folder, { recursive: true, force: true });
});

/** The release, started as its contract defines, with a user logged in. */
async function run(make: (folder: string, version: string) => Promise<void>) {
  await make(folder, '6.6.6');
  expect((await readContract(folder)).start).toEqual(['node', 'fault.mjs']);
  const app = await startApp(folder, store.port, undefined, 'fault.mjs');
  running.push(app);
  const url = (path: string) => `http://127.0.0.1:${app.port}${path}`;
  const get = (path: string, cookie = '') => fetch(url(path), { headers: { cookie } });
  const login = async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url('/login'), { method: 'POST', headers, body: '{"user":"ann"}' });
    expectStatus(response, 200);
    return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  };
  return { get, login };
}
const status = async (get: (path: string) => Promise<Response>) => (await get('/internal/status')).json();

describe('a release', () => {
  it('that is never up serves users and reports DOWN to its readiness check, with the reason', async () => {
    const { get, login } = await run(neverUp);
    const cookie = await login();
    expect(await (await get('/count', cookie)).json()).toMatchObject({ user: 'ann', count: 1, version: '6.6.6' });
    const answer = await get('/health');
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'DOWN', reason: 'the licence has run out' }]);
    expectStatus(await get('/live'), 200);
  });

  it('that answers 500 after a while does so to users, counts it, names itself, and stays UP', async () => {
    const { get, login } = await run(errorsDuringBake(400));
    await vi.waitFor(async () => expectStatus(await get('/health'), 200), PATIENCE);
    await new Promise((resolve) => setTimeout(resolve, 450));
    // Its time begins with its first user, not with its start.
    const cookie = await login();
    expectStatus(await get('/count', cookie), 200);
    await new Promise((resolve) => setTimeout(resolve, 450));
    const bad = await get('/count', cookie);
    expect([bad.status, await bad.json()]).toEqual([500, expect.objectContaining({ version: '6.6.6' })]);
    expectStatus(await get('/health'), 200);
    await vi.waitFor(async () => expect(await status(get)).toMatchObject({ errors: 1, inFlight: 0 }), PATIENCE);
  });

  it('that is slow takes its time with users, who are in flight meanwhile, and not with probes', async () => {
    const { get, login } = await run(slow(1_000));
    const cookie = await login();
    const startedMs = performance.now();
    const count = get('/count', cookie);
    await vi.waitFor(async () => expect(await status(get)).toMatchObject({ inFlight: 1 }), PATIENCE);
    await get('/live');
    expect(performance.now() - startedMs).toBeLessThan(900);
    expectStatus(await count, 200);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(990);
  });
});

it('a release that crashes on its start ends with its last words', async () => {
  await crashesOnStart(folder, '6.6.6');
  const child = spawn(process.execPath, [join(folder, 'fault.mjs')], { env: { PORT: '0' }, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk) => {
    words += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number];
  expect([code, words]).toEqual([1, 'cannot read the licence\n']);
});
