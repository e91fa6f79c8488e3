/** A primary with replicas, real processes, and what the collector would know of them. */
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import type { Redis } from 'ioredis';
import type { StoreNodes } from '../../../functions/records/store-nodes.ts';
import type { NodeAddress } from '../../../functions/shared/store/cluster-slots.ts';
import { replicationState } from '../../../functions/sweep/replica/open-reader.ts';
import type { StoreEngine } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { connectTo, type RealStore, startStoreOn } from './real-store.ts';

export interface RealReplicas {
  readonly primary: RealStore;
  readonly replicas: readonly RealStore[];
  /** As the sweep connects to the store's endpoint: to the node that {@link lead} chose, at first the primary. */
  readonly connect: () => Promise<Redis>;
  readonly connectTo: (node: NodeAddress) => Promise<Redis>;
  lead(node: RealStore): void;
  /** The nodes that answer, as the collector records them. */
  storeNodes(): Promise<StoreNodes>;
  /** Each replica has everything that the primary has written. */
  untilInStep(): Promise<void>;
  /** Holds back what the primary sends to a replica, whose link stays up. @returns a function that ends it */
  stall(replica: RealStore): () => void;
  stop(): Promise<void>;
}

export async function startReplicas(engine: StoreEngine, count: number, ...settings: string[]): Promise<RealReplicas> {
  const primary = await startStoreOn(engine, settings);
  const wires = await Promise.all(Array.from({ length: count }, () => startWire(primary.port)));
  const replicas = await Promise.all(
    wires.map(({ port }) =>
      startStoreOn(engine, ['--replicaof', '127.0.0.1', String(port), '--repl-diskless-load', 'swapdb', ...settings]),
    ),
  );
  const all = [primary, ...replicas];
  let endpoint = primary;
  const stateOf = async (store: RealStore) => {
    const redis = await connectTo(store.port);
    try {
      return replicationState(await redis.info());
    } finally {
      redis.disconnect();
    }
  };
  const known = async (store: RealStore) => {
    const { role, runId, replicationId, linkUp } = await stateOf(store);
    const name = `127.0.0.1:${store.port}`;
    return [{ name, host: '127.0.0.1', port: store.port, role, runId, replicationId, linkUp, lagSeconds: 0 }];
  };
  const group: RealReplicas = {
    primary,
    replicas,
    connect: () => connectTo(endpoint.port),
    connectTo: ({ port }) => connectTo(port),
    lead(node) {
      endpoint = node;
    },
    async storeNodes() {
      const nodes = await Promise.all(all.map((store) => known(store).catch(() => [])));
      return { takenAtMs: Date.now(), nodes: nodes.flat() };
    },
    untilInStep: () =>
      until(async () => {
        const { offset } = await stateOf(primary);
        const states = await Promise.all(replicas.map(stateOf));
        return states.every((state) => state.linkUp && state.offset >= offset);
      }).then(() => undefined),
    stall: (replica) => wires[replicas.indexOf(replica)]?.stall() as () => void,
    stop: async () => {
      for (const store of all) await store.stop();
      for (const wire of wires) wire.close();
    },
  };
  await group.untilInStep();
  return group;
}

/** A TCP connection to `target` that can be stalled. */
async function startWire(target: number) {
  const sockets = new Set<Socket>();
  const upstream = new Set<Socket>();
  const server = createServer((client) => {
    const store = dial(target, '127.0.0.1');
    upstream.add(store);
    for (const socket of [client, store]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        store.destroy();
        upstream.delete(store);
      });
    }
    client.pipe(store);
    store.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      for (const socket of upstream) {
        socket.unpipe();
        socket.pause();
      }
      const held = [...upstream];
      const ends = [...sockets].filter((socket) => !upstream.has(socket) && !socket.destroyed);
      return () => {
        for (const [at, socket] of held.entries()) socket.pipe(ends[at] as Socket);
      };
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
