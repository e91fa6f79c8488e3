/** The benchmark's own stores: a primary with its replica, and another such pair with the same keys. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { knowNodes } from '../../../../functions/collect/collect.ts';
import { readNode } from '../../../../functions/collect/read-node.ts';
import { pathsOf } from '../../../../setup/checkout.mjs';
import { findStoreServers, storeFolders } from '../../../../setup/find-store-server.mjs';
import type { Options } from '../options.ts';
import type { PairAddress, StoreAddresses } from '../work/work.ts';
import { type BenchServer, startBenchServer } from './bench-server.ts';
import { fillStore, PERSISTENT_EVERY, persistentOf, waitForSync } from './fill-store.ts';
import { makeCertificate } from './make-certificate.ts';
import { sweepAccessString } from './sweep-user.ts';

/** Hash tables grow step by step, and a scan returns keys twice meanwhile. */
const SETTLE_MS = 2_000;
/** Every key without a TTL takes as long as fifty others: a small store is enough. */
const PERSISTENT_STORE_PART = 10;
const HOST = '127.0.0.1';
const SWEEP_USER = 'sweep';

export interface BenchStores {
  /** `valkey 8.0.1` */
  readonly version: string;
  readonly addresses: StoreAddresses;
  /** The primary that is measured. */
  readonly primary: BenchServer;
  stop(): Promise<void>;
}

/** @throws Error when the engine is not installed, with the advice what to do */
export async function startStores({ engine, keys }: Pick<Options, 'engine' | 'keys'>): Promise<BenchStores> {
  const program = findStoreServers(process.env, storeFolders(process.env, pathsOf())).servers.find((one) => one.engine === engine);
  if (program === undefined)
    throw new Error(`no ${engine}-server 7 or newer was found: install it, or run the benchmark with another --engine`);
  const certificates = mkdtempSync(path.join(tmpdir(), 'bench-sweep-tls-'));
  const servers: BenchServer[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(certificates, { recursive: true, force: true });
  };
  try {
    const { caPem, tlsWords } = await makeCertificate(certificates);
    const start = async () => {
      const server = await startBenchServer(program.path, tlsWords);
      servers.push(server);
      return server;
    };
    const [primary, replica, other, replicaOfOther, persistent] = [
      await start(),
      await start(),
      await start(),
      await start(),
      await start(),
    ];
    const user = { name: SWEEP_USER, password: randomBytes(16).toString('hex') };
    const access = sweepAccessString(engine).split(' ');
    for (const { redis } of servers) await redis.call('ACL', 'SETUSER', user.name, ...access, `>${user.password}`);
    await fillStore(primary.redis, keys, PERSISTENT_EVERY);
    await fillStore(persistent.redis, keys / PERSISTENT_STORE_PART, 1);
    await follow(other, primary);
    await other.redis.replicaof('NO', 'ONE');
    await follow(replica, primary);
    await follow(replicaOfOther, other);
    await sleep(SETTLE_MS);
    const addresses: StoreAddresses = {
      store: await pairOf(primary, replica),
      control: await pairOf(other, replicaOfOther),
      persistent: await pairOf(persistent, persistent),
      caPem,
      user,
      cli: program.cli,
      keys,
      persistentKeys: persistentOf(keys),
    };
    return { version: `${program.engine} ${program.version}`, addresses, primary, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** With what the collector records of both. */
async function pairOf(primary: BenchServer, replica: BenchServer): Promise<PairAddress> {
  const sample = async ({ redis, address: { port } }: BenchServer) => ({
    ...readNode(`${HOST}:${port}`, await redis.info()),
    host: HOST,
    port,
  });
  const { nodes } = knowNodes([await sample(primary), await sample(replica)], undefined, Date.now());
  return { primary: primary.address, replica: replica.address, nodes };
}

async function follow(replica: BenchServer, { address }: BenchServer): Promise<void> {
  await replica.redis.replicaof(HOST, address.port);
  await waitForSync(replica.redis);
}
