/** TLS on only one side of the connection, against real servers: the client soon gets an error with the cause, and nothing changes. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createStoreNodes } from '../../../../functions/collect/store-nodes.ts';
import { createStoreCheck } from '../../../../functions/deploy/store-check/store-check.ts';
import { findTlsMismatch } from '../../../../functions/shared/store/find-tls-mismatch.ts';
import { createStoreConnector } from '../../../../functions/shared/store/store-connection.ts';
import { createStoreLogin } from '../../../../functions/shared/store/store-login.ts';
import { DEPLOY } from '../../fakes/fixtures.ts';
import { memorySweepRecords } from '../../fakes/memory-sweep-records.ts';
import { testCollector } from '../../fakes/test-collector.ts';
import { type RealStore, snapshot, startStore, startTlsStore } from '../../sweep/real-store.ts';
import { invoke } from '../../sweep/run-sweep.ts';
import { makeTls, type StoreTls } from '../../sweep/store-tls.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let tls: StoreTls;
let overTls: RealStore;
let inTheClear: RealStore;
beforeAll(async () => {
  tls = await makeTls();
  [overTls, inTheClear] = await Promise.all([startTlsStore(tls), startStore()]);
});
afterAll(async () => {
  for (const store of [overTls, inTheClear]) await store?.stop();
  tls?.remove();
});

const settingsOf = ({ port }: RealStore, isTls: boolean) => ({ host: 'localhost', port, tls: isTls, auth: { mode: 'none' } }) as const;
type Settings = ReturnType<typeof settingsOf>;
const login = createStoreLogin({ mode: 'none' }, {}, Date.now);
const connectorOf = (settings: Settings) => createStoreConnector(settings, login, { ca: tls.caPem });

describe.each<[string, () => RealStore, boolean, RegExp]>([
  ['a client without TLS, on a store that requires it', () => overTls, false, /answers only over TLS.+set store\.existing\.tls to true/],
  ['a client with TLS, on a store without it', () => inTheClear, true, /answers only without TLS.+or set store\.existing\.tls to false/],
])('%s', (_title, store, isTls, expected) => {
  it('the connection fails with the reason before its retries are over', async () => {
    const startedMs = performance.now();
    await expect(connectorOf(settingsOf(store(), isTls))()).rejects.toMatchObject({
      name: 'TlsMismatch',
      message: expect.stringMatching(expected),
    });
    // Below what the collector has for one node.
    expect(performance.now() - startedMs).toBeLessThan(8_000);
  });

  it('a sweep fails at once, and changes no key', async () => {
    const { redis } = store();
    await redis.set('sess:1', 'x');
    const before = await snapshot(redis);
    await expect(invoke(connectorOf(settingsOf(store(), isTls)), { records: memorySweepRecords() })).rejects.toMatchObject({
      name: 'StoreUnreachable',
      message: expect.stringMatching(
        new RegExp(`store:6379 refuses the sweep's connection: TlsMismatch: localhost:\\d+ ${expected.source}.*\\. No key was changed`),
      ),
    });
    expect(await snapshot(redis)).toEqual(before);
  });

  it('the collector reports it for the node, and records nothing', async () => {
    const putStore = vi.fn(async () => true);
    const nodes = createStoreNodes(settingsOf(store(), isTls), {}, (node) => connectorOf(node as Settings)());
    const collect = testCollector({ nodes, records: { getStore: async () => undefined, putStore } });
    await expect(collect()).rejects.toMatchObject({
      name: 'NoPrimaryAnswered',
      message: expect.stringMatching(new RegExp(`TlsMismatch: localhost:\\d+ ${expected.source}.*\\. No reading was recorded`)),
    });
    expect(putStore).not.toHaveBeenCalled();
  });

  it('a deploy is refused before it starts', async () => {
    const settings = settingsOf(store(), isTls);
    const check = createStoreCheck({ connect: connectorOf(settings), wantedReplicas: 0, storeName: 'store:6379', now: Date.now });
    await expect(check({ step: 'checkStore', deploy: DEPLOY })).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringMatching(expected),
    });
  });
});

describe('no mismatch is reported', () => {
  it.each<[string, () => Settings]>([
    ['for a store with TLS, its certificate trusted or not', () => settingsOf(overTls, true)],
    ['for a store without TLS', () => settingsOf(inTheClear, false)],
    ['where nothing listens', () => ({ ...settingsOf(inTheClear, false), port: 1 })],
  ])('%s', async (_title, settings) => {
    expect(await findTlsMismatch(settings())).toBeUndefined();
  });
});
