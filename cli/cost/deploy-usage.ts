/** What a deploy uses, as simulated deploys without faults used it: `npm run measure:deploys` writes the coefficients. Pure. */
import { ASSUMED } from './assumptions.ts';
import fitted from './deploy-usage.json' with { type: 'json' };
import type { Fleet } from './read-fleet.ts';

/** A deploy costs this much more or less than the estimate at most; a test compares simulated deploys with it. */
export const USAGE_ERROR_PERCENT = 10;

/** `functionSeconds`: time for which functions run. `alarmReads`: calls of DescribeAlarms. */
export const EXECUTION_UNITS = ['transitions', 'requests', 'functionSeconds', 'alarmReads'] as const;

/** What one execution of a state machine uses. */
export type Execution = Readonly<Record<(typeof EXECUTION_UNITS)[number], number>>;

/** What an execution uses depends on these numbers, each of which has a coefficient per unit. */
export type Features = Readonly<Record<string, number>>;

type Times = Pick<Fleet, 'settings' | 'healthCheckSeconds' | 'prepares'>;

/** The deploy's own execution. A function looks at the targets for as long as they are rolled. */
export function deployFeatures(times: Times, servers: number): Features {
  const { settings } = times;
  const { waitedSeconds = 0, commands = 0, prepared = 0 } = targetFeatures(times);
  return {
    deploy: 1,
    servers,
    settlePolls: settings.settleSeconds / (settings.pollSeconds + ASSUMED.stepSeconds),
    awaitedSeconds: servers * waitedSeconds,
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

export function estimateExecution(machine: keyof typeof fitted, features: Features): Execution {
  const sum = (coefficients: Features) =>
    Object.entries(features).reduce((total, [name, value]) => total + value * (coefficients[name] ?? 0), 0);
  return Object.fromEntries(EXECUTION_UNITS.map((unit) => [unit, sum(fitted[machine][unit])])) as Execution;
}
