import type { Redis } from 'ioredis';
import { percentile, recordLatency } from './latency-histogram.ts';

/** 50 per second: a negligible load, and a P99 within seconds. */
const PROBE_EVERY_MS = 20;
const IDLE_PROBES = 100;

/** Latency of a PING before the sweep starts, in milliseconds. */
export interface IdleLatency {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** The store's latency before the sweep starts. */
export async function measureIdle(redis: Pick<Redis, 'ping'>): Promise<IdleLatency> {
  const times: number[] = [];
  for (let probe = 0; probe < IDLE_PROBES; probe += 1) recordLatency(times, await timePing(redis));
  return { medianMs: percentile(times, 50), p99Ms: percentile(times, 99) };
}

/** Measures the latency during the sweep, on a separate connection, as another client sees it. @returns a function that stops it */
export function probe(redis: Pick<Redis, 'ping'>, times: number[]): () => void {
  let probing = false;
  const timer = setInterval(() => {
    if (probing) return;
    probing = true;
    timePing(redis)
      .then(
        (ms) => recordLatency(times, ms),
        () => undefined, // the sweep's own connection reports faults
      )
      .finally(() => {
        probing = false;
      });
  }, PROBE_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Latency of one PING, milliseconds. */
export async function timePing(redis: Pick<Redis, 'ping'>): Promise<number> {
  const startedMs = performance.now();
  await redis.ping();
  return performance.now() - startedMs;
}
