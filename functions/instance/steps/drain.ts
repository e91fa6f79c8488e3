import { POLL_ONCE, pauseUntil } from '../../shared/poll.ts';
import { type DrainDecision, type DrainLimits, decideDrain, timeDrainSlice } from '../decide-drain.ts';
import type { DocumentVersions, DrainSignal, WaitIdleOutput } from '../document-contract.ts';
import { blindDrainSeconds, drainTimeoutOf } from '../drain-times.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import type { DrainedTarget, DrainProgress } from '../progress.ts';
import type { DrainSettings } from '../settings.ts';
import { type DrainWatch, waitIdleParameters } from '../slice-parameters.ts';
import { type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

/** A step that drains a server: it carries what the slices before have counted. */
export type DrainWork = ServerWork & { readonly drain?: DrainProgress | undefined };

type Ports = Omit<StepPorts, 'commands'> & { readonly commands: Pick<StepPorts['commands'], 'sendWaitIdle' | 'readWaitIdle'> };

/** Sends the next slice of the drain. @returns the command's id */
export async function sendDrain(
  { commands, now }: Ports,
  step: DrainWork,
  limits: DrainLimits & Pick<DrainSettings, 'drainSliceSeconds'> & Pick<DrainWatch, 'drainSignal' | 'longLived'>,
  fencingToken: number,
  versions?: DocumentVersions,
): Promise<string> {
  const target = step.drain?.target;
  const nowMs = now();
  const watch = { drainSignal: signalFor(limits.drainSignal, target), targetPorts: target?.ports ?? [] };
  const { endsAtMs } = timeDrainSlice(clockOf(step), nowMs, limitsOf(step, limits), step.drain?.quietSeconds);
  const times = { startedAtMs: step.phaseStartedAtMs, nowMs, endsAtMs };
  const parameters = waitIdleParameters({ ...limits, ...watch }, fencingToken, step.drain, times);
  return commands.sendWaitIdle(step.instanceId, parameters, versions);
}

/** Connections that carry several requests at once show the kernel nothing. */
function signalFor(chosen: DrainSignal = 'auto', target?: DrainedTarget): DrainSignal {
  return target?.multiplexed && chosen !== 'blind' ? 'counts' : chosen;
}

const clockOf = ({ phaseStartedAtMs, drain }: DrainWork) => ({ phaseStartedAtMs, deregisteredAtMs: drain?.target?.deregisteredAtMs });

const limitsOf = ({ drain }: DrainWork, limits: DrainLimits): DrainLimits => ({
  ...limits,
  // One connection carries requests of several ages.
  ...(drain?.target?.multiplexed && { onDrainTimeout: 'stop' }),
  drainTimeoutSeconds: drainTimeoutOf(limits, drain?.target),
});

export interface DrainCheck {
  readonly verdict: DrainDecision['verdict'];
  /** Absent while the slice runs. */
  readonly progress?: DrainProgress;
}

/**
 * Whether the server is idle, by the answer of its latest slice. For a server that shows no requests it lets time pass. A slice
 * whose answer does not come by the time-out fails the drain, so that the target is back before the load balancer cuts.
 * @param onAnswer what else is to be done with the answer, before it is judged; whether somebody has ended the drain by then
 * @throws DrainTimedOut, CommandFailed, LeaseLost
 */
export async function checkDrain(
  { commands, now, polling = POLL_ONCE }: Ports,
  step: DrainWork,
  limits: DrainLimits & Pick<DrainWatch, 'drainSignal'>,
  onAnswer: (answer: WaitIdleOutput) => Promise<Pick<DrainLimits, 'isEndedByHand'>> = async () => ({}),
): Promise<DrainCheck> {
  const answer = await commands.readWaitIdle({ ...sentCommand(step, 0), overdueAtMs: overdueAtMs(step, limits) });
  if (!answer) return { verdict: 'WAIT' };
  const judged = { ...limitsOf(step, limits), ...(await onAnswer(answer)) };
  const { verdict, progress } = decideDrain(answer, step.instanceId, clockOf(step), now(), judged);
  if (verdict === 'WAIT') await pauseUntil(step.phaseStartedAtMs + blindDrainSeconds(limits) * 1000, now(), polling);
  const target = step.drain?.target;
  // Those of the first slice: the longer a drain takes, the more of them have expired.
  const sessions = step.drain?.sessions ?? answer.sessions;
  return { verdict, progress: { ...(target && { target }), ...progress, ...(sessions !== undefined && { sessions }) } };
}

function overdueAtMs(step: DrainWork, limits: DrainLimits & Pick<DrainWatch, 'drainSignal'>): number {
  if (limits.drainSignal === 'blind') return step.phaseStartedAtMs + (blindDrainSeconds(limits) + SLICE_LIMIT_SECONDS) * 1000;
  const sentAtMs = step.commandSentAtMs ?? step.phaseStartedAtMs;
  return timeDrainSlice(clockOf(step), sentAtMs, limitsOf(step, limits), step.drain?.quietSeconds).overdueAtMs;
}
