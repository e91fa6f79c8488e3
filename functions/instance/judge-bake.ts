import type { TargetHealth } from '../shared/aws/target-group.ts';
import { counted } from '../shared/counted.ts';
import { describeUnwritten, unwrittenAdvice } from '../shared/unwritten.ts';
import type { VerdictOf } from '../shared/verdict.ts';
import type { ObserveOutput } from './document-contract.ts';
import { BakeFailed } from './errors.ts';
import { judgeLatency } from './judge-latency.ts';
import type { BakeProgress } from './progress.ts';
import type { BakeSettings } from './settings.ts';

export interface BakeLimits extends Pick<BakeSettings, 'bakeSeconds' | 'bakeMaxErrors' | 'bakeMaxLatencyMs' | 'bakeMaxUnwritten'> {
  /** The previous release is the best there is: errors and slowness, which it may share with the new one, do not fail its bake. */
  readonly isRollback?: boolean;
}

export interface BakeDecision {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT'>;
  readonly progress: BakeProgress;
}

/**
 * Whether a target holds under its first traffic with the new release. CloudWatch has no figures per target, so this judges
 * by the target's own counter of 5xx answers, its answer time, and its health at the load balancer.
 * @param before `errorsAtStart` is the counter just before the target was registered
 * @throws BakeFailed on more than `bakeMaxErrors` errors, on answers that stay slower than `bakeMaxLatencyMs`, on more lost changes of
 * sessions than `bakeMaxUnwritten`, on a restart of the server, or when the target is not healthy
 */
export function judgeBake(
  answer: Pick<ObserveOutput, 'errors' | 'latencyMs' | 'requests' | 'unwritten'>,
  health: TargetHealth,
  { before, elapsedMs }: { readonly before: BakeProgress | undefined; readonly elapsedMs: number },
  limits: BakeLimits,
): BakeDecision {
  const { instanceId } = health;
  const errorsAtStart = before?.errorsAtStart ?? answer.errors;
  if (errorsAtStart !== undefined && answer.errors !== undefined) {
    const grown = answer.errors - errorsAtStart;
    if (grown < 0)
      throw new BakeFailed(
        `the server on ${instanceId} restarted while it baked: its error counter fell from ${errorsAtStart} to ${answer.errors}`,
      );
    if (grown > limits.bakeMaxErrors && !limits.isRollback) {
      throw new BakeFailed(
        `${instanceId} answered ${counted(grown, 'request')} with a 5xx status while it baked; bakeMaxErrors allows ${limits.bakeMaxErrors}`,
      );
    }
  }
  if (health.state !== 'healthy') {
    throw new BakeFailed(
      `${instanceId} became ${health.state} at the load balancer while it baked${health.detail === undefined ? '' : ` (${health.detail})`}`,
    );
  }
  const { latencyMs, requests, unwritten } = answer;
  const { bakeMaxUnwritten = Number.POSITIVE_INFINITY } = limits;
  if (unwritten && unwritten.requests > bakeMaxUnwritten && !limits.isRollback) {
    throw new BakeFailed(
      `on ${instanceId}, ${describeUnwritten(unwritten)}. bakeMaxUnwritten allows ${bakeMaxUnwritten}. ${unwrittenAdvice(unwritten)}`,
    );
  }
  const slow = limits.isRollback
    ? undefined
    : judgeLatency({ instanceId, latencyMs, requests, before: before?.slow, elapsedMs }, limits.bakeMaxLatencyMs);
  const progress: BakeProgress = { errorsAtStart, errors: answer.errors, ...(slow && { slow }) };
  return { verdict: elapsedMs >= limits.bakeSeconds * 1000 && !slow ? 'DONE' : 'REPEAT', progress };
}
