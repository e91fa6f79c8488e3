import type { DeployRecord, EndedAs, FleetRecord, LockRecord, TaskError } from '../../records/types.ts';
import type { Execution } from '../../shared/aws/executions.ts';
import { explainError } from '../explain-error.ts';

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
export const isSuperseded = (
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
export const mayRunOn = ({ Error: name }: TaskError): boolean => GIVEN_UP.test(name);

/** How the deploy ended and why, by the error that it passes on or by its execution. */
export function endOf({ execution, error }: Pick<ClaimFacts, 'execution' | 'error'>): { endedAs: EndedAs; error: TaskError } {
  if (error) return { endedAs: 'FAILED', error: explainError(error) };
  const ending = ENDINGS[execution?.status ?? ''];
  // An operator can give the cause when stopping an execution.
  if (ending) return { ...ending, error: { ...ending.error, Cause: execution?.cause || ending.error.Cause } };
  const unknown = 'the deploy ended without an error or a cause';
  return { endedAs: 'FAILED', error: explainError({ Error: execution?.error ?? 'Unknown', Cause: execution?.cause ?? unknown }) };
}
