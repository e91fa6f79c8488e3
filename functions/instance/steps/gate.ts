import type { VerdictOf } from '../../shared/verdict.ts';
import type { DocumentVersions, ObserveOutput } from '../document-contract.ts';
import { TargetNeverUp } from '../errors.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import type { GateProgress } from '../progress.ts';
import type { GateSettings } from '../settings.ts';
import { gateParameters } from '../slice-parameters.ts';
import { describeEvidence, elapsedSeconds, type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

export type GateWork = ServerWork & { readonly gate?: GateProgress | undefined };

export async function sendGate(
  { commands, now }: StepPorts,
  step: ServerWork,
  settings: GateSettings,
  versions?: DocumentVersions,
): Promise<string> {
  const remainingSeconds = settings.healthDeadlineSeconds - elapsedSeconds(step, now());
  return commands.sendObserve(step.instanceId, gateParameters(settings, remainingSeconds), versions);
}

export interface GateCheck {
  readonly verdict: GateDecision['verdict'] | 'WAIT';
  /** Absent while the slice runs. */
  readonly progress?: GateProgress;
  readonly errors?: number | undefined;
}

/** Whether the release `version` passed the gate, by the answer of its latest slice. @throws TargetNeverUp, CommandFailed */
export async function checkGate({ commands, now }: StepPorts, step: GateWork, version: string, settings: GateSettings): Promise<GateCheck> {
  const answer = await commands.readObserve(sentCommand(step, settings.healthDeadlineSeconds + SLICE_LIMIT_SECONDS));
  if (!answer) return { verdict: 'WAIT' };
  const { instanceId, phaseStartedAtMs } = step;
  const { verdict, progress } = judgeGate(answer, step.gate, { instanceId, version, phaseStartedAtMs }, now(), settings);
  return { verdict, progress, errors: answer.errors };
}

export type GateLimits = Pick<GateSettings, 'healthyInARow' | 'healthDeadlineSeconds'>;

export type GateDecision = { readonly verdict: VerdictOf<'DONE' | 'REPEAT'>; readonly progress: GateProgress };

export type GateSubject = { readonly instanceId: string; readonly version: string; readonly phaseStartedAtMs: number };

/** Counted over several slices. @throws TargetNeverUp after the deadline, with the last answer, the service's state and its journal */
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
