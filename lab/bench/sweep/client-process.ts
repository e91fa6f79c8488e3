/** Processes of the benchmark's clients. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { coreShareOf } from './throttle/core-share.ts';
import { type Throttle, throttle } from './throttle/throttle.ts';
import type { Pass, Reply, StoreAddresses, Work } from './work/work.ts';

export interface Worker {
  run(work: Work): Promise<Pass | undefined>;
  stop(): Promise<void>;
}

/** @param memoryMegabytes of a function whose share of a core the process gets; undefined: no limit */
export function startWorker(stores: StoreAddresses, memoryMegabytes?: number): Worker {
  const child = fork(path.join(import.meta.dirname, 'work', 'worker.ts'), [JSON.stringify(stores)]);
  let limit: Throttle | undefined;
  if (memoryMegabytes !== undefined && child.pid !== undefined) limit = throttle(child.pid, coreShareOf(memoryMegabytes));
  return {
    async run(work) {
      child.send(work);
      const reply = await nextMessage<Reply>(child);
      if ('error' in reply) throw new Error(reply.error);
      return reply.pass;
    },
    async stop() {
      await kill(child);
      limit?.end();
    },
  };
}

export interface Prober {
  start(): void;
  /** @returns the latency of each GET since the start, milliseconds, ascending */
  report(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

export function startProber(port: number, keys: number): Prober {
  const child = fork(path.join(import.meta.dirname, 'work', 'prober.ts'), [String(port), String(keys)]);
  return {
    start: () => void child.send('start'),
    async report() {
      child.send('report');
      const times = await nextMessage<number[]>(child);
      return times.sort((a, b) => a - b);
    },
    stop: () => kill(child),
  };
}

/** @throws Error when the process ends instead */
async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const ended = once(child, 'exit', { signal }).then(([code, by]): never => {
    throw new Error(`a process of the benchmark ended with ${by ?? code}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message as T;
  } finally {
    waiting.abort();
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
