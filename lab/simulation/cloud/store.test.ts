import { expect, test } from 'vitest';
import { judgeReplication } from '../../../functions/deploy/store-check/store-check.ts';
import { EPOCH_MS, Kernel } from '../kernel/kernel.ts';
import { SimulatedStore } from './store.ts';
import { storeConnector } from './store-probe.ts';

const until = (kernel: Kernel, seconds: number) => kernel.run(EPOCH_MS + seconds * 1000);
const SEEDS = [1, 2, 3, 4, 5];

test.each(SEEDS)('a failover loses at most what the replica had not got yet (seed %i)', async (seed) => {
  const kernel = new Kernel(seed);
  const store = new SimulatedStore({ kernel });
  kernel.every(100, () => void store.raise('s'));
  await until(kernel, 10);
  const before = store.raise('s') ?? 0;
  const { replicationId } = judgeReplication(store.info(), 1);
  store.failover(4_000);
  expect(store.raise('s')).toBeUndefined();
  await until(kernel, 14.05);
  const after = store.raise('s') ?? 0;
  expect(after).toBeLessThanOrEqual(before);
  expect(after).toBeGreaterThanOrEqual(before - 10);
  expect(judgeReplication(store.info(), 0).replicationId).not.toBe(replicationId);
  expect(() => judgeReplication(store.info(), 1)).toThrow('0 of 1 replicas');
  expect(store.explains('s', after)).toBe(true);
  expect(store.explains('s', after)).toBe(false);
  await until(kernel, 120);
  expect(judgeReplication(store.info(), 1).replicas).toBe(1);
});

test('nothing but a failover explains a loss, and none explains more than its lag', async () => {
  const kernel = new Kernel(1);
  const store = new SimulatedStore({ kernel });
  kernel.every(100, () => void store.raise('s'));
  await until(kernel, 10);
  expect(store.explains('s', 1)).toBe(false);
  store.failover(1_000);
  expect(store.explains('s', 1)).toBe(false);
});

test('a replica that gets nothing is behind, then gone, then loaded, then in sync', async () => {
  const kernel = new Kernel(1);
  const store = new SimulatedStore({ kernel });
  const judge = () => judgeReplication(store.info(), 1);
  store.replicaBehind(90_000);
  await until(kernel, 5);
  expect(judge().replicas).toBe(1);
  await until(kernel, 20);
  expect(judge).toThrow('slave0 last acknowledged 20 s ago');
  await until(kernel, 70);
  expect(judge).toThrow('0 of 1 replicas of the session store are in sync;');
  await until(kernel, 92);
  expect(judge).toThrow('slave0 is send_bulk');
  await until(kernel, 100);
  expect(judge().replicas).toBe(1);
});

test('the store check does not notice an outage of a second, and fails during one of a minute', async () => {
  const kernel = new Kernel(1);
  const store = new SimulatedStore({ kernel });
  const connect = storeConnector(kernel, store);
  const seen: string[] = [];
  const check = () =>
    void connect()
      .then((probe) => probe.info('replication'))
      .then(
        (info) => seen.push(`${judgeReplication(info, 1).replicas} in sync`),
        (error: Error) => seen.push(error.message),
      );
  store.outage(1_000);
  check();
  await until(kernel, 10);
  store.outage(60_000);
  check();
  await until(kernel, 60);
  expect(seen).toEqual(['1 in sync', 'connect failed']);
});
