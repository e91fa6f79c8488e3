/** The examples' paths for a deploy's session probe, by the contract of each. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../cli/releases/read-contract.ts';
import { type Process, startApp, startStore } from './processes.ts';

describe.each(['node-app', 'hardened-node-app'])('the session probe of %s', (example) => {
  let folder: string;
  const running: Process[] = [];
  const track = async (starting: Promise<Process>): Promise<Process> => {
    const process = await starting;
    running.push(process);
    return process;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'session-probe-'));
    execFileSync(process.execPath, [`examples/${example}/build.mjs`, '--version', '1.1.0', '--out', folder]);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((process) => process.stop('SIGKILL')));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('writes a value into a session of nobody, which another server reads, and answers nobody from outside', async () => {
    const { session } = await readContract(folder);
    const { write = '', read = '' } = session?.probe ?? {};
    const store = await track(startStore());
    const [first, second] = [await track(startApp(folder, store.port)), await track(startApp(folder, store.port))];
    const get = (app: Process, path: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${app.port}${path}`, { headers: { 'x-forwarded-proto': 'https', ...headers } });
    const written = await get(first, write);
    const value = await written.text();
    expect([written.status, value]).toEqual([200, expect.stringMatching(/^[!-~]{8,256}$/)]);
    const cookie = written.headers.getSetCookie().find((one) => one.startsWith(`${session?.cookie}=`)) ?? '';
    const known = await get(second, read, { cookie: cookie.split(';')[0] ?? '' });
    expect([known.status, await known.text()]).toEqual([200, value]);
    expect((await get(second, read)).status, 'without a session').not.toBe(200);
    for (const path of [write, read]) expect((await get(first, path, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(404);
  });
});
