/** The ways to find keys without a TTL that are compared: each goes through the store once. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Checkpoint } from '../../functions/sweep/contract.ts';
import { createHashId } from '../../functions/sweep/hash-id.ts';
import { DEFAULT_SWEEP_SETTINGS, type SweepSettings } from '../../functions/sweep/settings.ts';
import { sweepShard } from '../../functions/sweep/sweep-shard.ts';

/** Keys that were seen, in how many seconds, by how much of this machine. */
export interface Went {
  readonly keys: number;
  readonly seconds: number;
  readonly clientCpuSeconds: number;
}

/** What the default of a fast sweep goes up to: both are asked with the same COUNT. */
export const PAGE = 200;
/** Where SCAN with PTTL is at its fastest. */
export const PTTL_COUNT = 1_000;

/** A dry run: every round finds the same store. @param mostSeconds a gentle sweep is stopped then */
export async function runHoldfast(port: number, pace: SweepSettings['pace'], mostSeconds = 600): Promise<Went> {
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
  await sweepShard(ports, sweep, '0001', mostSeconds * 1_000);
  const found = last?.tally.byDialect['connect-redis']?.mended ?? 0;
  const keys = last?.tally.keys ?? 0;
  if (Math.abs(found - keys / 100) > keys / 500 + 20) throw new Error(`the sweep found ${found} of ${keys} keys without TTL`);
  return { keys, seconds: (last?.busyMs ?? 0) / 1_000, clientCpuSeconds: cpuSince(cpu) };
}

export const runScan = (port: number): Promise<Went> =>
  timed(port, async (redis, cursor) => {
    const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', PAGE);
    return [next.toString(), keys.length];
  });

export const runScanPttl = (port: number): Promise<Went> =>
  timed(port, async (redis, cursor) => {
    const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', PTTL_COUNT);
    const pipeline = redis.pipeline();
    for (const key of keys) pipeline.pttl(key);
    await pipeline.exec();
    return [next.toString(), keys.length];
  });

/** Undefined where there is no redis-cli. */
export const runMemkeys = (port: number, keys: number): Promise<Went | undefined> =>
  runShell(`redis-cli -p ${port} --memkeys > /dev/null`, keys);

/** The loop of the runbook that Holdfast replaces, on the first keys alone. */
export const runSeedLoop = (port: number, slice: number): Promise<Went | undefined> =>
  runShell(
    `redis-cli -p ${port} --scan --pattern 'sess:*' | head -n ${slice} | while read key; do
       ttl=$(redis-cli -p ${port} TTL "$key")
       if [ "$ttl" -eq -1 ]; then echo "No TTL: $key"; fi
     done > /dev/null`,
    slice,
  );

async function timed(port: number, page: (redis: Redis, cursor: string) => Promise<[string, number]>): Promise<Went> {
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

async function runShell(command: string, keys: number): Promise<Went | undefined> {
  const startedMs = performance.now();
  const child = spawn('sh', ['-c', `command -v redis-cli > /dev/null || exit 127; ${command}; times`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const printed = await text(child.stdout);
  // The shell's own times, then those of what it started: user and system.
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
