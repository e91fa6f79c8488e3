import type { TargetHealth } from '../shared/target-group.ts';
import type { BakeProgress, DeploySettings, ObserveOutput, Verdict } from './contract.ts';
import { BakeFailed } from './errors.ts';

export interface BakeLimits extends Pick<DeploySettings, 'bakeSeconds' | 'bakeMaxErrors' | 'bakeMaxLatencyMs'> {
  /** The release before is the best there is: errors and slowness, which it may share with the new one, do not condemn it. */
  readonly isRollback?: boolean;
}

export interface BakeDecision {
  readonly verdict: Verdict;
  readonly progress: BakeProgress;
}

/**
 * Tells whether a target stands its first traffic with the new release. CloudWatch has no figures per target, so the
 * judgement is on the target's own counter of 5xx answers, its answer time, and its health at the load balancer.
 * @param before `errorsAtStart` is the counter just before the target was registered
 * @throws BakeFailed on more than `bakeMaxErrors` errors, on answers slower than `bakeMaxLatencyMs`, on a restart of the
 * server, or when the target is not healthy
 */
export function judgeBake(
  look: Pick<ObserveOutput, 'errors' | 'latencyMs'>,
  health: TargetHealth,
  before: BakeProgress | undefined,
  phaseStartedAtMs: number,
  nowMs: number,
  limits: BakeLimits,
): BakeDecision {
  const { instanceId } = health;
  const errorsAtStart = before?.errorsAtStart ?? look.errors;
  const progress: BakeProgress = { errorsAtStart, errors: look.errors };
  if (errorsAtStart !== undefined && look.errors !== undefined) {
    const grown = look.errors - errorsAtStart;
    if (grown < 0)
      throw new BakeFailed(
        `the server on ${instanceId} restarted while it baked: its error counter fell from ${errorsAtStart} to ${look.errors}`,
      );
    if (grown > limits.bakeMaxErrors && !limits.isRollback) {
      throw new BakeFailed(
        `${instanceId} answered ${grown} requests with a 5xx status while it baked; ${limits.bakeMaxErrors} are allowed`,
      );
    }
  }
  if (look.latencyMs !== undefined && look.latencyMs > limits.bakeMaxLatencyMs && !limits.isRollback) {
    throw new BakeFailed(
      `${instanceId} took ${Math.round(look.latencyMs)} ms to answer while it baked; ${limits.bakeMaxLatencyMs} ms are allowed`,
    );
  }
  if (health.state !== 'healthy') {
    throw new BakeFailed(
      `${instanceId} became ${health.state} at the load balancer while it baked${health.detail === undefined ? '' : ` (${health.detail})`}`,
    );
  }
  return { verdict: nowMs - phaseStartedAtMs >= limits.bakeSeconds * 1000 ? 'DONE' : 'AGAIN', progress };
}
