/** Draws what goes wrong in a run: each run has some kinds of faults and not others, so that kinds do not hide each other. */
import type { Random } from '../kernel/random.ts';
import {
  type ChildStarts,
  type Drawable,
  type FaultPlan,
  type Moment,
  NOTHING_GOES_WRONG,
  type PersistentFault,
  type Place,
  WORLD_FAULTS,
  type WorldFault,
} from './fault-plan.ts';
import type { InvocationFault } from './faults.ts';

const LAMBDA_ERRORS = ['Lambda.TooManyRequestsException', 'Lambda.ServiceException', 'Lambda.Unknown'] as const;
/** Those that a deploy suspends too, and without which the group still replaces what dies. */
const SUSPENDED_BEFORE = ['AZRebalance', 'AlarmNotification', 'ScheduledActions', 'InstanceRefresh'] as const;

/** Faults that are over before Retry gives up: 61 s of waiting. */
export function drawBriefFaults(random: Random, drawable: Drawable): FaultPlan {
  const place = random.pick(drawable.steps);
  const keepsFailing = random.chance(0.6);
  return {
    ...NOTHING_GOES_WRONG,
    calls: random.chance(0.7)
      ? { refused: 0.02 * random.fraction(), answerLost: 0.01 * random.fraction(), late: 0.05 * random.fraction() }
      : {},
    // On top of a step that keeps failing, the last attempts of its Retry would fail now and then: no brief fault any more.
    invocations: random.chance(0.5)
      ? { ...(!keepsFailing && { notStarted: 0.03 * random.fraction() }), twice: 0.03 * random.fraction() }
      : {},
    persistent: keepsFailing
      ? [{ place, fromMs: 0, lastsMs: random.whole(1_000, 30_000), how: { kind: 'notStarted', error: random.pick(LAMBDA_ERRORS) } }]
      : [],
    ...(random.chance(0.4) && { childStarts: drawChildStarts(random) }),
    clockSkewMs: random.chance(0.3) ? random.whole(0, 500) : 0,
    healAtMs: 3_600_000,
  };
}

/** Refused for less than Retry waits; half of them take effect at first, and only the answer is lost. */
const drawChildStarts = (random: Random): ChildStarts => ({
  fromMs: random.chance(0.5) ? 0 : random.whole(0, 400_000),
  lastsMs: random.whole(1_000, 55_000),
  firstTakesEffect: random.chance(0.5),
});

/** Nothing but calls that take long: those of an execution that was stopped still arrive. */
export const drawSlowCalls = (): FaultPlan => ({
  ...NOTHING_GOES_WRONG,
  calls: { late: 0.3, requestLost: 0.05 },
  healAtMs: 1_500_000,
});

/** Anything, for a while. */
export function drawChaos(random: Random, drawable: Drawable): FaultPlan {
  const moment = (): Moment => ({
    ...random.pick(drawable.states),
    visit: random.whole(1, random.chance(0.8) ? 4 : 20),
    delayMs: random.chance(0.5) ? 0 : random.whole(0, 20_000),
  });
  const some = (probability: number, most: number) => (random.chance(probability) ? most * random.fraction() : 0);
  const kinds = random.shuffle(WORLD_FAULTS).slice(0, random.whole(2, 6));
  const howMany = random.chance(0.65) ? random.whole(1, 3) : 0;
  const strikes = Array.from({ length: howMany }, (): WorldFault => {
    const when = moment();
    return {
      kind: random.pick(kinds),
      when,
      server: random.chance(0.5) ? 'own' : random.whole(0, 7),
      lastsMs: random.whole(1_000, 240_000),
    };
  });
  return {
    ...drawNoise(random),
    persistent: random.chance(0.6) ? Array.from({ length: random.whole(1, 2) }, () => drawPersistent(random, drawable)) : [],
    stops: random.chance(0.35)
      ? Array.from({ length: random.whole(1, 2) }, () => ({
          ...moment(),
          how: random.chance(0.7) ? ('stopped' as const) : ('timedOut' as const),
        }))
      : [],
    ...(random.chance(0.15) && { childStarts: { fromMs: random.whole(0, 400_000), lastsMs: random.whole(1_000, 200_000) } }),
    failingUserData: some(0.2, 1),
    suspendedBefore: random.chance(0.1) ? random.shuffle(SUSPENDED_BEFORE).slice(0, random.whole(1, 2)) : [],
    slowLoadBalancer: random.chance(0.08),
    world: strikes,
    healAtMs: random.whole(120_000, 1_500_000),
  };
}

/** Independent faults everywhere, some of each kind. */
export function drawNoise(random: Random): FaultPlan {
  const some = (probability: number, most: number) => (random.chance(probability) ? most * random.fraction() : 0);
  return {
    ...NOTHING_GOES_WRONG,
    calls: {
      refused: some(0.3, 0.1),
      requestLost: some(0.2, 0.05),
      answerLost: some(0.3, 0.05),
      late: some(0.3, 0.2),
      stale: some(0.3, 0.2),
    },
    burstMs: random.chance(0.3) ? random.whole(1_000, 60_000) : 0,
    invocations: {
      notStarted: some(0.2, 0.1),
      crash: some(0.3, 0.05),
      overrun: some(0.15, 0.02),
      answerReplaced: some(0.2, 0.05),
      twice: some(0.3, 0.1),
    },
    events: { lost: some(0.3, 0.8), twice: some(0.2, 0.5), late: some(0.2, 0.5), refused: some(0.2, 0.5) },
    skippedSchedules: some(0.2, 0.6),
    clockSkewMs: random.chance(0.3) ? random.whole(0, 500) : 0,
  };
}

function drawPersistent(random: Random, drawable: Drawable): PersistentFault {
  const place = random.pick<Place>(random.chance(0.5) ? drawable.steps : drawable.catches);
  return { ...drawFailing(random, place, 1_000), fromMs: random.chance(0.6) ? 0 : random.whole(0, 300_000) };
}

/** How a place keeps failing, before or after its effect, for at least `leastMs` and at most 400 s. */
export function drawFailing(random: Random, place: Place, leastMs: number): PersistentFault {
  const how = random.pick<InvocationFault>([
    { kind: 'notStarted', error: random.pick(LAMBDA_ERRORS) },
    { kind: 'crash', atCall: random.whole(1, 4), after: random.chance(0.5) },
    { kind: 'overrun', atCall: random.whole(1, 4) },
    { kind: 'answerReplaced', error: 'Error' },
  ]);
  return { place, fromMs: 0, lastsMs: random.whole(leastMs, 400_000), how };
}
