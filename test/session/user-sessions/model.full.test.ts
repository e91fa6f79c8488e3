/** All random histories, on each store engine and on a cluster of three shards, as the application's user over TLS. */
import { describe, expect, it } from 'vitest';
import { STORE_ENGINES } from '../../store-engines.ts';
import { type FleetStore, startFleetCluster, startFleetStore } from './fleet-store.ts';
import { runHistories, seedsFrom } from './run-history.ts';

const HISTORIES = 10_000;
/** Far above what it takes, on a machine that does other work too. */
const TIMEOUT_MS = 900_000;

async function runAll(store: FleetStore): Promise<readonly string[]> {
  const clients = [await store.connect(), await store.connect()];
  const found = await runHistories(seedsFrom(1, HISTORIES), clients, store.admin);
  // It was that user, by TLS: the servers have no other port.
  for (const node of store.nodes) expect(await node.call('CLIENT', 'LIST')).toContain(' user=shop ');
  return found;
}

it('both engines are there', () => {
  expect(STORE_ENGINES.map(({ engine }) => engine).sort()).toEqual(['redis', 'valkey']);
});

describe.each(STORE_ENGINES)('on $name', (engine) => {
  it(`${HISTORIES} histories: nothing that must not happen`, { timeout: TIMEOUT_MS }, async () => {
    const store = await startFleetStore(engine);
    try {
      expect(await runAll(store)).toEqual([]);
    } finally {
      await store.stop();
    }
  });
});

it(`${HISTORIES} histories on a cluster of three shards: nothing that must not happen`, { timeout: TIMEOUT_MS }, async () => {
  const store = await startFleetCluster(3);
  try {
    expect(await runAll(store)).toEqual([]);
    // The keys of a user are on several shards, so the commands went to all of them.
    for (const node of store.nodes) expect(await node.info('commandstats')).toMatch(/cmdstat_set:/);
  } finally {
    await store.stop();
  }
});
