import type { Redis } from 'ioredis';
import { addTime, percentile } from './answer-times.ts';
import type { IdleAnswer } from './pace.ts';

/** 50 a second: nothing to a store, and a P99 within seconds. */
const PROBE_EVERY_MS = 20;
const IDLE_PROBES = 100;

/** How the store answers before anything is asked of it. */
export async function measureIdle(redis: Pick<Redis, 'ping'>): Promise<IdleAnswer> {
  const times: number[] = [];
  for (let probe = 0; probe < IDLE_PROBES; probe += 1) addTime(times, await timePing(redis));
  return { medianMs: percentile(times, 50), p99Ms: percentile(times, 99) };
}

/** Asks beside the sweep, on a connection of its own, as any client would. @returns stops asking */
export function probe(redis: Pick<Redis, 'ping'>, times: number[]): () => void {
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    timePing(redis)
      .then(
        (ms) => addTime(times, ms),
        () => undefined, // the sweep's own connection tells of trouble
      )
      .finally(() => {
        asking = false;
      });
  }, PROBE_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** How long a PING takes, milliseconds. */
export async function timePing(redis: Pick<Redis, 'ping'>): Promise<number> {
  const startedMs = performance.now();
  await redis.ping();
  return performance.now() - startedMs;
}
