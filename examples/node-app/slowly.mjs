import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds. */
export const LONGEST_SLOW_MS = 30_000;

/** Waits for as long as the request's `ms` says. @returns milliseconds */
export async function slowly(request) {
  const ms = Math.min(Math.max(Number(request.query.ms) || 0, 0), LONGEST_SLOW_MS);
  if (ms > 0) await sleep(ms);
  return ms;
}
