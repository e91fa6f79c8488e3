/**
 * `npm run bench:sweep`: how fast Holdfast and other tools find keys without a TTL, and what other clients notice
 * meanwhile, on the same stores in one run.
 */
import { runBench } from '../run-bench.ts';
import { startProber, startWorker, type Worker } from './client-process.ts';
import { unmetExpectations } from './judge-cases.ts';
import { measureCase } from './measure-case.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { type CasePlan, planCases } from './plan-cases.ts';
import { startStores } from './stores/start-stores.ts';
import { describeCase, medianCase, type SweepCase } from './sweep-case.ts';

async function bench(options: Options): Promise<number> {
  const { keys, rounds, json } = options;
  const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
  const startedMs = performance.now();
  const stores = await startStores(options);
  const { primary, addresses } = stores;
  const prober = startProber(primary.address.port, keys);
  const workers = new Map<number | undefined, Worker>();
  const workerFor = (memoryMegabytes: number | undefined): Worker => {
    const worker = workers.get(memoryMegabytes) ?? startWorker(addresses, memoryMegabytes);
    workers.set(memoryMegabytes, worker);
    return worker;
  };
  const end = async () => {
    await Promise.all([prober.stop(), ...[...workers.values()].map((worker) => worker.stop())]);
    await stores.stop();
  };
  const interrupted = () => void end().then(() => process.exit(130));
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    say(`${stores.version}, ${keys} keys, filled in ${secondsSince(startedMs)} s`);
    const context = { engine: options.engine, primary: primary.redis, prober, workerFor };
    const plans = planCases(options.cases);
    const found = new Map<CasePlan, SweepCase[]>();
    for (let round = 1; round <= rounds; round += 1) {
      for (const plan of round % 2 === 1 ? plans : plans.toReversed()) {
        const one = await measureCase(plan, context);
        if (!one) continue;
        say(`round ${round}  ${describeCase(one)}`);
        found.set(plan, [...(found.get(plan) ?? []), one]);
      }
    }
    const medians = plans.flatMap((plan) => (found.has(plan) ? [medianCase(found.get(plan) as SweepCase[])] : []));
    for (const one of medians) say(`median   ${describeCase(one)}`);
    say(`took ${secondsSince(startedMs)} s`);
    if (json) process.stdout.write(`${JSON.stringify({ cases: medians })}\n`);
    const unmet = unmetExpectations(medians, options.cases);
    for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
    return unmet.length === 0 ? 0 : 1;
  } finally {
    await end();
  }
}

const secondsSince = (ms: number): string => ((performance.now() - ms) / 1_000).toFixed(0);

await runBench(parseOptions, HELP, bench);
