import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Pauses between the polls of one invocation, in milliseconds: some 10 s in all. Ten seconds of a 256 MB function cost
 * $0.000033, one more round of the state machine (task and choice) $0.00005; and an end is seen within a quarter of a
 * second. Four calls a second, for one deploy at a time. Well below the function's limit of 60 s.
 */
export const POLL_PAUSES_MS: readonly number[] = [100, 150, ...Array.from({ length: 39 }, () => 250)];

/** Waits `ms`; tests inject one that does not. */
export type Pause = (ms: number) => Promise<unknown>;

/** How one invocation polls. */
export interface Polling {
  readonly pausesMs: readonly number[];
  readonly pause: Pause;
}

export const POLLING: Polling = { pausesMs: POLL_PAUSES_MS, pause: (ms) => sleep(ms) };
export const POLL_ONCE: Polling = { pausesMs: [], pause: async () => {} };

/** Longest pause of an invocation that has nothing to poll, in milliseconds. */
const LONGEST_PAUSE_MS = 10_000;

/** Waits until `untilMs`, at most 10 s, where there is nothing to poll. */
export async function pauseUntil(untilMs: number, nowMs: number, { pause }: Polling): Promise<void> {
  await pause(Math.min(Math.max(untilMs - nowMs, 0), LONGEST_PAUSE_MS));
}

/** Reads until `isDone` or until the pauses are used up. @returns what it read last */
export async function pollUntil<T>(read: () => Promise<T>, isDone: (value: T) => boolean, { pausesMs, pause }: Polling): Promise<T> {
  let value = await read();
  for (const ms of pausesMs) {
    if (isDone(value)) return value;
    await pause(ms);
    value = await read();
  }
  return value;
}
