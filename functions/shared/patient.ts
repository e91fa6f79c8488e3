import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Pauses between the looks that one invocation takes, in milliseconds: some 10 s in all. Ten seconds of a 256 MB function
 * cost $0.000033, one more round of the state machine (look and choice) $0.00005; and what is waited for is seen within a
 * quarter of a second of its end. Four calls a second, of one deploy at a time. Well below the function's limit of 60 s.
 */
export const LOOK_PAUSES_MS: readonly number[] = [100, 150, ...Array.from({ length: 39 }, () => 250)];

/** Waits `ms`; injected where a test must not. */
export type Pause = (ms: number) => Promise<unknown>;

export interface Patience {
  readonly pausesMs: readonly number[];
  readonly pause: Pause;
}

export const PATIENCE: Patience = { pausesMs: LOOK_PAUSES_MS, pause: (ms) => sleep(ms) };
/** Longest pause of one invocation that has nothing to look at, in milliseconds. */
const LONGEST_PAUSE_MS = 10_000;

/** Lets time pass where only time helps: until `untilMs`, at most 10 s of it. */
export async function pauseUntil(untilMs: number, nowMs: number, { pause }: Patience): Promise<void> {
  await pause(Math.min(Math.max(untilMs - nowMs, 0), LONGEST_PAUSE_MS));
}

/** Looks once. */
export const NO_PATIENCE: Patience = { pausesMs: [], pause: async () => {} };

/** Looks until `isOver` or until the pauses are used up; gives the last look. */
export async function lookPatiently<T>(look: () => Promise<T>, isOver: (seen: T) => boolean, { pausesMs, pause }: Patience): Promise<T> {
  let seen = await look();
  for (const ms of pausesMs) {
    if (isOver(seen)) return seen;
    await pause(ms);
    seen = await look();
  }
  return seen;
}
