/** What a deploy uses, as simulated deploys without faults used it: `npm run measure:deploys` writes the coefficients. Pure. */
import { SESSION_SLICE_SECONDS } from '../../functions/deploy/sessions/session-times.ts';
import { ASSUMED } from './assumptions.ts';
import fitted from './deploy-usage.json' with { type: 'json' };
import type { Fleet } from './read-fleet.ts';
import { sumOf } from './sum.ts';

/**
 * A deploy costs this much more or less than the estimate at most; a test compares simulated deploys with it. The wait for the sessions in
 * servers' memory ({@link sessionWait}) is not among what they did.
 */
export const USAGE_ERROR_PERCENT = 10;

/** `functionSeconds`: time for which functions run. `alarmReads`: calls of DescribeAlarms. */
export const EXECUTION_UNITS = ['transitions', 'requests', 'functionSeconds', 'alarmReads'] as const;

/** What one execution of a state machine uses. */
export type Execution = Readonly<Record<(typeof EXECUTION_UNITS)[number], number>>;

const eachUnit = (amountOf: (unit: keyof Execution) => number): Execution =>
  Object.fromEntries(EXECUTION_UNITS.map((unit) => [unit, amountOf(unit)])) as Execution;

/** What an execution uses depends on these numbers, each of which has a coefficient per unit. */
export type Features = Readonly<Record<string, number>>;

type Times = Pick<Fleet, 'settings' | 'healthCheckSeconds' | 'prepares'> & Partial<Pick<Fleet, 'waitsForSessions'>>;

/** The deploy's own execution. A function looks at the targets for as long as they are rolled. */
export function deployFeatures(times: Times, servers: number): Features {
  const { settings } = times;
  const { waitedSeconds = 0, commands = 0, prepared = 0 } = targetFeatures(times);
  return {
    deploy: 1,
    servers,
    settlePolls: settings.settleSeconds / (settings.pollSeconds + ASSUMED.stepSeconds),
    awaitedSeconds: servers * (waitedSeconds + sessionWait(times).seconds),
    awaitedCommands: servers * commands,
    awaitedPreparations: servers * prepared,
  };
}

/** The execution that rolls one target; a target is healthy once it has passed one health check. */
export function targetFeatures({ settings, healthCheckSeconds, prepares }: Times): Features {
  const drainSeconds = Math.max(settings.drainFloorSeconds, settings.quietSeconds);
  const confirmations = settings.healthyInARow - 1;
  const bakeSliceSeconds = Math.max(1, confirmations * settings.healthIntervalSeconds);
  return {
    target: 1,
    prepared: prepares ? 1 : 0,
    commands: Math.ceil(drainSeconds / Math.max(1, settings.drainSliceSeconds)) + Math.ceil(settings.bakeSeconds / bakeSliceSeconds),
    waitedSeconds: drainSeconds + confirmations * settings.confirmIntervalSeconds + healthCheckSeconds + settings.bakeSeconds,
  };
}

/**
 * The first count of a server's sessions, before the drain rule pins them: states `Look for sessions`, its check, and the choice after it.
 */
const FIRST_LOOK: Execution = { transitions: 3, requests: 2, functionSeconds: 2 * ASSUMED.stepSeconds, alarmReads: 0 };
/** One poll while the drain rule is changed, to pin a server's sessions or to release them: a step, the choice after it and a wait. */
const PIN_POLL: Execution = { transitions: 3, requests: 1, functionSeconds: ASSUMED.stepSeconds, alarmReads: 0 };
/**
 * One count while sessions are pinned: states `Wait for sessions`, its check (which polls until the slice is over), `Watch sessions`, and
 * two choices.
 */
const SESSION_LOOK: Execution = {
  transitions: 5,
  requests: 3,
  functionSeconds: SESSION_SLICE_SECONDS + 2 * ASSUMED.stepSeconds,
  alarmReads: 0,
};

/**
 * What a wait for the sessions in one server's memory adds to its roll, by the definition: deploys without users, as they are simulated,
 * have none to wait for. It errs on the expensive side: somebody has a session until the time is up.
 */
export function sessionWait({ settings, healthCheckSeconds, waitsForSessions = false }: Times): Execution & { readonly seconds: number } {
  const { sessionDrainSeconds, ruleLagSeconds, pollSeconds } = settings;
  const pinSeconds = 2 * (healthCheckSeconds + ruleLagSeconds);
  const counts: readonly (readonly [Execution, number])[] = waitsForSessions
    ? [
        [FIRST_LOOK, 1],
        [PIN_POLL, pinSeconds / (pollSeconds + ASSUMED.stepSeconds)],
        [SESSION_LOOK, sessionDrainSeconds / (SESSION_SLICE_SECONDS + 3 * ASSUMED.stepSeconds)],
      ]
    : [];
  const used = eachUnit((unit) => sumOf(counts.map(([each, count]) => each[unit] * count)));
  return { ...used, seconds: waitsForSessions ? pinSeconds + sessionDrainSeconds : 0 };
}

/** The execution that rolls one target, with the wait for its sessions. */
export function estimateRoll(times: Times): Execution {
  const [roll, wait] = [estimateExecution('rollTarget', targetFeatures(times)), sessionWait(times)];
  return eachUnit((unit) => roll[unit] + wait[unit]);
}

export function estimateExecution(machine: keyof typeof fitted, features: Features): Execution {
  return eachUnit((unit) => {
    const coefficients: Features = fitted[machine][unit];
    return sumOf(Object.entries(features).map(([name, value]) => value * (coefficients[name] ?? 0)));
  });
}
