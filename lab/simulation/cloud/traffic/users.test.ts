import { expect, test } from 'vitest';
import { EPOCH_MS, Kernel } from '../../kernel/kernel.ts';
import type { RequestFailure, Watcher } from '../contracts.ts';
import { FakeServers, SERVER_IDS, TARGET_GROUP } from '../fake-servers.ts';
import { createLoadBalancer } from '../load-balancer.ts';
import { SimulatedStore } from '../store.ts';
import { startTraffic, type TrafficPhase } from './users.ts';

const [FIRST = ''] = SERVER_IDS;
const MINUTE_MS = 60_000;

function world({
  seed = 1,
  phases = [{ fromMs: 30_000, users: 20 }],
}: {
  readonly seed?: number;
  readonly phases?: readonly TrafficPhase[];
} = {}) {
  const kernel = new Kernel(seed);
  const store = new SimulatedStore({ kernel });
  const servers = new FakeServers(kernel, store);
  const loadBalancer = createLoadBalancer({ kernel, servers, front: { targetGroup: TARGET_GROUP }, metrics: { record: () => {} } });
  for (const id of SERVER_IDS) loadBalancer.register(id);
  const failures: RequestFailure[] = [];
  const losses: object[] = [];
  const watcher: Watcher = { requestFailed: (failure) => failures.push(failure), sessionLost: (loss) => losses.push(loss) };
  const tally = startTraffic({ kernel, loadBalancer, store, watcher, phases });
  return {
    kernel,
    store,
    servers,
    loadBalancer,
    failures,
    losses,
    tally,
    until: (minutes: number) => kernel.run(EPOCH_MS + minutes * MINUTE_MS),
  };
}

test('twenty users meet no error in a healthy fleet, in few milliseconds', async () => {
  const { failures, losses, tally, until } = world();
  const startedMs = performance.now();
  await until(6);
  const tookMs = performance.now() - startedMs;
  expect(tally.sent).toBeGreaterThan(500);
  expect([...tally.answers.keys()]).toEqual([200]);
  expect({ failures, losses }).toEqual({ failures: [], losses: [] });
  expect(tookMs).toBeLessThan(2_000); // About 20 on an idle machine; one that does much else made it 500.
});

test('a seed repeats what users do', async () => {
  const traces = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      const { servers, until } = world({ seed });
      await until(2);
      return JSON.stringify(servers.served);
    }),
  );
  expect(traces[0]).toBe(traces[1]);
  expect(traces[0]).not.toBe(traces[2]);
});

test('users leave and come back by phases', async () => {
  const { servers, until } = world({
    phases: [
      { fromMs: 0, users: 20 },
      { fromMs: 2 * MINUTE_MS, users: 0 },
      { fromMs: 4 * MINUTE_MS, users: 3 },
    ],
  });
  await until(6);
  const between = (from: number, to: number) =>
    servers.served.filter(({ atMs }) => atMs >= EPOCH_MS + from * MINUTE_MS && atMs < EPOCH_MS + to * MINUTE_MS);
  expect(between(2, 4)).toEqual([]);
  expect(new Set(between(4, 6).map(({ sessionId }) => sessionId)).size).toBe(3);
});

test('a failed request is told with its server, release and status', async () => {
  const { servers, failures, until } = world();
  servers.behaviours.set(FIRST, 'failsWith500');
  await until(2);
  expect(failures.length).toBeGreaterThan(0);
  for (const failure of failures) {
    expect(failure).toMatchObject({ instanceId: FIRST, status: 500, version: '1', why: `500 from ${FIRST} with 1` });
  }
});

test('a failover of the store loses no more than it explains; any other loss is told', async () => {
  const lostByFailover: number[] = [];
  for (const seed of [1, 2, 3, 4, 5]) {
    const { kernel, store, losses, tally, until } = world({ seed });
    for (const minute of [1.5, 3, 4.5]) kernel.after(minute * MINUTE_MS, () => store.failover(3_000));
    await until(6);
    expect(losses).toEqual([]);
    lostByFailover.push(tally.lostByFailover);
  }
  expect(Math.max(...lostByFailover)).toBeGreaterThan(0);

  const { store, losses, until } = world();
  await until(2);
  const raise = store.raise.bind(store);
  store.raise = (sessionId) => Math.max(1, (raise(sessionId) ?? 1) - 5);
  await until(3);
  expect(losses).not.toEqual([]);
});
