import { fork } from 'node:child_process';
import path from 'node:path';
import type { Job, Told } from './job.ts';
import type { SeedResult } from './seed-result.ts';

/** A run that broke off, by the simulation's own words. */
export class RunFailed extends Error {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Runs a job in a process of its own, whose clock, timers and randomness are replaced. @throws RunFailed */
export function runJob(job: Job, onSeed: (result: SeedResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(import.meta.dirname, 'worker.ts'), [JSON.stringify(job)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const stop = () => child.kill();
    process.once('exit', stop);
    let end: Told | undefined;
    child.on('message', (told: Told) => {
      if (told.kind === 'seed') onSeed(told.result);
      else end = told;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', stop);
      if (end?.kind === 'done') return resolve();
      if (end?.kind === 'failed') {
        const where = end.seed === undefined ? '' : `seed ${end.seed}: `;
        return reject(new RunFailed(end.name, `${where}${end.message}`));
      }
      reject(new RunFailed('WorkerEnded', `a worker ended with exit code ${code} and no result`));
    });
  });
}

/** The same for several workers, each with every nth seed; results come in the order in which they are ready. */
export async function runJobs(job: Omit<Job, 'step'>, workers: number, onSeed: (result: SeedResult) => void): Promise<void> {
  const share = (index: number) => Math.ceil((job.count - index) / workers);
  await Promise.all(
    Array.from({ length: Math.min(workers, job.count) }, (_, index) =>
      runJob({ ...job, first: job.first + index, count: share(index), step: workers }, onSeed),
    ),
  );
}
