/** The compared ways to find keys without a TTL. Each goes through the store once. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Checkpoint } from '../../functions/sweep/contract.ts';
import { createHashId } from '../../functions/sweep/keys/hash-id.ts';
import { DEFAULT_SWEEP_SETTINGS, type SweepSettings } from '../../functions/sweep/settings.ts';
import { sweepShard } from '../../functions/sweep/sweep-shard.ts';

/** One pass through the store. */
export interface Pass {
  readonly keys: number;
  readonly seconds: number;
  readonly clientCpuSeconds: number;
}

/** Largest page of a fast sweep by default; the bare SCAN uses the same COUNT. */
export const PAGE = 200;
/** COUNT at which SCAN with PTTL is fastest. */
export const PTTL_COUNT = 1_000;

/** A dry run, so that every round finds the same store. @param maxSeconds when a gentle sweep is stopped */
export async function runHoldfast(port: number, pace: SweepSettings['pace'], maxSeconds = 600): Promise<Pass> {
  const settings = { ...DEFAULT_SWEEP_SETTINGS, pace };
  let last: Checkpoint | undefined;
  const records = {
    takeShard: async () => ({ taken: true, checkpoint: undefined }) as const,
    saveCheckpoint: async (_shard: string, checkpoint: Checkpoint) => {
      last = checkpoint;
      return true;
    },
  };
  const ports = {
    connect: () => connectTo(port),
    storeName: 'bench',
    records,
    hashId: createHashId('bench'),
    now: Date.now,
    pause: (ms: number) => sleep(ms),
  };
  const sweep = { sweepId: 'bench', executionArn: 'bench', startedAtMs: 0, requestedBy: 'bench', dryRun: true, settings };
  const cpu = process.cpuUsage();
  await sweepShard(ports, sweep, '0001', maxSeconds * 1_000);
  const found = last?.tally.byDialect['connect-redis']?.repaired ?? 0;
  const keys = last?.tally.keys ?? 0;
  if (Math.abs(found - keys / 100) > keys / 500 + 20) throw new Error(`the sweep found ${found} of ${keys} keys without TTL`);
  return { keys, seconds: (last?.busyMs ?? 0) / 1_000, clientCpuSeconds: cpuSince(cpu) };
}

export const runScan = (port: number): Promise<Pass> =>
  timed(port, async (redis, cursor) => {
    const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', PAGE);
    return [next.toString(), keys.length];
  });

export const runScanPttl = (port: number): Promise<Pass> =>
  timed(port, async (redis, cursor) => {
    const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', PTTL_COUNT);
    const pipeline = redis.pipeline();
    for (const key of keys) pipeline.pttl(key);
    await pipeline.exec();
    return [next.toString(), keys.length];
  });

/** Undefined without redis-cli. */
export const runMemkeys = (port: number, keys: number): Promise<Pass | undefined> =>
  runShell(`redis-cli -p ${port} --memkeys > /dev/null`, keys);

/** A shell loop of one TTL command per key, on the first keys only. */
export const runShellLoop = (port: number, slice: number): Promise<Pass | undefined> =>
  runShell(
    `redis-cli -p ${port} --scan --pattern 'sess:*' | head -n ${slice} | while read key; do
       ttl=$(redis-cli -p ${port} TTL "$key")
       if [ "$ttl" -eq -1 ]; then echo "No TTL: $key"; fi
     done > /dev/null`,
    slice,
  );

async function timed(port: number, page: (redis: Redis, cursor: string) => Promise<[string, number]>): Promise<Pass> {
  const redis = await connectTo(port);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  let keys = 0;
  let cursor = '0';
  do {
    const [next, found] = await page(redis, cursor);
    cursor = next;
    keys += found;
  } while (cursor !== '0');
  const seconds = (performance.now() - startedMs) / 1_000;
  redis.disconnect();
  return { keys, seconds, clientCpuSeconds: cpuSince(cpu) };
}

async function runShell(command: string, keys: number): Promise<Pass | undefined> {
  const startedMs = performance.now();
  const child = spawn('sh', ['-c', `command -v redis-cli > /dev/null || exit 127; ${command}; times`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const printed = await text(child.stdout);
  // The shell's own times, then its children's: user and system.
  const times = [...printed.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  if (times.length === 0) return undefined;
  return { keys, seconds: (performance.now() - startedMs) / 1_000, clientCpuSeconds: times.reduce((sum, seconds) => sum + seconds) };
}

async function connectTo(port: number): Promise<Redis> {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, disableClientInfo: true });
  await redis.connect();
  return redis;
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
