import { fork } from 'node:child_process';
import path from 'node:path';
import type { Job, Told } from './job.ts';
import type { SeedResult } from './seed-result.ts';

/**
 * Most of what a run makes is garbage soon: a fifth less time is spent where the youngest have more room, in MB, and where collecting it
 * takes no core from the other workers.
 */
const NODE_OPTIONS = [
  '--disable-warning=ExperimentalWarning',
  '--min-semi-space-size=128',
  '--max-semi-space-size=256',
  '--single-threaded-gc',
];

/** A run that broke off, by the simulation's own words. */
export class RunFailed extends Error {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * Runs a job in a process of its own, whose clock, timers and randomness are replaced.
 * @param signal ends the process; the promise resolves then too
 * @throws RunFailed
 */
export function runJob(job: Job, onSeed: (result: SeedResult) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve();
    const { NODE_DISABLE_COMPILE_CACHE: _, ...environment } = process.env;
    const child = fork(path.join(import.meta.dirname, 'worker.ts'), [JSON.stringify(job)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Many processes of one command load the same sources; those of the tests share what all of them compile.
      env: { NODE_COMPILE_CACHE: path.join(path.dirname(job.installationsFile), 'compiled'), ...environment },
      // What an error says of where it was thrown; `--seed` has all of it. Errors that are answers are made a hundred times in a run.
      execArgv: [...NODE_OPTIONS, ...(job.keepTimeline ? [] : ['--stack-trace-limit=3'])],
    });
    const stop = () => child.kill();
    process.once('exit', stop);
    signal.addEventListener('abort', stop);
    let end: Told | undefined;
    let latest: number | undefined;
    child.on('message', (told: Told) => {
      if (told.kind !== 'seed') end = told;
      else {
        latest = told.result.seed;
        onSeed(told.result);
      }
    });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      process.off('exit', stop);
      signal.removeEventListener('abort', stop);
      if (end?.kind === 'done' || signal.aborted) return resolve();
      if (end?.kind === 'failed') {
        const where = end.seed === undefined ? '' : `seed ${end.seed}: `;
        return reject(new RunFailed(end.name, `${where}${end.message}`));
      }
      const after = latest === undefined ? 'before its first seed was done' : `after seed ${latest}`;
      reject(new RunFailed('WorkerEnded', `a worker ended ${after}, with ${killedBy ?? `exit code ${code}`}`));
    });
  });
}

/**
 * The same for several workers, each with every nth seed; results come in the order in which they are ready. The first one
 * that fails ends the others.
 */
export function runJobs(job: Omit<Job, 'step'>, workers: number, onSeed: (result: SeedResult) => void, signal: AbortSignal): Promise<void> {
  const share = (index: number) => Math.ceil((job.count - index) / workers);
  const jobs = Array.from({ length: Math.min(workers, job.count) }, (_, index) => {
    return (untilOver: AbortSignal) => runJob({ ...job, first: job.first + index, count: share(index), step: workers }, onSeed, untilOver);
  });
  return together(jobs, signal);
}

/** Does all at once. The first one that fails ends the others, by their signal. @throws what it threw */
export async function together(all: readonly ((signal: AbortSignal) => Promise<void>)[], signal: AbortSignal): Promise<void> {
  const failure = new AbortController();
  const untilOver = AbortSignal.any([signal, failure.signal]);
  await Promise.all(
    all.map(async (one) => {
      try {
        await one(untilOver);
      } catch (error) {
        failure.abort();
        throw error;
      }
    }),
  );
}
