/** The benchmark's own store: sessions, of which one in a hundred has no TTL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../local/aws/processes/free-port.ts';
import { findStoreServers } from '../../setup/find-store-server.mjs';

const BATCH = 20_000;
const MAX_CONNECT_ATTEMPTS = 100;
const VALUE_BYTES = 300;

/** Writes sessions from `sess:0` on; every hundredth has no TTL. */
const FILL = `local value = string.rep('x', ${VALUE_BYTES})
for at = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
  local key = 'sess:' .. at
  if at % 100 == 0 then redis.call('SET', key, value) else redis.call('SET', key, value, 'EX', 86400) end
end`;

export interface BenchStore {
  readonly port: number;
  readonly version: string;
  readonly redis: Redis;
  stop(): Promise<void>;
}

export async function startBenchStore(keys: number): Promise<BenchStore> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-sweep-'));
  const [server] = findStoreServers(process.env, (process.env['PATH'] ?? '').split(path.delimiter)).servers;
  if (!server) throw new Error('no valkey-server or redis-server 7 or newer is on PATH');
  const port = await freePort();
  const child = spawn(server.path, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder], { stdio: 'ignore' });
  const redis = new Redis(port, '127.0.0.1', {
    disableClientInfo: true,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (times < MAX_CONNECT_ATTEMPTS ? 50 : null),
  });
  redis.on('error', () => undefined);
  const stop = async () => {
    redis.disconnect();
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (let at = 0; at < keys; at += BATCH) await redis.eval(FILL, 0, at, Math.min(at + BATCH, keys));
    // Redis's hash tables grow step by step, and a scan returns keys twice meanwhile.
    await sleep(2_000);
    return { port, version: `${server.engine} ${server.version}`, redis, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
