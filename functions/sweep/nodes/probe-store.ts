import type { Redis } from 'ioredis';
import { sumOf } from '../../shared/arithmetic.ts';
import type { LatencyHistogram } from '../contract/checkpoint.ts';

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

const FIRST_MS = 0.02;
const GROWTH = 1.1;

export function recordLatency(classes: number[], ms: number): void {
  const at = Math.max(0, Math.ceil(Math.log(ms / FIRST_MS) / Math.log(GROWTH)));
  while (classes.length <= at) classes.push(0);
  classes[at] = (classes[at] as number) + 1;
}

/** @param percent from 0 to 100. @returns milliseconds; 0 for an empty histogram */
export function percentile(classes: LatencyHistogram, percent: number): number {
  const total = sumOf(classes);
  let seen = 0;
  for (const [at, count] of classes.entries()) {
    seen += count;
    if (total > 0 && seen >= (total * percent) / 100) return FIRST_MS * GROWTH ** at;
  }
  return 0;
}

export function mergeHistograms(one: LatencyHistogram, other: LatencyHistogram): LatencyHistogram {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, at) => (one[at] ?? 0) + (other[at] ?? 0));
}
