/**
 * All random histories, as the templates' user of an application over TLS: on each store engine of this machine, and on a cluster of
 * three shards.
 */
import { describe, expect, it } from 'vitest';
import { startCluster } from '../../functions/sweep/real-cluster.ts';
import { makeTls } from '../../functions/sweep/store-tls.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { adminOf } from './admin.ts';
import { addApplicationUser, optionsOf, startApplicationStore } from './application-store.ts';
import { runHistories, seedsFrom } from './run-history.ts';
import { connectCluster } from './site.ts';

const HISTORIES = 10_000;
/** Far above what it takes, on a machine that does other work too. */
const TIMEOUT_MS = 900_000;

describe.each(STORE_ENGINES)('on $name', (engine) => {
  it(`${HISTORIES} histories: nothing that must not happen`, { timeout: TIMEOUT_MS }, async () => {
    const { real, clients, stop } = await startApplicationStore(2, engine);
    try {
      expect(await runHistories(seedsFrom(1, HISTORIES), clients, adminOf([real.redis]))).toEqual([]);
    } finally {
      await stop();
    }
  });
});

it(`${HISTORIES} histories on a cluster of three shards: nothing that must not happen`, { timeout: TIMEOUT_MS }, async () => {
  const tls = await makeTls();
  const cluster = await startCluster(3, tls);
  const ports = cluster.primaries.map(({ port }) => port);
  for (const { redis } of [...cluster.primaries, cluster.replica]) {
    // The templates create no cluster; a client of one asks for its slots.
    await addApplicationUser(redis, '+cluster|slots');
    // On a machine with other work a node can be silent for longer than the two seconds that other tests need.
    await redis.config('SET', 'cluster-node-timeout', '60000');
  }
  const clients = await Promise.all([connectCluster(ports, optionsOf(tls)), connectCluster(ports, optionsOf(tls))]);
  const nodes = cluster.primaries.map(({ redis }) => redis);
  const admin = adminOf(nodes, async (key) => (await cluster.primaryOf(key)).redis);
  try {
    expect(await runHistories(seedsFrom(1, HISTORIES), clients, admin)).toEqual([]);
    // The keys of a user are on several shards, so the commands went to all of them.
    for (const node of nodes) expect(await node.info('commandstats')).toMatch(/cmdstat_set:/);
  } finally {
    for (const client of clients) client.destroy();
    await cluster.stop();
    tls.remove();
  }
});
