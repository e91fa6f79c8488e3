import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { startTraffic } from '../../traffic/client.ts';
import { type FakeServer, fakeServer } from './fake-server.ts';

let server: FakeServer | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});
const quick = { users: 5, thinkTimeMs: 20, rampUpMs: 20 };

describe('startTraffic', () => {
  it('runs traffic in a process of its own, with phases and snapshots, until it is stopped', async () => {
    server = await fakeServer();
    const traffic = startTraffic({ url: server.url, ...quick }, 60_000);
    await traffic.ready;
    expect(await traffic.snapshot()).toMatchObject({ users: 5, sessions: 5, failed: 0 });
    traffic.mark('during');
    await until(async () => (await traffic.snapshot()).phases.during.requests > 0);
    const report = await traffic.stop();
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0 });
    expect(report.phases.during.requests).toBeGreaterThan(0);
    expect(await traffic.stop()).toEqual(report);
    await expect(traffic.snapshot()).rejects.toThrow('ended');
    expect(() => process.kill(traffic.pid, 0)).toThrow('ESRCH');
  });

  it('rejects when the users cannot log in in time', async () => {
    server = await fakeServer();
    const { url } = server;
    server.close();
    const traffic = startTraffic({ url, ...quick }, 300);
    await expect(traffic.ready).rejects.toThrow('not all users had logged in after 300 ms');
    await traffic.stop();
  });

  it('gives the last words of a process that failed', async () => {
    const traffic = startTraffic({ url: 'https://localhost:1', caFile: '/nowhere/ca.pem' }, 60_000);
    await expect(traffic.ready).rejects.toThrow('/nowhere/ca.pem');
    await expect(traffic.snapshot()).rejects.toThrow('ended');
  });

  it('refuses a URL that is none, quoting it', () => {
    expect(() => startTraffic({ url: 'ftp://localhost' })).toThrow('"ftp://localhost" must begin with http');
  });
});

describe('main.ts by hand', () => {
  const main = (...parameters: string[]) =>
    promisify(execFile)(process.execPath, ['lab/demo/traffic/main.ts', ...parameters], { timeout: 120_000 });

  it('prints one JSON line and exits 0 when nothing went wrong', async () => {
    server = await fakeServer();
    const { stdout } = await main('--url', server.url, '--users', '3', '--seconds', '0.8', '--think-time-ms', '30', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ users: 3, failed: 0, sessionsLost: 0 });
  });

  it('exits 1 when requests failed, 2 for a wrong option', async () => {
    server = await fakeServer(({ answer }) => answer(500, {}));
    await expect(main('--url', server.url, '--users', '2', '--seconds', '3', '--think-time-ms', '30')).rejects.toMatchObject({ code: 1 });
    await expect(main('--url', server.url, '--seconds', 'ten')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"ten"'),
    });
  });
});
