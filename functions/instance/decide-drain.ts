import type { VerdictOf } from '../shared/verdict.ts';
import type { WaitIdleOutput } from './document-contract.ts';
import { blindDrainSeconds, lastSliceEndSeconds } from './drain-times.ts';
import { DrainTimedOut } from './errors.ts';
import type { DrainProgress } from './progress.ts';
import type { DrainSettings } from './settings.ts';

/** No load balancer goes on sending to a deregistered target for this long: users measured 15 to 25 s. */
const LONGEST_LAG_SECONDS = 60;

/** Times that bound a drain, in seconds. */
export type DrainLimits = Pick<
  DrainSettings,
  'deregistrationDelaySeconds' | 'drainFloorSeconds' | 'drainTimeoutSeconds' | 'leastQuietSeconds'
> &
  Partial<Pick<DrainSettings, 'longLived'>> & {
    /** How long no request has to arrive, as chosen for this roll. */
    readonly quietSeconds: number;
    /** A release that hangs its requests has to go as well: past the deregistration delay the load balancer has cut them. */
    readonly isRollback?: boolean;
  };

/** When a drain began, in milliseconds since the epoch. */
export interface DrainClock {
  readonly phaseStartedAtMs: number;
  /** The earliest moment at which the load balancer can have begun its deregistration delay. @default phaseStartedAtMs */
  readonly deregisteredAtMs?: number | undefined;
}

export interface DrainDecision {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT'>;
  readonly progress: DrainProgress;
}

/**
 * Whether a target that left the load balancer is idle, by one answer of wait-idle.
 *
 * Idle is: the floor has passed, nothing is in flight, and no request has arrived for `quietSeconds`, since the load
 * balancer goes on sending for a while. Whether the application's counts or the kernel's connections show that makes no
 * difference. A server of which neither does gets the whole deregistration delay and the floor; no further slice is sent
 * meanwhile, hence WAIT instead of REPEAT. A placeholder has nothing to lose, and is idle at once.
 *
 * Once no load balancer still sends, or no time is left for another answer, a shorter silence is enough: what arrives then is a monitor's, and the
 * settings leave a drain more time than a load balancer goes on sending. Ties, which the kernel does not show to be in flight or
 * not, are waited for as in a blind drain. What a rollback replaces is waited for until the load balancer has cut it.
 * @throws DrainTimedOut when the time for another answer is up and requests are still there, before the load balancer cuts them; never in a rollback
 */
export function decideDrain(
  answer: WaitIdleOutput,
  instanceId: string,
  { phaseStartedAtMs, deregisteredAtMs = phaseStartedAtMs }: DrainClock,
  nowMs: number,
  limits: DrainLimits,
): DrainDecision {
  const elapsedSeconds = (nowMs - phaseStartedAtMs) / 1000;
  const isCut = elapsedSeconds >= blindDrainSeconds(limits);
  const { requests, quietSeconds, reason } = answer;
  const progress: DrainProgress = { requests, quietSeconds, ...(reason !== undefined && { reason }) };
  const decided = (verdict: DrainDecision['verdict']): DrainDecision => ({ verdict, progress });
  if (answer.placeholder) return decided('DONE');
  if (answer.signal === 'blind' || answer.inFlight === undefined) return decided(isCut ? 'DONE' : 'WAIT');

  const streams = limits.longLived === 'wait' ? (answer.longLived ?? 0) : 0;
  const inFlight = Math.max(answer.inFlight, streams);
  if (elapsedSeconds >= limits.drainFloorSeconds && inFlight === 0 && quietSeconds >= limits.quietSeconds) return decided('DONE');
  const isSilent = quietSeconds >= Math.min(limits.leastQuietSeconds, limits.quietSeconds);
  if (elapsedSeconds >= LONGEST_LAG_SECONDS && inFlight === 0 && isSilent) return decided('DONE');
  if (limits.isRollback) return decided(isCut ? 'DONE' : 'REPEAT');

  const sinceDeregistrationSeconds = (nowMs - deregisteredAtMs) / 1000;
  if (sinceDeregistrationSeconds < lastSliceEndSeconds(limits)) return decided('REPEAT');
  if (inFlight === 0 && isSilent) return decided('DONE');
  // A request that the kernel shows to be in flight leaves no silence.
  const onlyTies = isSilent && streams === 0 && (answer.ties ?? 0) > 0;
  if (onlyTies) return decided(isCut ? 'DONE' : 'REPEAT');
  throw new DrainTimedOut(
    `${instanceId} was not idle after ${Math.round(sinceDeregistrationSeconds)} s: ${inFlight} requests in flight, the last one arrived ${Math.round(quietSeconds)} s ago (limit ${limits.drainTimeoutSeconds} s, with the time for one more answer)`,
  );
}

/** When the next slice of a drain ends at the latest, in milliseconds since the epoch: its answer decides. */
export function drainEndsAtMs(
  { phaseStartedAtMs, deregisteredAtMs = phaseStartedAtMs }: DrainClock,
  nowMs: number,
  limits: DrainLimits,
): number {
  const lastEndAtMs = deregisteredAtMs + lastSliceEndSeconds(limits) * 1000;
  return limits.isRollback || nowMs >= lastEndAtMs ? phaseStartedAtMs + blindDrainSeconds(limits) * 1000 : lastEndAtMs;
}
