import { setTimeout as sleep } from 'node:timers/promises';
import { timeCleanVerdict } from './clean-verdict.ts';
import { takeCounts } from './count-commands.ts';
import { runSweep } from './product-sweep.ts';
import { scanPage, scanPttlPage, scanStore } from './scan.ts';
import { runMemkeys, runSeedLoop } from './shell.ts';
import type { Pass, StoreAddresses, Work } from './work.ts';

type Done = Pick<Pass, 'keys' | 'count' | 'parts' | 'verdictMs'> & { readonly shellCpuSeconds?: number };

/** Undefined where the work needs a program that is not installed. */
export async function runWork(work: Work, stores: StoreAddresses): Promise<Pass | undefined> {
  const { port, tlsPort } = stores.store.primary;
  const ports = [port, tlsPort];
  takeCounts(ports);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const done = await run(work, stores);
  if (done === undefined) return undefined;
  const { shellCpuSeconds, ...pass } = done;
  const { user, system } = process.cpuUsage(cpu);
  return {
    ...pass,
    seconds: (performance.now() - startedMs) / 1_000,
    clientCpuSeconds: shellCpuSeconds ?? (user + system) / 1e6,
    sent: shellCpuSeconds === undefined ? takeCounts(ports) : undefined,
  };
}

async function run(work: Work, stores: StoreAddresses): Promise<Done | undefined> {
  const { cli, keys } = stores;
  const { port } = stores.store.primary;
  switch (work.kind) {
    case 'wait':
      await sleep(work.seconds * 1_000);
      return { keys: 0 };
    case 'sweep':
      return runSweep(work, stores);
    case 'clean':
      return { keys: 0, verdictMs: await timeCleanVerdict(stores) };
    case 'scan':
      return { keys: await scanStore(port, scanPage, work.count) };
    case 'scan-pttl':
      return { keys: await scanStore(port, scanPttlPage, work.count) };
    case 'memkeys':
      return cli === undefined ? undefined : { keys, shellCpuSeconds: await runMemkeys(cli, port) };
    case 'seed-loop':
      return cli === undefined ? undefined : { keys: work.slice, shellCpuSeconds: await runSeedLoop(cli, port, work.slice) };
  }
}
