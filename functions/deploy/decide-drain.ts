import type { DeploySettings, DrainProgress, Verdict, WaitIdleOutput } from './contract.ts';
import { DrainTimedOut } from './errors.ts';

/** Times that bound a drain, in seconds. */
export type DrainLimits = Pick<DeploySettings, 'deregistrationDelaySeconds' | 'drainFloorSeconds'> & {
  readonly drainTimeoutSeconds: number;
  /** As chosen for this roll. */
  readonly quietSeconds: number;
  /** A release that hangs its requests has to go as well: past the deregistration delay the load balancer has cut them. */
  readonly isRollback?: boolean;
};

export interface DrainDecision {
  readonly verdict: Verdict;
  readonly progress: DrainProgress;
}

/** How long a server that offers no counts is given. */
export function blindDrainSeconds(limits: Pick<DrainLimits, 'deregistrationDelaySeconds' | 'drainFloorSeconds'>): number {
  return limits.deregistrationDelaySeconds + limits.drainFloorSeconds;
}

/**
 * Tells whether a target that left the load balancer is idle, from one look at it.
 *
 * Idle is: the floor has passed, nothing is in flight, and no request has arrived for `quietSeconds`, since the load
 * balancer goes on sending for a while. A server without counts gets the whole deregistration delay and the floor; it is
 * not looked at again meanwhile, hence WAIT instead of AGAIN.
 * @throws DrainTimedOut when the time is up and requests are still there, except in a rollback
 */
export function decideDrain(
  look: WaitIdleOutput,
  instanceId: string,
  phaseStartedAtMs: number,
  nowMs: number,
  limits: DrainLimits,
): DrainDecision {
  const elapsedSeconds = (nowMs - phaseStartedAtMs) / 1000;
  const progress: DrainProgress = { requests: look.requests, inFlight: look.inFlight, quietSeconds: look.quietSeconds };
  if (!look.countsOffered || look.inFlight === undefined) {
    return { verdict: elapsedSeconds >= blindDrainSeconds(limits) ? 'DONE' : 'WAIT', progress };
  }
  if (elapsedSeconds >= limits.drainFloorSeconds && look.inFlight === 0 && look.quietSeconds >= limits.quietSeconds) {
    return { verdict: 'DONE', progress };
  }
  if (elapsedSeconds >= limits.drainTimeoutSeconds) {
    if (limits.isRollback) return { verdict: 'DONE', progress };
    throw new DrainTimedOut(
      `${instanceId} was not idle after ${Math.round(elapsedSeconds)} s: ${look.inFlight} requests in flight, the last one arrived ${Math.round(look.quietSeconds)} s ago (limit ${limits.drainTimeoutSeconds} s)`,
    );
  }
  return { verdict: 'AGAIN', progress };
}
