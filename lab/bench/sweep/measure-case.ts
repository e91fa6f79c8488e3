import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Prober, Worker } from './client-process.ts';
import type { CasePlan } from './plan-cases.ts';
import { type CommandStats, readCommandStats, readMainThreadSeconds, sharePercent } from './store-share.ts';
import type { SweepCase } from './sweep-case.ts';
import { coreShareOf } from './throttle/core-share.ts';

/** Between two cases. */
const SETTLE_MS = 300;

export interface Bench {
  readonly engine: string;
  /** The primary that is measured. */
  readonly primary: Redis;
  readonly prober: Prober;
  readonly workerFor: (memoryMegabytes: number | undefined) => Worker;
}

/** Runs one case and measures it. @returns undefined where it needs a program that is not installed */
export async function measureCase({ name, work, memoryMegabytes }: CasePlan, bench: Bench): Promise<SweepCase | undefined> {
  const { primary, prober } = bench;
  const worker = bench.workerFor(memoryMegabytes);
  await sleep(SETTLE_MS);
  const before = await readStore(primary);
  const startedMs = performance.now();
  prober.start();
  const pass = await worker.run(work);
  const times = await prober.report();
  const seconds = (performance.now() - startedMs) / 1_000;
  const after = await readStore(primary);
  if (!pass) return undefined;
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const sent = pass.sent ?? everythingButGet(after.stats);
  return {
    name,
    engine: bench.engine,
    count: pass.count ?? ('count' in work ? work.count : 0),
    parts: pass.parts ?? ('count' in work ? 1 : 0),
    keysPerSecond: pass.keys / pass.seconds,
    probeP50Ms: at(0.5),
    probeP99Ms: at(0.99),
    probeMaxMs: at(1),
    storeSharePercent: sharePercent(before.stats, after.stats, sent, pass.seconds),
    storeCpuPercent: ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100,
    clientCpuSeconds: pass.clientCpuSeconds,
    ...(pass.verdictMs !== undefined && { verdictMs: pass.verdictMs }),
    ...(memoryMegabytes !== undefined && { memoryMegabytes, coreShare: coreShareOf(memoryMegabytes) }),
  };
}

async function readStore(primary: Redis): Promise<{ stats: CommandStats; cpuSeconds: number }> {
  const [stats, cpu] = [await primary.info('commandstats'), await primary.info('cpu')];
  return { stats: readCommandStats(stats), cpuSeconds: readMainThreadSeconds(cpu) };
}

/** The commands of a program that runs no scripts: nothing is counted twice. */
const everythingButGet = (stats: CommandStats): Record<string, number> =>
  Object.fromEntries([...stats.keys()].filter((name) => name !== 'get').map((name) => [name, Number.POSITIVE_INFINITY]));
