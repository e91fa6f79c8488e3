import { setTimeout as sleep } from 'node:timers/promises';
import { sumOf } from './arithmetic.ts';
import { isThrottling } from './errors.ts';

/** Between two polls of one that polls alone, milliseconds: five calls a second. */
const POLL_PAUSE_MS = 200;
/** Between two polls of all that poll the same API at the same time, milliseconds: four calls a second. */
const SHARED_POLL_PAUSE_MS = 250;
/** How long the pauses of one invocation add up to, milliseconds. */
const POLLED_MS = 10_000;

/**
 * Pauses between the polls of one invocation, in milliseconds: some 10 s in all. Ten seconds of a 256 MB function cost
 * $0.000033, one more round of the state machine (task and choice) $0.00005; and an end is seen within a fifth of a
 * second. Well below the function's limit of 60 s.
 */
export const POLL_PAUSES_MS: readonly number[] = [100, 150, ...Array.from({ length: POLLED_MS / POLL_PAUSE_MS - 1 }, () => POLL_PAUSE_MS)];

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

/**
 * Longest pause between two polls: with longer ones, and a call at its slowest (36 s, CLIENT_OPTIONS), an invocation could exceed its 60 s.
 */
const LONGEST_POLL_PAUSE_MS = 16_000;
/** Pauses differ between servers by up to this share, so that servers which begin together do not keep polling at the same moments. */
const SPREAD = 0.2;

/**
 * Polling for one of several that poll the same API at the same time. Pauses are longer, so that all of them together make four calls a
 * second; each invocation begins with one more call, which makes fewer than 9 a second for up to 64. Elastic Load Balancing gives an
 * account 10 Describe calls a second in a Region, after the first 40. Systems Manager publishes no rate for Run Command.
 * @param atOnce how many poll; 1 leaves the polling as it is
 * @param subject what this one polls for, an instance's id: its pauses follow from it
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
 */
export function amongSeveral(polling: Polling, atOnce: number, subject: string): Polling {
  if (atOnce <= 1 || polling.pausesMs.length === 0) return polling;
  const pauseMs = Math.min(SHARED_POLL_PAUSE_MS * atOnce, LONGEST_POLL_PAUSE_MS);
  const spread = Math.round(pauseMs * (1 - SPREAD + 2 * SPREAD * placeOf(subject)));
  const count = Math.max(1, Math.floor(POLLED_MS / pauseMs));
  return { ...polling, pausesMs: Array.from({ length: count }, () => spread) };
}

/** Between 0 and 1, the same for the same text: FNV-1a, whose last byte differs even for ids that follow each other. */
function placeOf(subject: string): number {
  let hash = 0x811c9dc5;
  for (const character of subject) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return (hash & 0xff) / 0xff;
}

/** Waits until `untilMs`, at most 10 s, where there is nothing to poll. */
export async function pauseUntil(untilMs: number, nowMs: number, { pause }: Polling): Promise<void> {
  await pause(Math.min(Math.max(untilMs - nowMs, 0), LONGEST_PAUSE_MS));
}

/**
 * Where calls are slow, polls end after half again of what their pauses are meant to add up to: an invocation that went on until all
 * pauses were made would end by its time limit, as its repetitions would, and the step fails with the last of them.
 */
const longestMs = (pausesMs: readonly number[]): number => 1.5 * Math.max(POLLED_MS, sumOf(pausesMs));
/** How many polls of one invocation can be throttled before the step fails, for the state machine to repeat it later. */
const MOST_THROTTLED = 3;
/** Each in a row doubles the pause, up to this: with three an invocation stays well below its 60 s. */
const LONGEST_BACK_OFF_MS = 4_000;

/**
 * Reads until `isDone` or until the pauses, or the time for them, are used up. A read that the service throttles is one that was not made: the next one comes
 * after a longer pause.
 * @returns what it read last
 * @throws what the read throws, but for the first throttles
 */
export async function pollUntil<T>(read: () => Promise<T>, isDone: (value: T) => boolean, { pausesMs, pause }: Polling): Promise<T> {
  const endMs = Date.now() + longestMs(pausesMs);
  let throttled = 0;
  let inARow = 0;
  for (const ms of pausesMs) {
    try {
      const value = await read();
      if (isDone(value) || Date.now() >= endMs) return value;
      inARow = 0;
    } catch (error) {
      throttled += 1;
      inARow += 1;
      if (!isThrottling(error) || throttled > MOST_THROTTLED) throw error;
    }
    await pause(Math.max(ms, Math.min(ms * 2 ** inARow, LONGEST_BACK_OFF_MS)));
  }
  return read();
}
