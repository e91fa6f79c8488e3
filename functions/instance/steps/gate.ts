import type { DocumentVersions } from '../document-contract.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { type GateDecision, judgeGate } from '../judge-gate.ts';
import type { GateProgress } from '../progress.ts';
import type { GateSettings } from '../settings.ts';
import { gateParameters } from '../slice-parameters.ts';
import { elapsedSeconds, type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

/** A step that waits at the health gate: it carries what the slices before have counted. */
export type GateWork = ServerWork & { readonly gate?: GateProgress | undefined };

/** Sends the next slice of the health gate. @returns the command's id */
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
  /** The server's counter of 5xx answers. */
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
