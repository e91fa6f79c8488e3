/** Stores that speak TLS alone, and clients that are the user whom a created store has for the fleet's application. */
import type { Redis } from 'ioredis';
import { applicationAccess } from '../../../infra/constructs/store/access-strings.ts';
import { startCluster } from '../../functions/sweep/real-cluster.ts';
import { startStoreOn } from '../../functions/sweep/real-store.ts';
import { makeTls, type StoreTls } from '../../functions/sweep/store-tls.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';
import { adminOf } from './admin.ts';
import type { Admin } from './run-history.ts';
import { type Client, connectClient, connectCluster, PREFIX } from './site.ts';

const USER = { username: 'shop', password: 'a-password' };
const WORDS = applicationAccess({ keyPrefix: PREFIX, channels: [] }, [0]).split(' ');
/** Holdfast creates no cluster: the user of an existing one needs this as well, to find the shards. */
const OF_A_CLUSTER = ['+cluster|slots'];

export interface FleetStore {
  /** The server, or each primary, as the user who may do everything. */
  readonly nodes: readonly Redis[];
  readonly admin: Admin;
  /** A connection as the application's user. */
  connect(): Promise<Client>;
  stop(): Promise<void>;
}

const addUser = (nodes: readonly Redis[], more: readonly string[] = []) =>
  Promise.all(nodes.map((node) => node.call('ACL', 'SETUSER', USER.username, `>${USER.password}`, ...WORDS, ...more)));

const optionsOf = ({ caPem }: StoreTls) => ({ ...USER, socket: { tls: true, ca: caPem } });

/** @param stop of the servers */
function fleetStore(nodes: readonly Redis[], admin: Admin, connect: () => Promise<Client>, stop: () => Promise<void>): FleetStore {
  const clients: Client[] = [];
  return {
    nodes,
    admin,
    async connect() {
      const client = await connect();
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.destroy();
      await stop();
    },
  };
}

export async function startFleetStore(engine = DEFAULT_ENGINE): Promise<FleetStore> {
  const tls = await makeTls();
  const real = await startStoreOn(engine, [], tls);
  await addUser([real.redis]);
  const stop = async () => {
    await real.stop();
    tls.remove();
  };
  return fleetStore([real.redis], adminOf([real.redis]), () => connectClient(real.port, optionsOf(tls)), stop);
}

export async function startFleetCluster(shards: number): Promise<FleetStore> {
  const tls = await makeTls();
  const cluster = await startCluster(shards, tls);
  const nodes = cluster.primaries.map(({ redis }) => redis);
  await addUser(nodes, OF_A_CLUSTER);
  const admin = adminOf(nodes, async (key) => (await cluster.primaryOf(key)).redis);
  const ports = cluster.primaries.map(({ port }) => port);
  const stop = async () => {
    await cluster.stop();
    tls.remove();
  };
  return fleetStore(nodes, admin, () => connectCluster(ports, optionsOf(tls)), stop);
}
