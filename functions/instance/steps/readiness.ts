import type { VerdictOf } from '../../shared/verdict.ts';
import type { DocumentVersions, ObserveOutput } from '../document-contract.ts';
import { TargetNeverUp } from '../errors.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import type { ReadyProgress } from '../progress.ts';
import type { ReadySettings } from '../settings.ts';
import { readyParameters } from '../slice-parameters.ts';
import { describeEvidence, elapsedSeconds, type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

export type ReadyWork = ServerWork & { readonly readiness?: ReadyProgress | undefined };

export async function sendReadiness(
  { commands, now }: StepPorts,
  step: ServerWork,
  settings: ReadySettings,
  versions?: DocumentVersions,
): Promise<string> {
  const remainingSeconds = settings.healthDeadlineSeconds - elapsedSeconds(step, now());
  return commands.sendObserve(step.instanceId, readyParameters(settings, remainingSeconds), versions);
}

export interface ReadyCheck {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT' | 'WAIT'>;
  /** Absent while the slice runs. */
  readonly progress?: ReadyProgress;
  readonly errors?: number | undefined;
}

/** Whether the release `version` is ready, by the answer of its latest slice. @throws TargetNeverUp, CommandFailed */
export async function checkReadiness(
  { commands, now }: StepPorts,
  step: ReadyWork,
  version: string,
  settings: ReadySettings,
): Promise<ReadyCheck> {
  const answer = await commands.readObserve(sentCommand(step, settings.healthDeadlineSeconds + SLICE_LIMIT_SECONDS));
  if (!answer) return { verdict: 'WAIT' };
  const { instanceId, phaseStartedAtMs } = step;
  const { verdict, progress } = judgeReadiness(answer, step.readiness, { instanceId, version, phaseStartedAtMs }, now(), settings);
  return { verdict, progress, errors: answer.errors };
}

/** Counted over several slices. @throws TargetNeverUp after the deadline, with the last answer, the service's state and its journal */
export function judgeReadiness(
  answer: ObserveOutput,
  before: ReadyProgress | undefined,
  subject: { readonly instanceId: string; readonly version: string; readonly phaseStartedAtMs: number },
  nowMs: number,
  limits: Pick<ReadySettings, 'healthyInARow' | 'healthDeadlineSeconds'>,
): { readonly verdict: VerdictOf<'DONE' | 'REPEAT'>; readonly progress: ReadyProgress } {
  const elapsedSeconds = (nowMs - subject.phaseStartedAtMs) / 1000;
  const isRightVersion = answer.version === subject.version;
  const lastAnswer = isRightVersion ? answer.lastAnswer : `release ${answer.version} runs instead of ${subject.version}`;
  const unbroken = answer.attempts > 0 && answer.upInARow >= answer.attempts;
  const upInARow = isRightVersion ? answer.upInARow + (unbroken ? (before?.upInARow ?? 0) : 0) : 0;
  const progress: ReadyProgress = { upInARow, lastAnswer };
  if (upInARow >= limits.healthyInARow) return { verdict: 'DONE', progress };
  if (elapsedSeconds >= limits.healthDeadlineSeconds) {
    throw new TargetNeverUp(
      `${subject.instanceId} did not pass the readiness check with release ${subject.version} within ${limits.healthDeadlineSeconds} s; last answer: ${lastAnswer}${describeEvidence(answer)}`,
    );
  }
  return { verdict: 'REPEAT', progress };
}
