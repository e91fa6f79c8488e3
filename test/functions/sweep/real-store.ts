/** A separate server, with the keys that tests of the sweep plant and inspect. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { freePort } from '../../../lab/processes/free-port.ts';
import { DEFAULT_ENGINE, type StoreEngine } from '../../store-engines.ts';
import type { StoreTls } from './store-tls.ts';

export interface RealStore {
  readonly port: number;
  readonly redis: Redis;
  /** A connection as the sweep makes it, to this server or to another that took its place. */
  readonly connect: () => Promise<Redis>;
  /** Ends the server's process at once. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A store of the default engine. @param settings words of the command line: `--maxmemory-policy allkeys-lfu` */
export const startStore = (...settings: string[]): Promise<RealStore> => startStoreOn(DEFAULT_ENGINE, settings);

/** A store that speaks TLS alone, to its clients and to other nodes. @param tls of {@link makeTls} */
export const startTlsStore = (tls: StoreTls, ...settings: string[]): Promise<RealStore> => startStoreOn(DEFAULT_ENGINE, settings, tls);

/** @param engine one of STORE_ENGINES @param settings words of the command line @param tls of {@link makeTls}, to speak TLS alone */
export async function startStoreOn(engine: StoreEngine, settings: readonly string[] = [], tls?: StoreTls): Promise<RealStore> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweep-store-'));
  const port = await freePort();
  const listens = tls ? ['--port', '0', '--tls-port', String(port), ...tls.words] : ['--port', String(port)];
  const words = [...listens, '--bind', '127.0.0.1', '--save', '', '--dir', folder, '--repl-diskless-sync-delay', '0'];
  const server = spawn(engine.server, [...words, ...settings], { stdio: 'ignore' });
  const options: RedisOptions = tls ? { tls: { ca: tls.caPem } } : {};
  const redis = new Redis(port, '127.0.0.1', {
    ...options,
    lazyConnect: true,
    retryStrategy: (times) => (times < 100 ? 20 : null),
    disableClientInfo: true,
  });
  redis.on('error', () => undefined);
  await redis.connect().catch(() => undefined);
  for (let poll = 0; redis.status !== 'ready' && poll < 200; poll += 1) await sleep(20);
  const opened: Redis[] = [redis];
  const kill = () => end(server);
  return {
    port,
    redis,
    connect: async () => {
      const one = await connectTo(port, options);
      opened.push(one);
      return one;
    },
    kill,
    stop: async () => {
      for (const one of opened) one.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function connectTo(port: number, options: RedisOptions = {}): Promise<Redis> {
  const one = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
    retryStrategy: () => null,
    ...options,
  });
  one.on('error', () => undefined);
  await one.connect();
  return one;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

/** A key as the store returns it: its value byte by byte, and its TTL in seconds (−1 for none, −2 for no key). */
export async function snapshot(redis: Redis): Promise<Map<string, { dump: string; ttl: number }>> {
  const keys = await redis.keysBuffer('*');
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.dumpBuffer(key).ttl(key);
  const replies = (await pipeline.exec()) ?? [];
  const found = new Map<string, { dump: string; ttl: number }>();
  for (const [at, key] of keys.entries()) {
    const dump = replies[at * 2]?.[1] as Buffer | null;
    found.set(key.toString('latin1'), { dump: dump?.toString('base64') ?? '', ttl: Number(replies[at * 2 + 1]?.[1]) });
  }
  return found;
}

/** A java.lang.Long or Integer as the JDK serialises it, which is what Spring stores by default. */
export function serialisedLong(value: number): Buffer {
  const header = Buffer.from(
    'aced00057372000e6a6176612e6c616e672e4c6f6e673b8be490cc8f23df0200014a000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870',
    'hex',
  );
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return Buffer.concat([header, bytes]);
}
export function serialisedInteger(value: number): Buffer {
  const header = Buffer.from(
    'aced0005737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870',
    'hex',
  );
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return Buffer.concat([header, bytes]);
}
