/** How often the loops of the state machines go round in one run, from the fleet's own times. Pure. */

import type { ObserveParameters } from '../../functions/deploy/contract.ts';
import { bakeParameters, gateParameters, LAST_MOMENT_SECONDS } from '../../functions/deploy/slice-parameters.ts';
import { ASSUMED, LOOK_SECONDS } from './assumptions.ts';
import type { Fleet } from './read-fleet.ts';

/** More rounds by what the choice reads; a verdict that is absent is not read in a run without trouble. */
type Rounds = Readonly<Record<string, number>>;

/** One machine's loops, by the name of their choice. */
export interface Waits {
  readonly rounds: Readonly<Record<string, Rounds>>;
  /** Time that functions spend waiting inside their looks. */
  readonly waitedSeconds: number;
}

/** A phase on an instance: how often its command is sent, how often it is looked for in all, how long that takes. */
interface Phase {
  readonly sends: number;
  readonly looks: number;
  readonly seconds: number;
}

export interface Times {
  readonly settings: Fleet['settings'];
  readonly healthCheck: Fleet['healthCheck'];
  /** Servers are prepared before they are drained. @default false */
  readonly prepares?: boolean;
}

/** A look that finds its command still running says WAIT, and a finished command that is not enough says AGAIN. */
const roundsOf = ({ sends, looks }: Phase): Rounds => ({ AGAIN: sends - 1, otherwise: looks - sends });

/** Commands one after the other, each of so many seconds on the instance. */
function phaseOf(commands: readonly number[]): Phase {
  const each = commands.map((seconds) => seconds + ASSUMED.deliverySeconds);
  return {
    sends: commands.length,
    looks: each.reduce((sum, seconds) => sum + Math.ceil(seconds / LOOK_SECONDS), 0),
    seconds: each.reduce((sum, seconds) => sum + seconds, 0),
  };
}

/** Slices until the server has been quiet for long enough and the floor has passed, of a server that is idle at once. */
export function drainPhase({ drainFloorSeconds, quietSeconds, drainSliceSeconds }: Times['settings']): Phase {
  const slices = Math.ceil(Math.max(drainFloorSeconds, quietSeconds, 1) / Math.max(drainSliceSeconds, 1));
  return phaseOf(Array.from({ length: slices }, () => drainSliceSeconds));
}

/** Sent at the first look, and looked for from then on. */
const prepareRounds = ({ prepares = false }: Times): Rounds =>
  prepares ? { otherwise: Math.ceil((ASSUMED.installSeconds + ASSUMED.deliverySeconds) / LOOK_SECONDS) } : {};

export const installPhase = (): Phase => phaseOf([ASSUMED.installSeconds]);

/** As many answers in a row as the gate wants, from a server that is up. */
export const gatePhase = ({ settings }: Times): Phase => phaseOf([secondsOf(gateParameters(settings, settings.healthDeadlineSeconds))]);

/** Observations until the bake's time is over. */
export function bakePhase(settings: Times['settings']): Phase {
  const commands: number[] = [];
  for (let elapsed = 0; commands.length === 0 || elapsed < settings.bakeSeconds - LAST_MOMENT_SECONDS; ) {
    const seconds = secondsOf(bakeParameters(settings, settings.bakeSeconds - elapsed));
    commands.push(seconds);
    elapsed += seconds + ASSUMED.deliverySeconds;
  }
  return phaseOf(commands);
}

/** Of a server that is up: nothing but confirmations. */
function secondsOf({ attempts, confirmSeconds }: ObserveParameters): number {
  return (Number(attempts) - 1) * Number(confirmSeconds);
}

function sumSeconds(...phases: readonly { readonly seconds: number }[]): number {
  return phases.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** One target, from drain to bake. */
export function rollWaits(times: Times): Waits {
  const [drain, install, gate, bake] = [drainPhase(times.settings), installPhase(), gatePhase(times), bakePhase(times.settings)];
  const healthySeconds = times.healthCheck.intervalSeconds * times.healthCheck.healthyThreshold;
  return {
    rounds: {
      'Prepare: done?': prepareRounds(times),
      'Drain: done?': roundsOf(drain),
      'Install: done?': roundsOf(install),
      'Health gate: done?': roundsOf(gate),
      'Wait healthy: done?': { otherwise: Math.ceil(healthySeconds / LOOK_SECONDS) - 1 },
      'Bake: done?': roundsOf(bake),
    },
    waitedSeconds: sumSeconds(drain, install, gate, bake) + healthySeconds,
  };
}

/** The whole deploy: one round a target, and a look at the alarms every few seconds while it settles. */
export function deployWaits({ settings }: Times, servers: number): Waits {
  return {
    rounds: {
      'Which target?': { AGAIN: servers },
      // Ready at the first look: a failover is no everyday event.
      'Is the store ready?': {},
      'Settle: done?': { otherwise: Math.ceil(settings.settleSeconds / settings.pollSeconds) },
      'Newcomers?': {},
    },
    waitedSeconds: 0,
  };
}

/** A clean-up: one round a target that goes back; each is healthy by then, and no command runs any more. */
export function cleanUpWaits(rolledBack: number): Waits {
  return {
    rounds: { 'Cancel commands: done?': {}, 'Which target?': { AGAIN: rolledBack }, 'Wait until serving: done?': {} },
    waitedSeconds: 0,
  };
}

/** An instance that launches while a release is there. */
export function launchWaits(times: Times): Waits {
  const [install, gate] = [installPhase(), gatePhase(times)];
  return {
    rounds: {
      'Prepare: done?': prepareRounds(times),
      'Sent?': { otherwise: Math.ceil(ASSUMED.bootSeconds / times.settings.launchPollSeconds) },
      'Installing: done?': roundsOf(install),
      'Gate: done?': roundsOf(gate),
      'Still current?': {},
    },
    waitedSeconds: sumSeconds(install, gate),
  };
}

/** A sweep of a store: an invocation after the other, each for a good half of its minute. */
export function sweepWaits(): Waits {
  return {
    rounds: { 'Begins?': {}, 'Last page?': { otherwise: Math.floor(ASSUMED.sweepSeconds / ASSUMED.sweepSliceSeconds) } },
    waitedSeconds: ASSUMED.sweepSeconds,
  };
}

/** An instance that goes. */
export function terminateWaits({ settings }: Times): Waits {
  const drain = drainPhase(settings);
  return { rounds: { 'Idle: done?': roundsOf(drain) }, waitedSeconds: drain.seconds };
}
