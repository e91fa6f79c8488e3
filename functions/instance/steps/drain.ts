import { POLL_ONCE, pauseUntil } from '../../shared/poll.ts';
import { blindDrainSeconds, type DrainDecision, type DrainLimits, decideDrain } from '../decide-drain.ts';
import type { DocumentVersions, WaitIdleOutput } from '../documents.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import type { DrainProgress } from '../progress.ts';
import type { DrainSettings } from '../settings.ts';
import { type DrainWatch, waitIdleParameters } from '../slice-parameters.ts';
import { type ServerStep, type StepPorts, sentCommand } from './server-step.ts';

/** A step that drains a server: it carries what the slices before have counted. */
export type DrainStep = ServerStep & { readonly drain?: DrainProgress | undefined };

type Ports = Omit<StepPorts, 'commands'> & { readonly commands: Pick<StepPorts['commands'], 'sendWaitIdle' | 'readWaitIdle'> };

/** Sends the next slice of the drain. @returns the command's id */
export async function sendDrain(
  { commands, now }: Ports,
  step: DrainStep,
  limits: DrainLimits & Pick<DrainSettings, 'drainSliceSeconds'> & DrainWatch,
  fencingToken: number,
  versions?: DocumentVersions,
): Promise<string> {
  const parameters = waitIdleParameters(limits, fencingToken, step.drain, step.phaseStartedAtMs, now());
  return commands.sendWaitIdle(step.instanceId, parameters, versions);
}

export interface DrainCheck {
  readonly verdict: DrainDecision['verdict'];
  /** Absent while the slice runs. */
  readonly progress?: DrainProgress;
}

/**
 * Whether the server is idle, by the answer of its latest slice. For a server without counts it lets time pass.
 * @param onAnswer what else is to be done with the answer, before it is judged
 * @throws DrainTimedOut, CommandFailed, LeaseLost
 */
export async function checkDrain(
  { commands, now, polling = POLL_ONCE }: Ports,
  step: DrainStep,
  limits: DrainLimits,
  onAnswer: (answer: WaitIdleOutput) => Promise<void> = async () => {},
): Promise<DrainCheck> {
  const answer = await commands.readWaitIdle(sentCommand(step, limits.drainTimeoutSeconds + SLICE_LIMIT_SECONDS));
  if (!answer) return { verdict: 'WAIT' };
  await onAnswer(answer);
  const { verdict, progress } = decideDrain(answer, step.instanceId, step.phaseStartedAtMs, now(), limits);
  if (verdict === 'WAIT') await pauseUntil(step.phaseStartedAtMs + blindDrainSeconds(limits) * 1000, now(), polling);
  // Those of the first slice: the longer a drain takes, the more of them have expired.
  const sessions = step.drain?.sessions ?? answer.sessions;
  return { verdict, progress: { ...progress, ...(sessions !== undefined && { sessions }) } };
}
