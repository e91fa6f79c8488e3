/** Registers a target. An address that was deregistered a moment before has to wait until its deregistration delay has passed. */
import type { TargetProgress } from '../../records/types.ts';
import type { Registering, Registration, TargetGroup } from '../../shared/aws/target-group.ts';
import { amongSeveral, POLL_ONCE, type Polling, pollUntil } from '../../shared/poll.ts';
import { durationText } from '../../shared/times.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Roll } from '../contract/roll.ts';
import { longestDelaySeconds } from '../settings/settings.ts';

export interface Registrar {
  readonly targetGroup: Pick<TargetGroup, 'register'>;
  readonly polling?: Polling;
  /** Renews the lease, right before the change. */
  readonly hold: () => Promise<unknown>;
}

/** Registers the target, or finds out why its address has to wait: as long as one invocation polls. */
export const registerTarget = (
  { targetGroup, polling = POLL_ONCE, hold }: Registrar,
  { instanceId, atOnce = 1 }: Pick<Roll, 'instanceId' | 'atOnce'>,
  registrations: readonly Registration[] | undefined,
): Promise<Registering> =>
  pollUntil(
    () => targetGroup.register(instanceId, registrations, hold),
    ({ registered }) => registered,
    amongSeveral(polling, atOnce, instanceId),
  );

export interface DelayFacts {
  /** Why the address cannot be registered yet. */
  readonly why: string;
  /** When the wait began at the earliest: no later than the deregistration. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly phases?: TargetProgress['phases'];
}

/** `text`: what the deploy waits for, and how long; or, when the time is up, what is wrong. */
export interface DelayDecision {
  readonly verdict: 'WAIT' | 'OVER';
  readonly text: string;
}

/** Whether to wait longer for an address that cannot be registered yet. */
export function judgeDelay(
  { why, sinceMs, nowMs, phases = [] }: DelayFacts,
  settings: Pick<DeployContext['settings'], 'deregistrationDelaySeconds' | 'registerTimeoutSeconds'>,
): DelayDecision {
  const longest = longestDelaySeconds(settings);
  if (nowMs - sinceMs >= longest * 1000) {
    const delay = `deregistration_delay.timeout_seconds of the target group should be ${settings.deregistrationDelaySeconds}, as deploy.deregistrationDelaySeconds`;
    return { verdict: 'OVER', text: `${why}; that was waited for ${longest} s. ${delay}` };
  }
  const out = phases.findLast(({ phase }) => phase === 'draining' || phase === 'sessionDrain');
  const endsAtMs = (out?.startedAtMs ?? sinceMs) + settings.deregistrationDelaySeconds * 1000;
  const left = endsAtMs > nowMs ? `some ${durationText(endsAtMs - nowMs)} more` : 'any moment now';
  return {
    verdict: 'WAIT',
    text: `waits to be registered again, ${left} (deregistrationDelaySeconds ${settings.deregistrationDelaySeconds}): ${why}`,
  };
}
