import { healthOf, type TargetGroup, type TargetHealth } from '../../shared/aws/target-group.ts';
import { POLL_ONCE, pauseUntil } from '../../shared/poll.ts';
import { counted } from '../../shared/texts.ts';
import { describeUnwritten, type UnwrittenChanges, unwrittenAdvice } from '../../shared/unwritten.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { DocumentVersions, Evidence, ObserveOutput } from '../document-contract.ts';
import { BakeFailed } from '../errors.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { isUnjudged, judgeLatency, WARM_UP_SECONDS } from '../judge-latency.ts';
import type { BakeProgress } from '../progress.ts';
import type { BakeSettings } from '../settings.ts';
import { bakeParameters, LAST_MOMENT_SECONDS } from '../slice-parameters.ts';
import { describeEvidence, elapsedSeconds, type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

export type BakeWork = ServerWork & { readonly bake?: BakeProgress | undefined };

export async function sendBake(
  { commands, now }: StepPorts,
  step: BakeWork,
  settings: BakeSettings,
  versions?: DocumentVersions,
): Promise<string> {
  const remainingSeconds = lengthOf(step, settings) - elapsedSeconds(step, now());
  return commands.sendObserve(step.instanceId, bakeParameters(settings, remainingSeconds), versions);
}

/** A bake whose last slice found slow answers goes on for as long as they may take to get faster. */
const lengthOf = ({ bake }: BakeWork, { bakeSeconds }: Pick<BakeSettings, 'bakeSeconds'>): number =>
  bake?.slow ? Math.max(bakeSeconds, WARM_UP_SECONDS) : bakeSeconds;

export interface BakeCheck {
  readonly verdict: BakeDecision['verdict'] | 'WAIT';
  /** Absent while the slice runs. */
  readonly progress?: BakeProgress;
  readonly inFlight?: number | undefined;
  /** Requests were in flight, and none had ended. */
  readonly isUnjudged?: boolean;
  readonly unwritten?: UnwrittenChanges | undefined;
}

/** Whether the release holds under its first traffic, by the answer of its latest slice. @throws BakeFailed, CommandFailed */
export async function checkBake(
  { commands, targetGroup, now, polling = POLL_ONCE }: StepPorts & { readonly targetGroup: Pick<TargetGroup, 'describeHealth'> },
  step: BakeWork,
  limits: BakeLimits,
): Promise<BakeCheck> {
  const { instanceId, phaseStartedAtMs } = step;
  const answer = await commands.readObserve(sentCommand(step, lengthOf(step, limits) + SLICE_LIMIT_SECONDS));
  if (!answer) return { verdict: 'WAIT' };
  const endsAtMs = phaseStartedAtMs + limits.bakeSeconds * 1000;
  // Too little time is left for another command, whose answer would come after the bake's end: this answer is the last one.
  if (endsAtMs - now() < LAST_MOMENT_SECONDS * 1000) await pauseUntil(endsAtMs, now(), polling);
  const health = healthOf(instanceId, await targetGroup.describeHealth());
  const { verdict, progress } = judgeBake(answer, health, { before: step.bake, elapsedMs: now() - phaseStartedAtMs }, limits);
  return { verdict, progress, inFlight: answer.inFlight, isUnjudged: isUnjudged(answer), unwritten: answer.unwritten };
}

export interface BakeLimits extends Pick<BakeSettings, 'bakeSeconds' | 'bakeMaxErrors' | 'bakeMaxLatencyMs' | 'bakeMaxUnwritten'> {
  /** The previous release is the best there is: errors and slowness, which it may share with the new one, do not fail its bake. */
  readonly isRollback?: boolean;
}

export type BakeDecision = { readonly verdict: VerdictOf<'DONE' | 'REPEAT'>; readonly progress: BakeProgress };

/**
 * Whether a target holds under its first traffic with the new release. CloudWatch has no figures per target, so this judges
 * by the target's own counter of 5xx answers, its answer time, and its health at the load balancer.
 * @param before `errorsAtStart` is the counter just before the target was registered
 * @throws BakeFailed on more than `bakeMaxErrors` errors, on answers that stay slower than `bakeMaxLatencyMs`, on more lost changes of
 * sessions than `bakeMaxUnwritten`, on a restart of the server, or when the target is not healthy: these two quote what its readiness path left
 */
export function judgeBake(
  answer: Pick<ObserveOutput, 'errors' | 'latencyMs' | 'requests' | 'unwritten'> & Evidence,
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
        `the server on ${instanceId} restarted while it baked: its error counter fell from ${errorsAtStart} to ${answer.errors}${describeEvidence(answer)}`,
      );
    if (grown > limits.bakeMaxErrors && !limits.isRollback) {
      throw new BakeFailed(
        `${instanceId} answered ${counted(grown, 'request')} with a 5xx status while it baked; bakeMaxErrors allows ${limits.bakeMaxErrors}`,
      );
    }
  }
  if (health.state !== 'healthy') {
    throw new BakeFailed(
      `${instanceId} became ${health.state} at the load balancer while it baked${health.detail === undefined ? '' : ` (${health.detail})`}${describeEvidence(answer)}`,
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
