/** What is to go wrong in one run, drawn from its seed: each run has some kinds of faults and not others, so that kinds do not hide each other. */
import type { Random } from '../kernel/random.ts';
import type { CallFault, EventFault, InvocationFault } from './faults.ts';

/** A moment: when an execution of a machine enters a state for the nth time. */
export interface Moment {
  readonly machine: string;
  readonly state: string;
  readonly visit: number;
  /** After that. */
  readonly delayMs: number;
}

/** One step that keeps failing: faults that come one by one hardly ever outlast a Retry. */
export interface PersistentFault {
  readonly functionName: string;
  readonly step: string;
  /** From the step's first invocation after `fromMs` (since the run's beginning), for this long. */
  readonly fromMs: number;
  readonly lastsMs: number;
  readonly how: InvocationFault;
}

/** Something that happens to the world at a moment. */
export interface WorldFault {
  readonly kind: WorldFaultKind;
  readonly when: Moment;
  /** Which of the fleet's servers, by position; those that it needs not are ignored. */
  readonly server: number;
  readonly lastsMs: number;
}

export const WORLD_FAULTS = [
  'server.dead',
  'server.hanging',
  'server.restarting',
  'agent.silent',
  'agent.slow',
  'instance.terminated',
  'group.scaledOut',
  'group.standby',
  'store.failover',
  'store.outage',
  'store.replicaBehind',
  'alarm.red',
  'operator.abort',
  'operator.secondDeploy',
] as const;
export type WorldFaultKind = (typeof WORLD_FAULTS)[number];

export interface FaultPlan {
  /** Of each attempt of a call, from 0 to 1, by kind; and to which share of the run's time they are confined. */
  readonly calls: Readonly<Partial<Record<CallFault['kind'], number>>>;
  /** Calls fail in bursts of this length, ten times as often; 0: evenly. */
  readonly burstMs: number;
  /** Of each invocation. */
  readonly invocations: Readonly<Partial<Record<InvocationFault['kind'], number>>>;
  readonly persistent: readonly PersistentFault[];
  readonly stops: readonly (Moment & { readonly how: 'stopped' | 'timedOut' })[];
  /** How long starts of child executions are refused, from the first one after `fromMs`. */
  readonly childStarts?: { readonly fromMs: number; readonly lastsMs: number };
  readonly events: Readonly<Partial<Record<EventFault['kind'], number>>>;
  /** Of the reconciler's turns that are missed. */
  readonly skippedSchedules: number;
  readonly world: readonly WorldFault[];
  readonly clockSkewMs: number;
  /** From then on, since the run's beginning, nothing goes wrong any more. */
  readonly healAtMs: number;
}

export const NOTHING_GOES_WRONG: FaultPlan = {
  calls: {},
  burstMs: 0,
  invocations: {},
  persistent: [],
  stops: [],
  events: {},
  skippedSchedules: 0,
  world: [],
  clockSkewMs: 0,
  healAtMs: 0,
};

/** What can be drawn: the machines' states, and the functions' steps, by the definitions. */
export interface Drawable {
  readonly states: readonly { readonly machine: string; readonly state: string }[];
  readonly steps: readonly { readonly functionName: string; readonly step: string }[];
}

const LAMBDA_ERRORS = ['Lambda.TooManyRequestsException', 'Lambda.ServiceException', 'Lambda.Unknown'] as const;

/** Faults that are over before Retry gives up: 61 s of waiting. */
export function drawBriefFaults(random: Random, drawable: Drawable): FaultPlan {
  const one = random.pick(drawable.steps);
  return {
    ...NOTHING_GOES_WRONG,
    calls: random.chance(0.7)
      ? { refused: 0.02 * random.fraction(), answerLost: 0.01 * random.fraction(), late: 0.05 * random.fraction() }
      : {},
    invocations: random.chance(0.5) ? { notStarted: 0.03 * random.fraction(), twice: 0.03 * random.fraction() } : {},
    persistent: random.chance(0.6)
      ? [{ ...one, fromMs: 0, lastsMs: random.whole(1_000, 30_000), how: { kind: 'notStarted', error: random.pick(LAMBDA_ERRORS) } }]
      : [],
    ...(random.chance(0.3) && { childStarts: { fromMs: random.whole(0, 120_000), lastsMs: random.whole(1_000, 30_000) } }),
    clockSkewMs: random.chance(0.3) ? random.whole(0, 500) : 0,
    healAtMs: 3_600_000,
  };
}

/** Anything, for a while. */
export function drawChaos(random: Random, drawable: Drawable): FaultPlan {
  const some = (probability: number, most: number) => (random.chance(probability) ? most * random.fraction() : 0);
  const moment = (): Moment => ({
    ...random.pick(drawable.states),
    visit: random.whole(1, 3),
    delayMs: random.chance(0.5) ? 0 : random.whole(0, 20_000),
  });
  const howManyWorld = random.chance(0.65) ? random.whole(1, 3) : 0;
  const kinds = random.shuffle(WORLD_FAULTS).slice(0, random.whole(2, 6));
  return {
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
    persistent: random.chance(0.6) ? Array.from({ length: random.whole(1, 2) }, () => drawPersistent(random, drawable)) : [],
    stops: random.chance(0.35)
      ? Array.from({ length: random.whole(1, 2) }, () => ({
          ...moment(),
          how: random.chance(0.7) ? ('stopped' as const) : ('timedOut' as const),
        }))
      : [],
    ...(random.chance(0.15) && { childStarts: { fromMs: random.whole(0, 400_000), lastsMs: random.whole(1_000, 200_000) } }),
    events: { lost: some(0.3, 0.8), twice: some(0.2, 0.5), late: some(0.2, 0.5) },
    skippedSchedules: some(0.2, 0.6),
    world: Array.from({ length: howManyWorld }, () => ({
      kind: random.pick(kinds),
      when: moment(),
      server: random.whole(0, 7),
      lastsMs: random.whole(1_000, 240_000),
    })),
    clockSkewMs: random.chance(0.3) ? random.whole(0, 500) : 0,
    healAtMs: random.whole(120_000, 1_500_000),
  };
}

export function drawPersistent(random: Random, drawable: Drawable): PersistentFault {
  const how = random.pick<InvocationFault>([
    { kind: 'notStarted', error: random.pick(LAMBDA_ERRORS) },
    { kind: 'crash', atCall: random.whole(1, 4), after: random.chance(0.5) },
    { kind: 'overrun', atCall: random.whole(1, 4) },
    { kind: 'answerReplaced', error: 'Error' },
  ]);
  return {
    ...random.pick(drawable.steps),
    fromMs: random.chance(0.6) ? 0 : random.whole(0, 300_000),
    lastsMs: random.whole(1_000, 400_000),
    how,
  };
}

/** The plan in short lines, for people. */
export function describePlan(plan: FaultPlan): string[] {
  const rates = (name: string, all: Readonly<Record<string, number | undefined>>) =>
    Object.entries(all)
      .filter(([, rate]) => rate)
      .map(([kind, rate]) => `${name} ${kind} ${((rate ?? 0) * 100).toFixed(1)} %`);
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  const at = ({ machine, state, visit, delayMs }: Moment) =>
    `at ${machine}/${state} (visit ${visit})${delayMs ? ` + ${seconds(delayMs)}` : ''}`;
  return [
    ...rates('calls', plan.calls),
    ...(plan.burstMs ? [`calls fail in bursts of ${seconds(plan.burstMs)}`] : []),
    ...rates('invocations', plan.invocations),
    ...plan.persistent.map(
      ({ functionName, step, how, fromMs, lastsMs }) =>
        `${functionName}/${step} ${how.kind} for ${seconds(lastsMs)} from ${seconds(fromMs)}`,
    ),
    ...plan.stops.map((stop) => `${stop.how} ${at(stop)}`),
    ...(plan.childStarts
      ? [`child executions refused for ${seconds(plan.childStarts.lastsMs)} from ${seconds(plan.childStarts.fromMs)}`]
      : []),
    ...rates('events', plan.events),
    ...(plan.skippedSchedules ? [`schedule skipped ${(plan.skippedSchedules * 100).toFixed(0)} %`] : []),
    ...plan.world.map(({ kind, when, server, lastsMs }) => `${kind} (server ${server}, ${seconds(lastsMs)}) ${at(when)}`),
    ...(plan.clockSkewMs ? [`clocks differ by up to ${plan.clockSkewMs} ms`] : []),
  ];
}
