import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import type { TrafficReport } from '../../traffic/contract.ts';
import { runTraffic, seededRandom, settle } from '../../traffic/run-traffic.ts';
import { type FakeServer, type Fault, fakeServer, type Visit } from './fake-server.ts';

let server: FakeServer | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** Five users at a quick pace until the server has counted often enough. */
async function trafficWith(fault: Fault, untilCounts = 60, requestTimeoutMs = 8_000): Promise<TrafficReport> {
  const enough = Promise.withResolvers<void>();
  server = await fakeServer((visit) => {
    if (visit.nth >= untilCounts) enough.resolve();
    return fault(visit);
  });
  const traffic = runTraffic(settle({ url: server.url, users: 5, thinkTimeMs: 10, rampUpMs: 20, requestTimeoutMs }));
  await Promise.race([enough.promise, new Promise((resolve) => setTimeout(resolve, 60_000))]);
  return traffic.stop();
}

const setCount = (session: Visit['session'], count: number): 'next' => {
  session.count = count;
  return 'next';
};

describe('runTraffic', () => {
  it('finds nothing wrong with a sound server', async () => {
    const report = await trafficWith(() => 'next');
    expect(report).toMatchObject({ users: 5, failed: 0, sessions: 5, sessionsLost: 0, failures: {}, losses: {} });
    expect(report.perVersion['1.0.0']).toBe(report.perServer['fake']);
    expect(report.requests).toBeGreaterThanOrEqual(60);
    expect(report.phases.before.p99Ms).toBeGreaterThanOrEqual(report.phases.before.p50Ms);
    expect(report.phases.before.p50Ms).toBeGreaterThan(0);
  });

  it('counts a user whose session was lost twice as one, logs the user in again and continues', async () => {
    const report = await trafficWith(({ session, nth, forget }) => {
      if (session.user === 'user-3' && session.count === 3 && nth < 50) forget();
      return 'next';
    });
    expect(report.sessionsLost).toBe(1);
    expect(report.losses.signedOut?.count).toBeGreaterThanOrEqual(2);
    expect(report.losses.signedOut?.examples[0]).toMatchObject({ path: '/count', status: 401 });
    expect(report).toMatchObject({ failed: 0, sessions: 5 });
  });

  it.each<[string, Fault, 'lost' | 'failed']>([
    ['a new, empty session', ({ answer }) => answer(200, { count: 1 }), 'lost'],
    ['a 503 before counting', ({ session, answer }) => setCount(session, session.count - 1) && answer(503, 'x'), 'failed'],
    [
      'an answer cut short',
      ({ response }) => void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
      'failed',
    ],
    ['no answer', () => undefined, 'failed'],
  ])('%s is seen for what it is', async (what, fault, expected) => {
    const timeoutMs = what === 'no answer' ? 1_000 : undefined;
    const report = await trafficWith((visit) => (visit.nth === 20 ? fault(visit) : 'next'), 120, timeoutMs);
    expect(report).toMatchObject({ sessionsLost: expected === 'lost' ? 1 : 0, failed: expected === 'failed' ? 1 : 0, sessions: 5 });
    expect(Object.values({ ...report.failures, ...report.losses }).map(({ count }) => count)).toEqual([1]);
  });

  it('reports failures by phase, and no session id', async () => {
    let failing = false;
    server = await fakeServer(({ answer }) => (failing ? answer(502, {}) : 'next'));
    const traffic = runTraffic(settle({ url: server.url, users: 3, thinkTimeMs: 10, rampUpMs: 10 }));
    expect(await traffic.ready).toBe(true);
    traffic.mark('during');
    failing = true;
    await until(() => traffic.snapshot().phases.during.failed > 0);
    failing = false;
    const good = () => traffic.snapshot().phases.during.requests - traffic.snapshot().phases.during.failed;
    const before = good();
    // An answer per user that was on its way may have failed still.
    await until(() => good() > before + 3);
    traffic.mark('after');
    await until(() => traffic.snapshot().phases.after.requests > 0);
    const report = await traffic.stop();
    expect(report.phases.during.failed).toBeGreaterThan(0);
    expect(report.phases.before.failed + report.phases.after.failed).toBe(0);
    expect(report.phases.after.requests).toBeGreaterThan(0);
    expect(report.failures.serverError?.examples.length).toBeLessThanOrEqual(5);
    for (const id of server.ids) expect(JSON.stringify(report)).not.toContain(id);
  });

  it('has users who log out and come again, each time with a fresh session, when visits have an end', async () => {
    let left = 0;
    server = await fakeServer(({ request, answer, forget }) => {
      if (request.url !== '/logout') return 'next';
      left += 1;
      forget();
      return answer(200, {});
    });
    const traffic = runTraffic(settle({ url: server.url, users: 4, thinkTimeMs: 10, rampUpMs: 10, visitMs: 100 }));
    await expect.poll(() => left, { timeout: 60_000 }).toBeGreaterThan(8);
    const report = await traffic.stop();
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0, sessions: 4 });
    expect(server.ids.length).toBe(left + 4);
  });

  it('reports that a server is not there', async () => {
    const gone = await fakeServer();
    gone.close();
    const traffic = runTraffic(settle({ url: gone.url, users: 2, thinkTimeMs: 10, rampUpMs: 1 }));
    await until(() => traffic.snapshot().failures.connection);
    const report = await traffic.stop();
    expect(await traffic.ready).toBe(false);
    expect(report).toMatchObject({ sessions: 0, sessionsLost: 0 });
    expect(report.failures.connection?.examples[0]).toMatchObject({ path: '/login', detail: 'ECONNREFUSED' });
  });
});

describe('seededRandom', () => {
  it('gives the same numbers for the same seed, spread from 0 to 1', () => {
    const [a, b] = [seededRandom(7), seededRandom(7)];
    const drawn = Array.from({ length: 1_000 }, a);
    expect(Array.from({ length: 1_000 }, b)).toEqual(drawn);
    expect(drawn.reduce((sum, value) => sum + value, 0) / 1_000).toBeCloseTo(0.5, 1);
  });
});
