import type { Execution } from '../shared/executions.ts';
import type { DeployRecord } from '../shared/record-types.ts';
import type { EndedAs, TaskError } from './contract.ts';
import { explainError } from './explain-error.ts';

/** What is known when a clean-up begins. */
export interface ClaimFacts {
  readonly record: Pick<DeployRecord, 'status' | 'suspension' | 'cleanUp'>;
  /** The deploy's own execution; undefined when Step Functions has forgotten it. */
  readonly execution: Execution | undefined;
  /** The clean-up that the record names, when it is another one than this. */
  readonly otherCleanUp: Execution | undefined;
  /** The deploy waits for this clean-up, and this stopped it. */
  readonly error: TaskError | undefined;
}

/** Why there is nothing to clean up; undefined when there is. */
export function whyNothing({ record, execution, otherCleanUp, error }: ClaimFacts): string | undefined {
  if (isTidy(record)) return 'the deploy has written its end and left nothing suspended';
  if (!error && execution?.status === 'RUNNING') return 'the deploy still runs';
  if (otherCleanUp?.status === 'RUNNING') return 'another clean-up works on it';
  return undefined;
}

/** A deploy that has written its end and left nothing suspended. */
export function isTidy({ status, suspension }: ClaimFacts['record']): boolean {
  return status !== 'RUNNING' && (suspension === undefined || suspension.endedAtMs !== undefined);
}

const ENDINGS: Readonly<Record<string, { endedAs: EndedAs; error: TaskError }>> = {
  ABORTED: { endedAs: 'ABORTED', error: { Error: 'Aborted', Cause: 'the deploy was stopped by hand' } },
  TIMED_OUT: { endedAs: 'TIMED_OUT', error: { Error: 'States.Timeout', Cause: 'the deploy ran out of time' } },
};

/** How the deploy ended and why, by the error that it hands over or by its execution. */
export function endOf({ execution, error }: Pick<ClaimFacts, 'execution' | 'error'>): { endedAs: EndedAs; error: TaskError } {
  if (error) return { endedAs: 'FAILED', error: explainError(error) };
  const ending = ENDINGS[execution?.status ?? ''];
  // Whoever stopped it may have said why.
  if (ending) return { ...ending, error: { ...ending.error, Cause: execution?.cause || ending.error.Cause } };
  const unknown = 'the deploy ended without saying why';
  return { endedAs: 'FAILED', error: explainError({ Error: execution?.error ?? 'Unknown', Cause: execution?.cause ?? unknown }) };
}
