/** All random histories, on each store engine of this machine and on a cluster of three shards. */
import { describe, expect, it } from 'vitest';
import { startCluster } from '../../functions/sweep/real-cluster.ts';
import { startStoreOn } from '../../functions/sweep/real-store.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { adminOf } from './admin.ts';
import { runHistories, seedsFrom } from './run-history.ts';
import { connectClient, connectCluster } from './site.ts';

const HISTORIES = 10_000;
/** Far above what it takes, on a machine that does other work too. */
const TIMEOUT_MS = 900_000;

describe.each(STORE_ENGINES)('on $name', (engine) => {
  it(`${HISTORIES} histories: nothing that must not happen`, { timeout: TIMEOUT_MS }, async () => {
    const real = await startStoreOn(engine);
    const clients = await Promise.all([connectClient(real.port), connectClient(real.port)]);
    try {
      expect(await runHistories(seedsFrom(1, HISTORIES), clients, adminOf([real.redis]))).toEqual([]);
    } finally {
      for (const client of clients) client.destroy();
      await real.stop();
    }
  });
});

it(`${HISTORIES} histories on a cluster of three shards: nothing that must not happen`, { timeout: TIMEOUT_MS }, async () => {
  const cluster = await startCluster(3);
  const ports = cluster.primaries.map(({ port }) => port);
  const clients = await Promise.all([connectCluster(ports), connectCluster(ports)]);
  const nodes = cluster.primaries.map(({ redis }) => redis);
  const admin = adminOf(nodes, async (key) => (await cluster.primaryOf(key)).redis);
  try {
    expect(await runHistories(seedsFrom(1, HISTORIES), clients, admin)).toEqual([]);
    // The keys of a user are on several shards, so the commands went to all of them.
    for (const node of nodes) expect(await node.info('commandstats')).toMatch(/cmdstat_set:/);
  } finally {
    for (const client of clients) client.destroy();
    await cluster.stop();
  }
});
