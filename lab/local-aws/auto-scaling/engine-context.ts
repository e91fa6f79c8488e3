/** What the parts of the scaling loop share. */

import type { EventBus, Log, Now, TargetGroups } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';
import type { GroupRegistry } from './group-registry.ts';
import type { LaunchTemplateLookup, Machines } from './machines.ts';

export interface ScalingSettings {
  /** Interval between two checks of the groups. */
  readonly tickMs: number;
  readonly healthCheckFrequencyMs: number;
  /** A launch that takes longer has failed; a machine that comes up later is ended. */
  readonly launchTimeoutMs: number;
  readonly terminateTimeoutMs: number;
  /** Longest wait for `draining` to end. The longest deregistration delay is 3,600 s; the rest is for the states' lag. */
  readonly drainTimeoutMs: number;
  /** Wait after a failed launch; doubles with each further one. */
  readonly launchRetryMs: number;
  readonly maxLaunchRetryMs: number;
  /** How long CloudFormation waits for a created group's instances to come into service: an hour on AWS. */
  readonly stabilizeTimeoutMs: number;
}

export const DEFAULT_SETTINGS: ScalingSettings = {
  tickMs: 500,
  healthCheckFrequencyMs: 5_000,
  launchTimeoutMs: 120_000,
  terminateTimeoutMs: 30_000,
  drainTimeoutMs: 3_610_000,
  launchRetryMs: 1_000,
  maxLaunchRetryMs: 60_000,
  stabilizeTimeoutMs: 3_600_000,
};

export interface EngineContext {
  readonly now: Now;
  readonly region: string;
  readonly accountId: string;
  readonly machines: Machines;
  readonly targetGroups: TargetGroups;
  readonly events: EventBus;
  readonly launchTemplate: LaunchTemplateLookup;
  readonly log: Log;
  readonly settings: ScalingSettings;
  readonly registry: GroupRegistry;
  /** True once the service stops: nothing new begins. */
  isStopped(): boolean;
  readonly startTimer: StartTimer;
  /** An identifier that no other thing has. */
  readonly newId: () => string;
}

/** Calls `run` after `delayMs`, unless the returned function is called first. */
export type StartTimer = (delayMs: number, run: () => void) => () => void;

/** A timer by this machine's clock, in real time. */
export const startRealTimer: StartTimer = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

/** Rejects with `what` after `timeoutMs`, whatever became of the work. */
export async function withTimeout<T>(startTimer: StartTimer, work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let stopTimer = () => {};
  const late = new Promise<never>((_, reject) => {
    stopTimer = startTimer(timeoutMs, () => reject(new Error(`${what} took longer than ${timeoutMs} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stopTimer();
  }
}

/** Whether the work succeeded in time; why it did not is logged. */
export async function attempt(context: EngineContext, timeoutMs: number, what: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await withTimeout(context.startTimer, work(), timeoutMs, what);
    return true;
  } catch (error) {
    context.log(`auto-scaling: ${messageOf(error)}`);
    return false;
  }
}

/** Events are best-effort on AWS; here a bus that fails is logged. */
export async function send(context: EngineContext, event: Parameters<EventBus['put']>[0]): Promise<void> {
  await attempt(context, 10_000, `sending "${event.detailType}"`, () => context.events.put(event));
}
