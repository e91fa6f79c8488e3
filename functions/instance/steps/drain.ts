import { isMultiplexed, type Registration } from '../../shared/aws/target-group.ts';
import { holdfast, OWN_OPTIONS } from '../../shared/command-options.ts';
import { POLL_ONCE, pauseUntil } from '../../shared/poll.ts';
import { counted } from '../../shared/texts.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { DocumentVersions, DrainSignal, WaitIdleOutput } from '../document-contract.ts';
import { blindDrainSeconds, drainTimeoutOf, LAST_ANSWER_SECONDS, lastSliceEndSeconds } from '../drain-times.ts';
import { DrainTimedOut } from '../errors.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import type { DrainedTarget, DrainProgress } from '../progress.ts';
import type { DrainSettings } from '../settings.ts';
import { type DrainWatch, waitIdleParameters } from '../slice-parameters.ts';
import { type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

export type DrainWork = ServerWork & { readonly drain?: DrainProgress | undefined };

type Ports = Omit<StepPorts, 'commands'> & { readonly commands: Pick<StepPorts['commands'], 'sendWaitIdle' | 'readWaitIdle'> };

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

/** `progress`: absent while the slice runs. */
export type DrainCheck = { readonly verdict: DrainDecision['verdict']; readonly progress?: DrainProgress };

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

/** No load balancer goes on sending to a deregistered target for this long: users measured 15 to 25 s. */
const LONGEST_LAG_SECONDS = 60;

/** How long after the time-out the last answer is waited for: the rest of the time is needed to register the target again. */
const LATE_ANSWER_SECONDS = 3;

/** Times that bound a drain, in seconds. */
export type DrainLimits = Pick<
  DrainSettings,
  'deregistrationDelaySeconds' | 'drainFloorSeconds' | 'drainTimeoutSeconds' | 'leastQuietSeconds'
> &
  Partial<Pick<DrainSettings, 'longLived' | 'onDrainTimeout' | 'cutAtMost'>> & {
    /** How long no request has to arrive, as chosen for this roll. */
    readonly quietSeconds: number;
    /** A release that hangs its requests has to go as well: past the deregistration delay the load balancer has cut them. */
    readonly isRollback?: boolean;
    /** Somebody has ended the drain: it cuts what the server still has. */
    readonly isEndedByHand?: boolean;
  };

/** When a drain began, in milliseconds since the epoch. */
export interface DrainClock {
  readonly phaseStartedAtMs: number;
  /** The earliest moment at which the load balancer can have begun its deregistration delay. @default phaseStartedAtMs */
  readonly deregisteredAtMs?: number | undefined;
}

export type DrainDecision = { readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT'>; readonly progress: DrainProgress };

/**
 * Whether a target that left the load balancer is idle, by one answer of wait-idle.
 *
 * Idle is: the floor has passed, nothing is in flight, and no request has arrived for `quietSeconds`, since the load
 * balancer goes on sending for a while. Whether the application's counts or the kernel's connections show that makes no
 * difference. A server of which neither does gets the whole deregistration delay and the floor; no further slice is sent
 * meanwhile, hence WAIT instead of REPEAT. A placeholder has nothing to lose, and is idle at once.
 *
 * Once no load balancer still sends, or no time is left for another answer, a shorter silence is enough: what arrives then is a monitor's, and the
 * settings leave a drain more time than a load balancer goes on sending. Ties, which the kernel does not show to be in flight or
 * not, are waited for as in a blind drain. What a rollback replaces is waited for until the load balancer has cut it.
 *
 * A drain that somebody ends cuts, once no load balancer still sends or no time is left, whatever the server has. One whose time is up cuts only where the
 * settings allow it, and never what began after the deregistration, or possibly did.
 * @throws DrainTimedOut when the time for another answer is up and requests are still there, before the load balancer cuts them; never in a rollback
 */
export function decideDrain(
  answer: WaitIdleOutput,
  instanceId: string,
  { phaseStartedAtMs, deregisteredAtMs = phaseStartedAtMs }: DrainClock,
  nowMs: number,
  limits: DrainLimits,
): DrainDecision {
  const elapsedSeconds = (nowMs - phaseStartedAtMs) / 1000;
  const isCut = elapsedSeconds >= blindDrainSeconds(limits);
  const { requests, quietSeconds, reason } = answer;
  const progress: DrainProgress = { requests, quietSeconds, ...(reason !== undefined && { reason }) };
  const decided = (verdict: DrainDecision['verdict']): DrainDecision => ({ verdict, progress });
  const cutting = (cut: DrainProgress['cut']): DrainDecision => ({ verdict: 'DONE', progress: { ...progress, ...(cut && { cut }) } });
  if (answer.placeholder) return decided('DONE');
  if (limits.isEndedByHand && elapsedSeconds >= Math.min(LONGEST_LAG_SECONDS, lastSliceEndSeconds(limits)))
    return cutting(answer.inFlight ?? 'unknown');
  if (answer.signal === 'blind' || answer.inFlight === undefined) return decided(isCut ? 'DONE' : 'WAIT');

  const streams = limits.longLived === 'wait' ? (answer.longLived ?? 0) : 0;
  const inFlight = Math.max(answer.inFlight, streams);
  if (elapsedSeconds >= limits.drainFloorSeconds && inFlight === 0 && quietSeconds >= limits.quietSeconds) return decided('DONE');
  const isSilent = missingSilence(quietSeconds, limits) <= 0;
  if (elapsedSeconds >= LONGEST_LAG_SECONDS && inFlight === 0 && isSilent) return decided('DONE');
  if (limits.isRollback) return decided(isCut ? 'DONE' : 'REPEAT');

  const sinceDeregistrationSeconds = (nowMs - deregisteredAtMs) / 1000;
  if (sinceDeregistrationSeconds < lastSliceEndSeconds(limits)) return decided('REPEAT');
  if (inFlight === 0 && isSilent) return decided('DONE');
  // A load balancer that is slow goes on sending this late, and what is not in flight is not cut.
  if (inFlight === 0 && elapsedSeconds < LONGEST_LAG_SECONDS) return decided('REPEAT');
  // A request that the kernel shows to be in flight leaves no silence.
  const onlyTies = isSilent && streams === 0 && (answer.ties ?? 0) > 0;
  if (onlyTies) return decided(isCut ? 'DONE' : 'REPEAT');
  const { older = 0, younger } = answer;
  const { onDrainTimeout, cutAtMost = 0 } = limits;
  if (onDrainTimeout === 'cut' && older > 0 && older >= inFlight && younger === 0 && older <= cutAtMost) return cutting(older);
  const ages = younger === undefined ? 'how many of them are older than the drain is unknown' : `${older} of them older than the drain`;
  throw new DrainTimedOut(
    `${instanceId} was not idle after ${Math.round(sinceDeregistrationSeconds)} s: ${counted(inFlight, 'request')} in flight, ${ages}, the last one arrived ${Math.round(quietSeconds)} s ago (limit ${limits.drainTimeoutSeconds} s, with the time for one more answer). Nothing was cut. ${onDrainTimeout === 'cut' ? `deploy.onDrainTimeout "cut" cuts at most ${cutAtMost}, all older` : 'With deploy.onDrainTimeout "cut" a drain cuts a few, all older than itself'}; "${holdfast(`deploys end-drain ID ${OWN_OPTIONS}`)}" cuts all of a server while a deploy drains it`,
  );
}

/** How much longer no request has to arrive, at least, in seconds; 0 or less: the server was silent for long enough. */
const missingSilence = (quietSeconds: number, { leastQuietSeconds, quietSeconds: wanted }: DrainLimits): number =>
  Math.min(leastQuietSeconds, wanted) - quietSeconds;

/** `endsAtMs`: it ends no later: its answer decides. `overdueAtMs`: a slice whose answer has not come by then fails the drain. */
export type DrainSliceTimes = { readonly endsAtMs: number; readonly overdueAtMs: number };

/**
 * When a slice of a drain ends that is sent now, and when its answer is overdue: while the target can be put back before the load
 * balancer cuts what it still has, except for what is only waited for until that cut. Past the time for the last slice, one that
 * lacks nothing but silence lasts as long as that needs.
 * @param sentAtMs milliseconds since the epoch
 * @param quietSeconds by the answer before
 */
export function timeDrainSlice(
  { phaseStartedAtMs, deregisteredAtMs = phaseStartedAtMs }: DrainClock,
  sentAtMs: number,
  limits: DrainLimits,
  quietSeconds = 0,
): DrainSliceTimes {
  const cutAtMs = phaseStartedAtMs + blindDrainSeconds(limits) * 1000;
  const untilTheCut = { endsAtMs: cutAtMs, overdueAtMs: cutAtMs + SLICE_LIMIT_SECONDS * 1000 };
  if (limits.isRollback) return untilTheCut;
  const overdueAtMs = deregisteredAtMs + (limits.drainTimeoutSeconds + LATE_ANSWER_SECONDS) * 1000;
  const lastEndAtMs = deregisteredAtMs + lastSliceEndSeconds(limits) * 1000;
  if (sentAtMs < lastEndAtMs) return { endsAtMs: lastEndAtMs, overdueAtMs };
  const missingMs = missingSilence(quietSeconds, limits) * 1000;
  if (missingMs <= 0) return untilTheCut;
  const endsAtMs = sentAtMs + missingMs;
  return { endsAtMs, overdueAtMs: Math.max(overdueAtMs, endsAtMs + (LAST_ANSWER_SECONDS + LATE_ANSWER_SECONDS) * 1000) };
}

export function drainedTarget(
  registrations: readonly Registration[],
  protocolVersion: string | undefined,
  deregisteredAtMs: number,
): DrainedTarget {
  const ports = [...new Set(registrations.flatMap(({ port }) => port ?? []))];
  return { ports, deregisteredAtMs, ...(isMultiplexed(protocolVersion) && { multiplexed: true }) };
}
