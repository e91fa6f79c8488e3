/** Errors of executions, by the names that the Amazon States Language and Step Functions have for them. */

/** An error that a state meets. Retry and Catch go by its name. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly error: string;
  /** Undefined: Step Functions gives none. */
  readonly why: string | undefined;

  constructor(error: string, why?: string) {
    super(why === undefined ? error : `${error}: ${why}`);
    this.error = error;
    this.why = why;
  }
}

/**
 * States.ALL matches neither. A missing path is no mistake that could be repeated or repaired.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
const NOT_IN_ALL: ReadonlySet<string> = new Set(['States.Runtime', 'States.DataLimitExceeded']);

export const runtimeError = (why: string): StateError => new StateError('States.Runtime', why);

/** Whether a Retry's or Catch's ErrorEquals names this error. */
export function matches(errorEquals: readonly string[], error: string): boolean {
  return errorEquals.some(
    (name) =>
      name === error ||
      (name === 'States.ALL' && !NOT_IN_ALL.has(error)) ||
      (name === 'States.TaskFailed' && error !== 'States.Timeout' && !NOT_IN_ALL.has(error)),
  );
}
