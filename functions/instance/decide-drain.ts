import type { VerdictOf } from '../shared/verdict.ts';
import type { WaitIdleOutput } from './documents.ts';
import { DrainTimedOut } from './errors.ts';
import type { DrainProgress } from './progress.ts';
import type { DrainSettings } from './settings.ts';

/** Times that bound a drain, in seconds. */
export type DrainLimits = Pick<
  DrainSettings,
  'deregistrationDelaySeconds' | 'drainFloorSeconds' | 'drainTimeoutSeconds' | 'leastQuietSeconds'
> & {
  /** As chosen for this roll. */
  readonly quietSeconds: number;
  /** A release that hangs its requests has to go as well: past the deregistration delay the load balancer has cut them. */
  readonly isRollback?: boolean;
};

export interface DrainDecision {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT'>;
  readonly progress: DrainProgress;
}

/** How long a server that offers no counts is given. */
export function blindDrainSeconds(limits: Pick<DrainLimits, 'deregistrationDelaySeconds' | 'drainFloorSeconds'>): number {
  return limits.deregistrationDelaySeconds + limits.drainFloorSeconds;
}

/**
 * Whether a target that left the load balancer is idle, by one answer of wait-idle.
 *
 * Idle is: the floor has passed, nothing is in flight, and no request has arrived for `quietSeconds`, since the load
 * balancer goes on sending for a while. A server without counts gets the whole deregistration delay and the floor; no
 * further slice is sent meanwhile, hence WAIT instead of REPEAT. A placeholder has nothing to lose, and is idle at once.
 * When the time is up, a server that answers nobody is idle all the same: past the deregistration delay the load balancer sends
 * nothing new, and the last of what it still sent may have come too late for the whole silence.
 * @throws DrainTimedOut when the time is up and requests are still there, except in a rollback
 */
export function decideDrain(
  answer: WaitIdleOutput,
  instanceId: string,
  phaseStartedAtMs: number,
  nowMs: number,
  limits: DrainLimits,
): DrainDecision {
  const elapsedSeconds = (nowMs - phaseStartedAtMs) / 1000;
  const progress: DrainProgress = { requests: answer.requests, quietSeconds: answer.quietSeconds };
  if (answer.placeholder) return { verdict: 'DONE', progress };
  if (answer.signal === 'blind' || answer.inFlight === undefined) {
    return { verdict: elapsedSeconds >= blindDrainSeconds(limits) ? 'DONE' : 'WAIT', progress };
  }
  if (elapsedSeconds >= limits.drainFloorSeconds && answer.inFlight === 0 && answer.quietSeconds >= limits.quietSeconds) {
    return { verdict: 'DONE', progress };
  }
  if (elapsedSeconds >= limits.drainTimeoutSeconds) {
    const isSpent = answer.inFlight === 0 && elapsedSeconds >= limits.deregistrationDelaySeconds;
    const isSilent = answer.quietSeconds >= Math.min(limits.leastQuietSeconds, limits.quietSeconds);
    if (limits.isRollback || (isSpent && isSilent)) return { verdict: 'DONE', progress };
    throw new DrainTimedOut(
      `${instanceId} was not idle after ${Math.round(elapsedSeconds)} s: ${answer.inFlight} requests in flight, the last one arrived ${Math.round(answer.quietSeconds)} s ago (limit ${limits.drainTimeoutSeconds} s)`,
    );
  }
  return { verdict: 'REPEAT', progress };
}
