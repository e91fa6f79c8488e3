/** A cluster of real servers, each primary with its share of the slots. */
import type { NodeAddress } from '../../../functions/shared/store/cluster-slots.ts';
import { freePort } from '../../../lab/processes/free-port.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { connectTo, type RealStore, startStoreOn } from './real-store.ts';
import type { StoreTls } from './store-tls.ts';

const SLOTS = 16_384;
/** CLUSTER SLOTS leaves out a replica until its offset is above 0, which is from the primary's first ping on: by default after 10 s. */
const KNOWN_SOON = ['--repl-ping-replica-period', '1'];
/** No certificate of ElastiCache is for an address. */
const BY_NAME = ['--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname'];

export interface RealCluster {
  readonly primaries: readonly RealStore[];
  /** The replica of the first primary. */
  readonly replica: RealStore;
  /** As a sweep connects: to a node, or to the cluster's endpoint, which leads to any that lives. */
  connect(node?: NodeAddress): ReturnType<typeof connectTo>;
  /** The primary that serves a key's slot. */
  primaryOf(key: string): Promise<RealStore>;
  stop(): Promise<void>;
}

/**
 * @param primaries how many, with the same share of the slots each; or the first slot of each
 * @param tls of {@link makeTls}: nodes that accept only TLS and announce their host names, as ElastiCache's do (`tls-dynamic`)
 * @param engine one of STORE_ENGINES
 */
export async function startCluster(primaries: number | readonly number[], tls?: StoreTls, engine = DEFAULT_ENGINE): Promise<RealCluster> {
  const firstSlots =
    typeof primaries === 'number' ? Array.from({ length: primaries }, (_, at) => Math.floor((SLOTS * at) / primaries)) : primaries;
  const busPorts = await Promise.all(Array.from({ length: firstSlots.length + 1 }, freePort));
  const stores = await Promise.all(
    busPorts.map((bus) => {
      const words = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', '2000', ...KNOWN_SOON];
      return startStoreOn(engine, tls ? [...words, ...BY_NAME] : words, tls);
    }),
  );
  try {
    return await join(stores, busPorts, firstSlots);
  } catch (error) {
    for (const store of stores) await store.stop();
    throw error;
  }
}

async function join(stores: readonly RealStore[], busPorts: readonly number[], firstSlots: readonly number[]): Promise<RealCluster> {
  const [replica, ...primaries] = stores as readonly RealStore[] as [RealStore, ...RealStore[]];
  const firstSlot = (at: number) => firstSlots[at] ?? SLOTS;
  const idOf = async ({ redis }: RealStore) => String(await redis.call('CLUSTER', 'MYID'));
  for (const [at, { redis }] of primaries.entries()) {
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot(at), firstSlot(at + 1) - 1);
    await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
  }
  const [first] = primaries as [RealStore];
  for (const [at, { port }] of stores.entries())
    if (port !== first.port) await first.redis.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[at] as number);
  // It copies its primary meanwhile: servers take two seconds from their start until their cluster is ready.
  const primaryId = await idOf(first);
  await until(() =>
    replica.redis.call('CLUSTER', 'REPLICATE', primaryId).then(
      () => true,
      () => false, // it has not heard of its primary yet
    ),
  );
  const knows = async ({ redis }: RealStore, what: RegExp) => what.test(String(await redis.call('CLUSTER', 'INFO')));
  const ready = new RegExp(`cluster_state:ok[^]*cluster_known_nodes:${stores.length}`);
  await until(async () => (await Promise.all(stores.map((store) => knows(store, ready)))).every(Boolean));
  await until(async () => /master_link_status:up/.test(await replica.redis.info('replication')));
  // Every node's CLUSTER SLOTS includes the replica.
  await until(async () =>
    (await Promise.all(stores.map(({ redis }) => redis.cluster('SLOTS')))).every((slots) =>
      JSON.stringify(slots).includes(`${replica.port}`),
    ),
  );
  const slotOf = async (key: string) => Number(await first.redis.call('CLUSTER', 'KEYSLOT', key));
  return {
    primaries,
    replica,
    connect: (node) => connectTo(node?.port ?? (primaries.at(-1) as RealStore).port),
    async primaryOf(key) {
      const slot = await slotOf(key);
      return primaries.findLast((_, at) => firstSlot(at) <= slot) as RealStore;
    },
    stop: async () => {
      for (const store of stores) await store.stop();
    },
  };
}
