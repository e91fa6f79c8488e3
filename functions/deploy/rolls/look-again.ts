import type { VerdictOf } from '../../shared/verdict.ts';
import { begunAtMs, type TargetInFlight } from './in-flight.ts';

/** When to look again at rolls of which none has ended. REPEAT: at once, since a look itself waits. */
export interface LookAgain {
  readonly verdict: VerdictOf<'REPEAT' | 'WAIT'>;
  /** 1 at least. */
  readonly waitSeconds: number;
}

/** Until a roll has begun or ended this long ago, one look follows the other, and an end is seen within a second or two. */
const AT_ONCE_MS = 180_000;
/** After that, pauses between the looks grow with the time since the last roll began or ended, up to this length. */
const LONGEST_WAIT_SECONDS = 90;
const SHARE_OF_AGE = 1 / 6;

/**
 * A look takes some 7 events of the history, and one with a pause 9, of the 25,000 that it can have. So pauses grow with the time for
 * which nothing has begun or ended, and a wait for sessions that takes hours costs few events; a bake that ends soon is not slept through.
 * @param lastChangeMs when a roll last began or ended
 */
export function lookAgain(
  rolls: readonly TargetInFlight[],
  { bakeSeconds, lastChangeMs, nowMs }: { readonly bakeSeconds: number; readonly lastChangeMs: number; readonly nowMs: number },
): LookAgain {
  const ageMs = nowMs - Math.max(lastChangeMs, ...rolls.map(begunAtMs));
  if (ageMs < AT_ONCE_MS) return { verdict: 'REPEAT', waitSeconds: 1 };
  const byAge = Math.min(LONGEST_WAIT_SECONDS, (ageMs / 1000) * SHARE_OF_AGE);
  return { verdict: 'WAIT', waitSeconds: Math.max(1, Math.floor(Math.min(byAge, soonestBakeSeconds(rolls, bakeSeconds, nowMs)))) };
}

/** What a look takes: it polls for 40 s, and reads the record before and after. */
const LOOK_SECONDS = 41;
const EVENTS_OF_A_LOOK = 7;
const EVENTS_OF_A_PAUSE = 2;
/** The store's check (7), the choice of the target (7), its start (5) and whether there is room for another (2). */
const EVENTS_OF_A_TARGET = 21;

/** How many events of the history a deploy takes, of whose rolls one ends after every so many seconds. */
export function eventsOf(targets: number, secondsBetweenEnds: number): number {
  let looks = 0;
  for (let age = 0; age < secondsBetweenEnds; ) {
    const pauses = age * 1000 >= AT_ONCE_MS;
    looks += EVENTS_OF_A_LOOK + (pauses ? EVENTS_OF_A_PAUSE : 0);
    age += LOOK_SECONDS + (pauses ? Math.min(LONGEST_WAIT_SECONDS, age * SHARE_OF_AGE) : 0);
  }
  return targets * (EVENTS_OF_A_TARGET + looks);
}

/** Step Functions ends an execution whose history has more events. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MOST_EVENTS = 25_000;

/**
 * The fewest events that a deploy can take: nothing is repeated or waited for, and all servers that are rolled at once end in one look.
 * @param rollSeconds the shortest roll of one server
 */
export const fewestEvents = (servers: number, atOnce: number, rollSeconds: number): number =>
  servers * EVENTS_OF_A_TARGET + eventsOf(Math.ceil(servers / atOnce), rollSeconds) - Math.ceil(servers / atOnce) * EVENTS_OF_A_TARGET;

/** How soon a bake that runs can end; unlimited while none does. */
function soonestBakeSeconds(rolls: readonly TargetInFlight[], bakeSeconds: number, nowMs: number): number {
  const left = rolls.flatMap(({ phase, phaseStartedAtMs, bakeSeconds: own = bakeSeconds }) =>
    phase === 'baking' ? [own - (nowMs - phaseStartedAtMs) / 1000] : [],
  );
  return Math.min(...left);
}

/** From a second before a bake can end, for some seconds, polls follow each other closely: the next server waits for it. */
const CLOSE_MS = 100;
const CLOSE_FROM_MS = -1_000;
const CLOSE_UNTIL_MS = 5_000;

/** How long the polls of one look pause at most. */
export function longestPauseMs(rolls: readonly TargetInFlight[], bakeSeconds: number, nowMs: number): number {
  const isClose = rolls.some(({ phase, phaseStartedAtMs, bakeSeconds: own = bakeSeconds }) => {
    const sinceMs = nowMs - phaseStartedAtMs - own * 1000;
    return phase === 'baking' && sinceMs >= CLOSE_FROM_MS && sinceMs < CLOSE_UNTIL_MS;
  });
  return isClose ? CLOSE_MS : Number.POSITIVE_INFINITY;
}
