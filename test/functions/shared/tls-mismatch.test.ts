/** TLS on one side of the connection alone, against real servers: who connects is told what is wrong, soon, and changes nothing. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createStoreNodes } from '../../../functions/collect/store-nodes.ts';
import { createStoreCheck } from '../../../functions/deploy/store-check.ts';
import { findTlsMismatch } from '../../../functions/shared/find-tls-mismatch.ts';
import { createStoreConnector } from '../../../functions/shared/store-connection.ts';
import { createStoreLogin } from '../../../functions/shared/store-login.ts';
import { DEPLOY } from '../fakes/fixtures.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { testCollector } from '../fakes/test-collector.ts';
import { type RealStore, snapshot, startStore, startTlsStore } from '../sweep/real-store.ts';
import { invoke } from '../sweep/run-sweep.ts';
import { makeTls, type StoreTls } from '../sweep/store-tls.ts';

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
  ['a client without TLS, of a store that wants it', () => overTls, false, /answers over TLS alone.+set store\.existing\.tls to true/],
  [
    'a client with TLS, of a store that has none',
    () => inTheClear,
    true,
    /answers without TLS alone.+or set store\.existing\.tls to false/,
  ],
])('%s', (_title, store, isTls, said) => {
  it('is told so by the connection, before its retries are over', async () => {
    const startedMs = performance.now();
    await expect(connectorOf(settingsOf(store(), isTls))()).rejects.toMatchObject({
      name: 'TlsMismatch',
      message: expect.stringMatching(said),
    });
    // Below what the collector has for one node.
    expect(performance.now() - startedMs).toBeLessThan(8_000);
  });

  it('as a sweep ends at once, and changes no key', async () => {
    const { redis } = store();
    await redis.set('sess:1', 'x');
    const before = await snapshot(redis);
    await expect(invoke(connectorOf(settingsOf(store(), isTls)), { records: memorySweepRecords() })).rejects.toMatchObject({
      name: 'StoreUnreachable',
      message: expect.stringMatching(
        new RegExp(`store:6379 does not let the sweep in: TlsMismatch: localhost:\\d+ ${said.source}.*\\. No key was changed`),
      ),
    });
    expect(await snapshot(redis)).toEqual(before);
  });

  it('as the collector says so of the node, and records nothing', async () => {
    const putStore = vi.fn(async () => true);
    const nodes = createStoreNodes(settingsOf(store(), isTls), {}, (node) => connectorOf(node as Settings)());
    const collect = testCollector({ nodes, records: { getStore: async () => undefined, putStore } });
    await expect(collect()).rejects.toMatchObject({
      name: 'StoreUnread',
      message: expect.stringMatching(new RegExp(`TlsMismatch: localhost:\\d+ ${said.source}.*\\. Nothing was recorded$`)),
    });
    expect(putStore).not.toHaveBeenCalled();
  });

  it('as a deploy is refused before it begins', async () => {
    const settings = settingsOf(store(), isTls);
    const check = createStoreCheck({ connect: connectorOf(settings), wantedReplicas: 0, storeName: 'store:6379', now: Date.now });
    await expect(check({ step: 'checkStore', deploy: DEPLOY })).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringMatching(said),
    });
  });
});

describe('no mismatch is told', () => {
  it.each<[string, () => Settings]>([
    ['of a store that answers as it is asked, its certificate trusted or not', () => settingsOf(overTls, true)],
    ['of one without TLS that is asked so', () => settingsOf(inTheClear, false)],
    ['where nobody listens', () => ({ ...settingsOf(inTheClear, false), port: 1 })],
  ])('%s', async (_title, settings) => {
    expect(await findTlsMismatch(settings())).toBeUndefined();
  });
});
