import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Redis } from 'ioredis';
import { until } from '../until.ts';
import { startStore } from './processes.ts';

/** A primary and its replica behind one endpoint. */
export interface StorePair {
  /** Port of the endpoint, which leads to the primary. */
  readonly port: number;
  /** Resolves when the replica has so many keys. */
  copied(keys: number): Promise<void>;
  /** The replica becomes the primary, and the old one its replica: connections stay open, and new ones lead to the new primary. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

export async function startStorePair(): Promise<StorePair> {
  const [old, other] = await Promise.all([startStore(), startStore()]);
  const [toOld, toOther] = [new Redis(old.port), new Redis(other.port)];
  let primary = old.port;
  const endpoint = createServer((socket) => {
    const upstream = connect(primary, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) end.on('error', () => {});
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  await toOther.replicaof('127.0.0.1', old.port);
  await until(async () => (await toOther.info('replication')).includes('master_link_status:up'));
  return {
    port: (endpoint.address() as AddressInfo).port,
    async copied(keys) {
      await until(async () => (await toOther.dbsize()) === keys);
    },
    async failOver() {
      await toOther.replicaof('NO', 'ONE');
      await toOld.replicaof('127.0.0.1', other.port);
      primary = other.port;
    },
    async stop() {
      for (const client of [toOld, toOther]) client.disconnect();
      endpoint.close();
      await Promise.all([old.stop('SIGKILL'), other.stop('SIGKILL')]);
    },
  };
}
