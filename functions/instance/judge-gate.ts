import type { VerdictOf } from '../shared/verdict.ts';
import { describeEvidence } from './describe-evidence.ts';
import type { ObserveOutput } from './document-contract.ts';
import { TargetNeverUp } from './errors.ts';
import type { GateProgress } from './progress.ts';
import type { GateSettings } from './settings.ts';

export type GateLimits = Pick<GateSettings, 'healthyInARow' | 'healthDeadlineSeconds'>;

export interface GateDecision {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT'>;
  readonly progress: GateProgress;
}

/** What is being judged: a version on an instance, since when. */
export interface GateSubject {
  readonly instanceId: string;
  readonly version: string;
  readonly phaseStartedAtMs: number;
}

/**
 * Whether a release passed the health gate: `healthyInARow` UP answers without a gap, counted over several slices, from the
 * version that was installed.
 * @throws TargetNeverUp when the deadline has passed; it quotes the last answer, the service's state and its journal
 */
export function judgeGate(
  answer: ObserveOutput,
  before: GateProgress | undefined,
  subject: GateSubject,
  nowMs: number,
  limits: GateLimits,
): GateDecision {
  const elapsedSeconds = (nowMs - subject.phaseStartedAtMs) / 1000;
  const isRightVersion = answer.version === subject.version;
  const lastAnswer = isRightVersion ? answer.lastAnswer : `release ${answer.version} runs instead of ${subject.version}`;
  const unbroken = answer.attempts > 0 && answer.upInARow >= answer.attempts;
  const upInARow = isRightVersion ? answer.upInARow + (unbroken ? (before?.upInARow ?? 0) : 0) : 0;
  const progress: GateProgress = { upInARow, lastAnswer };
  if (upInARow >= limits.healthyInARow) return { verdict: 'DONE', progress };
  if (elapsedSeconds >= limits.healthDeadlineSeconds) {
    throw new TargetNeverUp(
      `${subject.instanceId} did not pass the health gate with release ${subject.version} within ${limits.healthDeadlineSeconds} s; last answer: ${lastAnswer}${describeEvidence(answer)}`,
    );
  }
  return { verdict: 'REPEAT', progress };
}
