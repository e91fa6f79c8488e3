import type { Records } from '../../records/records.ts';
import type { CleanUpClaim, DeployRecord, EndedAs, FleetRecord, LockRecord, TaskError } from '../../records/types.ts';
import { type Execution, type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { Pause } from '../../shared/poll.ts';
import type { CleanUpInput, CleanUpTask } from '../contract/clean-up-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import { explainError } from '../explain-error.ts';
import { targetsAtWork } from '../rolls/in-flight.ts';
import { fillSettings } from '../settings/read-settings.ts';

export interface ClaimPorts {
  readonly records: Records;
  readonly executions: Pick<Executions, 'describe'>;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
  /** The fleet's settings as its environment holds them: for a record that has none. */
  readonly settings: unknown;
  readonly deployStateMachineArn: string;
  /** Between two looks at an execution that is shown as running. @default looks once */
  readonly pause?: Pause | undefined;
}

/** DescribeExecution is eventually consistent, by seconds. */
const CONSISTENT_MS = 5_000;
/** At each of three executions at most, of which the first has ended when it is seen again: 30 s, half of the function's limit. */
const LOOKS = 3;

/** Above a function's limit (60 s): the step that took the lock has ended by then. */
const LONGEST_INVOCATION_MS = 90_000;

/**
 * Claims a deploy for this clean-up, or gives the reason why there is nothing to do. The lock passes to the clean-up with a
 * higher token, so that no step of the deploy changes anything from here on. Where another clean-up has claimed it a moment before, it looks
 * once more: an abort of the deploy stops the clean-up that the deploy waits for, and a function of that one can still make the claim.
 * @param own ARN of the clean-up's execution
 */
export async function claimDeploy(ports: ClaimPorts, input: CleanUpInput, own: string): Promise<CleanUpTask> {
  const claimed = (await tryClaim(ports, input, own)) ?? (await tryClaim(ports, input, own));
  return claimed ?? { verdict: 'SKIP', reason: 'another clean-up has just begun' };
}

/** @returns undefined when another clean-up has claimed the deploy since this one read its record */
async function tryClaim(ports: ClaimPorts, { deployId, error }: CleanUpInput, own: string): Promise<CleanUpTask | undefined> {
  const { records, log, now, fleet } = ports;
  const deployArn = executionArnOf(ports.deployStateMachineArn, deployId);
  // The deploy's execution runs while it waits for this clean-up.
  const execution = await describeEnded({ ...ports, ...(error && { pause: undefined }) }, deployArn);
  const [record, held] = await Promise.all([records.getDeploy(fleet, deployId), records.getLock(fleet)]);
  if (!record) return forget(ports, { deployId, error }, own, execution?.status === 'RUNNING' && !error);
  const seen = record.cleanUp;
  const known = { record, lock: held, execution, otherCleanUp: undefined, error };
  const other = reasonToSkip(known) === undefined && seen && seen.executionArn !== own ? seen.executionArn : undefined;
  const reason = reasonToSkip({ ...known, otherCleanUp: other === undefined ? undefined : await describeEnded(ports, other) });
  if (reason !== undefined) return { verdict: 'SKIP', reason };
  const mark = { executionArn: own, startedAtMs: now(), attempt: (seen?.attempt ?? 0) + (seen?.executionArn === own ? 0 : 1) };
  const isClaimed = await records.claimCleanUp(fleet, deployId, mark, seen);
  if (!isClaimed && !isSame((await records.getDeploy(fleet, deployId))?.cleanUp, mark)) return undefined;

  const deploy = contextOf(record, ports.settings);
  const nowMs = now();
  const { requestedBy, to: version } = record;
  const expiresAtMs = nowMs + deploy.settings.leaseSeconds * 1000;
  const lock = await records.takeOverLock({
    fleet,
    deployId,
    executionArn: own,
    requestedBy,
    version,
    nowMs,
    expiresAtMs,
  });
  const end = endOf({ execution, error });
  log.info(LOG_EVENTS.cleanUpStarted, { deployId, endedAs: end.endedAs, error: end.error.Error, overtaken: !lock.acquired });
  const common = {
    deploy,
    ...end,
    strayCallSeconds: error && !mayRunOn(end.error) && !hasStopped(record) ? 0 : deploy.settings.strayCallSeconds,
  };
  // The deploy that holds the lock has taken over the suspension, and repairs what it finds.
  if (!lock.acquired) return { verdict: 'OVERTAKEN', ...common };
  const lease = { fencingToken: lock.fencingToken, expiresAtMs };
  // A later deploy has succeeded meanwhile: what it brought must not go back. Read under the lock, so that none promotes afterwards.
  if (isSuperseded(record, await records.getFleet(fleet))) return { verdict: 'OVERTAKEN', ...common, lease };
  await records.updateDeploy(fleet, deployId, { stage: 'cleaning up' });
  return {
    verdict: 'DONE',
    ...common,
    lease,
  };
}

/**
 * An execution that has ended, if the reason for which this clean-up was started is true: the deploy's own, and the clean-up that was stopped
 * with it. Step Functions can show both as running for some seconds yet: an abort would then be repaired by the reconciler's next turn,
 * minutes later.
 */
async function describeEnded({ executions, pause }: Pick<ClaimPorts, 'executions' | 'pause'>, executionArn: string) {
  let execution = await executions.describe(executionArn);
  for (let look = 1; look < LOOKS && pause && execution?.status === 'RUNNING'; look += 1) {
    await pause(CONSISTENT_MS);
    execution = await executions.describe(executionArn);
  }
  return execution;
}

/** A roll of the deploy has ended without a word of its last step, which can still be at work. */
const hasStopped = ({ targets }: DeployRecord): boolean =>
  Object.values(targets).some(({ died }) => died !== undefined) || targetsAtWork(targets).length > 0;

/** A claim whose answer was lost is repeated by the call itself, and then refused because of what it has written. */
const isSame = (found: CleanUpClaim | undefined, mark: CleanUpClaim): boolean =>
  found?.executionArn === mark.executionArn && found.startedAtMs === mark.startedAtMs;

/**
 * A deploy without a record: it was refused, or ended right after it took the lock, before it changed anything. The step that takes
 * the lock can still be at work when its execution has been stopped, and writes the record next.
 */
async function forget(ports: ClaimPorts, input: CleanUpInput, own: string, runs: boolean): Promise<CleanUpTask> {
  const { records, fleet, now } = ports;
  const { deployId } = input;
  if (runs) return { verdict: 'SKIP', reason: 'the deploy has just begun' };
  const lock = await records.getLock(fleet);
  if (lock?.deployId === deployId) {
    if (await records.getDeploy(fleet, deployId)) return claimDeploy(ports, input, own);
    if (now() - (lock.acquiredAtMs ?? 0) < LONGEST_INVOCATION_MS) return { verdict: 'SKIP', reason: 'the deploy has just taken the lock' };
    await records.releaseLock({ fleet, deployId, fencingToken: lock.fencingToken });
  }
  const isForgotten = await records.forgetDeploy(fleet, deployId);
  return { verdict: 'SKIP', reason: isForgotten ? 'the deploy never began' : 'the deploy has just taken the lock' };
}

/** The deploy as its steps knew it. */
function contextOf(record: DeployRecord, settings: unknown): DeployContext {
  const {
    deployId,
    executionArn,
    fleet,
    to: version,
    startedAtMs,
    requestedBy,
    recover = false,
    keepsSessions,
    restart,
    restartAll,
    documents,
  } = record;
  const resolved = fillSettings(record.settings ?? settings, fleet);
  const context = { deployId, executionArn, fleet, version, startedAtMs, requestedBy, recover, settings: resolved };
  return {
    ...context,
    ...(keepsSessions && { keepsSessions }),
    ...(restart !== undefined && { restart }),
    ...(restartAll && { restartAll }),
    ...(documents && { documents }),
  };
}

/** What a clean-up knows when it begins. */
export interface ClaimFacts {
  readonly record: Pick<DeployRecord, 'deployId' | 'status' | 'cleanUp'>;
  readonly lock: Pick<LockRecord, 'suspension'> | undefined;
  /** The deploy's own execution; undefined when Step Functions no longer has it. */
  readonly execution: Execution | undefined;
  /** The clean-up that the record names, when it is not this one. */
  readonly otherCleanUp: Execution | undefined;
  /** The error that the deploy failed with, when it waits for this clean-up. */
  readonly error: TaskError | undefined;
}

/** Why there is nothing to clean up; undefined when there is. */
export function reasonToSkip({ record, lock, execution, otherCleanUp, error }: ClaimFacts): string | undefined {
  if (isTidy(record, lock)) return 'the deploy is finished and left nothing suspended';
  if (!error && execution?.status === 'RUNNING') return 'the deploy is still running';
  if (otherCleanUp?.status === 'RUNNING') return 'another clean-up is working on it';
  return undefined;
}

/** A deploy whose record is finished, and that left nothing suspended. */
export function isTidy({ deployId, status }: ClaimFacts['record'], lock: ClaimFacts['lock']): boolean {
  return status !== 'RUNNING' && lock?.suspension?.deployId !== deployId;
}

/** Whether a later deploy has promoted its release. */
const isSuperseded = (
  { deployId, fencingToken }: Pick<DeployRecord, 'deployId' | 'fencingToken'>,
  fleet: Pick<FleetRecord, 'deployId' | 'fencingToken'> | undefined,
): boolean => fleet !== undefined && fleet.deployId !== deployId && fencingToken !== undefined && fleet.fencingToken > fencingToken;

const ENDINGS: Readonly<Record<string, { endedAs: EndedAs; error: TaskError }>> = {
  ABORTED: { endedAs: 'ABORTED', error: { Error: 'Aborted', Cause: 'the deploy was stopped by hand' } },
  TIMED_OUT: { endedAs: 'TIMED_OUT', error: { Error: 'States.Timeout', Cause: 'the deploy ran out of time' } },
};

/** Errors by which Step Functions gave up on a function or a child without the word of its end, or by which a function died. */
const GIVEN_UP = /^(Lambda|States|StepFunctions|Runtime|Sandbox)[.]|^Aborted$/;

/**
 * Whether what the deploy called last can still be at work: a function whose connection broke, a child whose start had no answer, a
 * command that a function sent right before it died, and that Systems Manager lists seconds later. A function that reported the error
 * itself has ended, and its commands are on record.
 * @param error as explainError gives it
 */
const mayRunOn = ({ Error: name }: TaskError): boolean => GIVEN_UP.test(name);

/** How the deploy ended and why, by the error that it passes on or by its execution. */
export function endOf({ execution, error }: Pick<ClaimFacts, 'execution' | 'error'>): { endedAs: EndedAs; error: TaskError } {
  if (error) return { endedAs: 'FAILED', error: explainError(error) };
  const ending = ENDINGS[execution?.status ?? ''];
  // An operator can give the cause when stopping an execution.
  if (ending) return { ...ending, error: { ...ending.error, Cause: execution?.cause || ending.error.Cause } };
  const unknown = 'the deploy ended without an error or a cause';
  return { endedAs: 'FAILED', error: explainError({ Error: execution?.error ?? 'Unknown', Cause: execution?.cause ?? unknown }) };
}
