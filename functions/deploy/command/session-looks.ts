/** How many sessions one server has, asked on the server: a look before it is pinned, and slices of the wait while it is. */

import type { WaitIdleOutput } from '../../instance/document-contract.ts';
import { blindDrainSeconds } from '../../instance/drain-times.ts';
import { CommandFailed } from '../../instance/errors.ts';
import type { InstanceCommands } from '../../instance/instance-commands.ts';
import { readSessions, type SessionsSeen, sendWatch } from '../../instance/steps/sessions.ts';
import type { Records } from '../../records/records.ts';
import type { Lease, TargetProgress } from '../../records/types.ts';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import { counted } from '../../shared/texts.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Roll, RollReply, SessionsProgress } from '../contract/roll.ts';
import { SessionsNotDrainable } from '../errors.ts';
import { SESSION_SLICE_SECONDS } from '../sessions/judge-routes.ts';
import { endsSessions } from '../sessions/judge-sessions.ts';
import { unfitRoutes } from '../sessions/pin-pattern.ts';
import { type RolledReleases, recordStep } from '../target-phases.ts';

interface Ports {
  readonly records: Records;
  readonly commands: Pick<InstanceCommands, 'sendWaitIdle' | 'readWaitIdle'>;
}
interface Request {
  readonly deploy: DeployContext;
  readonly lease: Lease;
  readonly roll: Roll;
}

/** From sending a slice until nobody waits for its answer any more: the server may have died, and its users with it. */
const ANSWER_SECONDS = 25;
/** An agent that updates itself is silent for less. */
const LONGEST_SILENCE_MS = 120_000;

/** Whether the server can have users' sessions: one that serves nobody is not waited for. */
export const holdsSessions = ({
  healthBefore,
  fromVersion,
  rollingBackTo,
}: Pick<TargetProgress, 'healthBefore' | 'fromVersion' | 'rollingBackTo'>): boolean =>
  (healthBefore === 'healthy' || healthBefore === 'initial') && (fromVersion !== NO_RELEASE || rollingBackTo !== undefined);

export async function sendSessionLook(
  ports: Ports,
  { deploy, lease, roll }: Request,
  _: RolledReleases,
  target: TargetProgress | undefined,
): Promise<RollReply> {
  if (!target || !holdsSessions(target)) return { verdict: 'WAIT', roll: { ...roll, commandId: undefined } };
  const commandId = await sendWatch(ports, roll.instanceId, { ...lease, sliceSeconds: 0 }, deploy.documents);
  return { verdict: 'WAIT', roll: { ...roll, commandId } };
}

/**
 * @throws SessionsNotDrainable for a server whose sessions cannot be distinguished from those of others. Not with `recover`, nor in a rollback,
 * which takes a bad release from users: a warning in the deploy's record says that it does not wait
 */
export async function checkSessionLook(
  ports: Ports & { readonly records: Records },
  { deploy, roll }: Request,
  { fromVersion, isRollback }: RolledReleases,
): Promise<RollReply> {
  if (roll.commandId === undefined) return { verdict: 'DONE', roll };
  const seen = await readSessions(ports, roll);
  if (!seen) return { verdict: 'WAIT', roll };
  const looked = { ...roll, commandId: undefined };
  const { cookie, route, count, timeoutSeconds, reason } = seen;
  if (!(await countsSessions(ports.records, deploy.fleet, fromVersion, seen))) return { verdict: 'DONE', roll: looked };
  const [unfit] = unfitRoutes([{ instanceId: roll.instanceId, cookie, route, timeoutSeconds, reason }]);
  if (unfit !== undefined) {
    if (!endsSessions(deploy) && !isRollback) throw new SessionsNotDrainable(`${unfit}; nothing was changed on it`);
    await addWarnings(ports.records, deploy, [
      `Sessions on ${roll.instanceId} are not waited for: it ${unfit.slice(roll.instanceId.length + 1)}.`,
    ]);
  }
  if (unfit !== undefined || cookie === undefined || route === undefined) return { verdict: 'DONE', roll: looked };
  const sessions: SessionsProgress = {
    cookie,
    route,
    ...(count !== undefined && { count }),
    ...(timeoutSeconds !== undefined && timeoutSeconds > 0 && { timeoutSeconds }),
  };
  return { verdict: 'DONE', roll: { ...looked, sessions } };
}

/** A count that cannot be read at this moment is no sign that there are no sessions: the release's contract decides. */
export async function countsSessions(
  records: Ports['records'],
  fleet: string,
  version: string,
  { count, placeholder }: SessionsSeen,
): Promise<boolean> {
  if (placeholder) return false;
  return count !== undefined || (await records.getRelease(fleet, version))?.app.sessions !== undefined;
}

/** @returns no command for a server that Systems Manager does not know any more, as of one that was stopped: the check goes on */
export async function sendSessionSlice(
  ports: Ports & { readonly now: () => number },
  { deploy, lease, roll }: Request,
): Promise<RollReply> {
  try {
    // Nodes of the load balancer that do not know yet that the server has left begin sessions on it. What begins later waits for itself.
    const begunSeconds = Math.max(0, (ports.now() - roll.phaseStartedAtMs) / 1000 - deploy.settings.ruleLagSeconds);
    const slice = { ...lease, sliceSeconds: SESSION_SLICE_SECONDS, begunSeconds };
    const commandId = await sendWatch(ports, roll.instanceId, slice, deploy.documents);
    return { verdict: 'WAIT', roll: { ...roll, commandId } };
  } catch (error) {
    if (!isAwsError(error, 'InvalidInstanceId')) throw error;
    return { verdict: 'WAIT', roll: { ...roll, commandId: undefined } };
  }
}

/**
 * A slice without an answer leaves the count unknown: whether the server still serves is for the load balancer's health to say.
 * @throws CommandFailed after two minutes without an answer
 */
export async function checkSessionSlice(ports: Ports & { readonly now: () => number }, { roll }: Request): Promise<RollReply> {
  const { count: before, silentSinceMs, reason: _, ...rest } = roll.sessions as SessionsProgress;
  const lastCount = before ?? rest.lastCount;
  const sessions = { ...rest, ...(lastCount !== undefined && { lastCount }) };
  try {
    const seen = await readSessions(ports, roll, ANSWER_SECONDS);
    if (!seen) return { verdict: 'WAIT', roll };
    const count = seen.placeholder ? 0 : seen.count;
    const why = count === undefined ? { reason: seen.reason ?? 'the server did not say why' } : {};
    return { verdict: 'DONE', roll: { ...roll, sessions: { ...sessions, ...why, ...(count !== undefined && { count }) } } };
  } catch (error) {
    const nowMs = ports.now();
    const sinceMs = silentSinceMs ?? nowMs;
    if (!(error instanceof CommandFailed) || nowMs - sinceMs >= LONGEST_SILENCE_MS) throw error;
    return { verdict: 'DONE', roll: { ...roll, commandId: undefined, sessions: { ...sessions, silentSinceMs: sinceMs } } };
  }
}

/**
 * Records what a slice of a drain showed, and by which signal. A drain that turns out to be blind is one of the deploy's warnings:
 * once for each reason, since what one server does not show no other one does.
 */
export async function recordDrain(
  records: Records,
  deploy: DeployContext,
  roll: Roll,
  { placeholder, signal, inFlight, longLived, sessions, reason }: WaitIdleOutput,
): Promise<void> {
  if (placeholder || signal === 'sessions') return;
  const isNew = roll.drain?.reason !== reason;
  await recordStep(records, deploy, roll, {
    drainSignal: signal,
    ...(inFlight !== undefined && { inFlight }),
    ...(longLived !== undefined && { longLived }),
    ...(sessions !== undefined && roll.drain?.sessions === undefined && { sessions }),
    ...(isNew && { drainReason: reason ?? '' }),
  });
  if (signal === 'blind') await addWarnings(records, deploy, [blindWarning(deploy, reason)]);
}

/** Among the deploy's warnings: what the end of a drain cuts, and by whose word. */
export function cutWarning({ instanceId }: Roll, cut: number | 'unknown', endedBy: string | undefined): string {
  const what = cut === 'unknown' ? 'an unknown number of requests' : counted(cut, 'request');
  const why = endedBy === undefined ? ', older than itself, when its time was up (deploy.onDrainTimeout)' : `: ${endedBy} ended it`;
  return `The drain of ${instanceId} cut ${what}${why}.`;
}

function blindWarning({ settings }: DeployContext, reason = 'nothing shows its requests'): string {
  const { deregistrationDelaySeconds } = settings;
  return `A server is drained blind, for ${blindDrainSeconds(settings)} s: ${reason}. Requests that take longer than ${deregistrationDelaySeconds} s are cut.`;
}
