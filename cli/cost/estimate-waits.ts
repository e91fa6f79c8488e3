/** How often the loops of the state machines repeat in one run, from the fleet's own times. Pure. */

import { SOURCES } from '../../functions/incidents/contract/evidence.ts';
import type { ObserveParameters } from '../../functions/instance/document-contract.ts';
import { bakeParameters, gateParameters, LAST_MOMENT_SECONDS } from '../../functions/instance/slice-parameters.ts';
import { ASSUMED, POLL_SECONDS } from './assumptions.ts';
import type { Fleet } from './read-fleet.ts';

/** Further rounds by verdict; a verdict that is absent does not occur in a run without problems. */
type Rounds = Readonly<Record<string, number>>;

/** One machine's loops, by the name of their choice. */
export interface Waits {
  readonly rounds: Readonly<Record<string, Rounds>>;
  /** Time that functions spend waiting while they poll. */
  readonly waitedSeconds: number;
}

/** A phase on an instance: how often its command is sent, how often it is polled in all, and how long that takes. */
interface Phase {
  readonly sends: number;
  readonly polls: number;
  readonly seconds: number;
}

export interface Times {
  readonly settings: Fleet['settings'];
  readonly healthCheck: Fleet['healthCheck'];
  /** Servers are prepared before they are drained. @default false */
  readonly prepares?: boolean;
}

/** A poll returns WAIT while its command is running, and REPEAT after a command that is not enough. */
const roundsOf = ({ sends, polls }: Phase): Rounds => ({ REPEAT: sends - 1, otherwise: polls - sends });

/** Successive commands, each of the given seconds on the instance. */
function phaseOf(commands: readonly number[]): Phase {
  const each = commands.map((seconds) => seconds + ASSUMED.deliverySeconds);
  return {
    sends: commands.length,
    polls: each.reduce((sum, seconds) => sum + Math.ceil(seconds / POLL_SECONDS), 0),
    seconds: each.reduce((sum, seconds) => sum + seconds, 0),
  };
}

/** Slices until the server has been quiet for long enough and the floor has passed; the server is idle at once. */
export function drainPhase({ drainFloorSeconds, quietSeconds, drainSliceSeconds }: Times['settings']): Phase {
  const slices = Math.ceil(Math.max(drainFloorSeconds, quietSeconds, 1) / Math.max(drainSliceSeconds, 1));
  return phaseOf(Array.from({ length: slices }, () => drainSliceSeconds));
}

/** The first call sends the command; the others poll it. */
const prepareRounds = ({ prepares = false }: Times): Rounds =>
  prepares ? { otherwise: Math.ceil((ASSUMED.installSeconds + ASSUMED.deliverySeconds) / POLL_SECONDS) } : {};

export const installPhase = (): Phase => phaseOf([ASSUMED.installSeconds]);

/** The successive UP responses that the gate requires. */
export const gatePhase = ({ settings }: Times): Phase => phaseOf([secondsOf(gateParameters(settings, settings.healthDeadlineSeconds))]);

/** Observations until the bake time has passed. */
export function bakePhase(settings: Times['settings']): Phase {
  const commands: number[] = [];
  for (let elapsed = 0; commands.length === 0 || elapsed < settings.bakeSeconds - LAST_MOMENT_SECONDS; ) {
    const seconds = secondsOf(bakeParameters(settings, settings.bakeSeconds - elapsed));
    commands.push(seconds);
    elapsed += seconds + ASSUMED.deliverySeconds;
  }
  return phaseOf(commands);
}

/** A server that is UP needs only confirmations. */
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
      'Wait healthy: done?': { otherwise: Math.ceil(healthySeconds / POLL_SECONDS) - 1 },
      'Bake: done?': roundsOf(bake),
    },
    waitedSeconds: sumSeconds(drain, install, gate, bake) + healthySeconds,
  };
}

/** The whole deploy: one round per target, and a read of the alarms every few seconds while it settles. */
export function deployWaits({ settings }: Times, servers: number): Waits {
  return {
    rounds: {
      'Which target?': { ROLL: servers },
      // Ready at the first poll: failovers are rare.
      'Is the store ready?': {},
      'Settle: done?': { otherwise: Math.ceil(settings.settleSeconds / settings.pollSeconds) },
      'Newcomers?': {},
    },
    waitedSeconds: 0,
  };
}

/** A clean-up: one round per target that is rolled back; each is healthy by then, and no command is running. */
export function cleanUpWaits(rolledBack: number): Waits {
  return {
    rounds: {
      'Cancel commands: done?': {},
      'Cancel stray commands: done?': {},
      'Which target?': { ROLL: rolledBack },
      'Wait until serving: done?': {},
    },
    waitedSeconds: 0,
  };
}

/** An instance that launches while the fleet has a release. */
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

/** A refresh: one round per server. Polls inside a round are not counted: at one refresh per month they are below a cent. */
export function refreshWaits(times: Times, servers: number): Waits {
  return {
    rounds: { 'Has a refresh ended?': {}, 'Anything to replace?': {}, 'Which server?': { ROLL: servers } },
    waitedSeconds: drainPhase(times.settings).seconds * servers,
  };
}

/** A sweep of a store: successive invocations, each for a good half of its minute. */
export function sweepWaits(): Waits {
  return {
    rounds: {
      'Begins?': {},
      'Every slot swept?': {},
      'Last page?': { otherwise: Math.floor(ASSUMED.sweepSeconds / ASSUMED.sweepSliceSeconds) },
    },
    waitedSeconds: ASSUMED.sweepSeconds,
  };
}

/** A runbook with one mitigation, which leaves nothing in effect. The functions of the sources wait at once, and each is charged. */
export function runbookWaits(): Waits {
  return {
    rounds: { 'Has it worked?': { WAIT: ASSUMED.effectRounds }, 'Is it over?': {} },
    waitedSeconds: SOURCES.length * ASSUMED.sourceSeconds,
  };
}

/** An instance that is terminated. */
export function terminateWaits({ settings }: Times): Waits {
  const drain = drainPhase(settings);
  return { rounds: { 'Idle: done?': roundsOf(drain) }, waitedSeconds: drain.seconds };
}
