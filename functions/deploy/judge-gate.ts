import type { DeploySettings, GateProgress, ObserveOutput, Verdict } from './contract.ts';
import { TargetNeverUp } from './errors.ts';

export type GateLimits = Pick<DeploySettings, 'healthyInARow' | 'healthDeadlineSeconds'>;

export interface GateDecision {
  readonly verdict: Verdict;
  readonly progress: GateProgress;
}

/** What is being judged: a version on an instance, since when. */
export interface GateSubject {
  readonly instanceId: string;
  readonly version: string;
  readonly phaseStartedAtMs: number;
}

/**
 * Tells whether a release passed the health gate: `healthyInARow` UP answers without a gap, counted over several looks,
 * from the version that was installed.
 * @throws TargetNeverUp when the deadline has passed; it quotes the last answer
 */
export function judgeGate(
  look: ObserveOutput,
  before: GateProgress | undefined,
  subject: GateSubject,
  nowMs: number,
  limits: GateLimits,
): GateDecision {
  const elapsedSeconds = (nowMs - subject.phaseStartedAtMs) / 1000;
  const isRightVersion = look.version === subject.version;
  const lastAnswer = isRightVersion ? look.lastAnswer : `release ${look.version} runs instead of ${subject.version}`;
  const unbroken = look.attempts > 0 && look.upInARow >= look.attempts;
  const upInARow = isRightVersion ? look.upInARow + (unbroken ? (before?.upInARow ?? 0) : 0) : 0;
  const progress: GateProgress = { upInARow, lastAnswer };
  if (upInARow >= limits.healthyInARow) return { verdict: 'DONE', progress };
  if (elapsedSeconds >= limits.healthDeadlineSeconds) {
    throw new TargetNeverUp(
      `${subject.instanceId} did not pass the health gate with release ${subject.version} within ${limits.healthDeadlineSeconds} s; last answer: ${lastAnswer}`,
    );
  }
  return { verdict: 'AGAIN', progress };
}
