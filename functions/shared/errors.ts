/**
 * The base of every error that Holdfast raises. Step Functions' Retry and Catch match on `name`, which the Lambda
 * runtime reports as errorType; so each subclass sets its own, as text, for bundlers may rename classes.
 */
export class HoldfastError extends Error {
  override readonly name: string = 'HoldfastError';
}

/** An AWS API or the store answered in a way that passes: throttling, time-outs, 5xx. Retry may repeat the step. */
export class TransientServiceError extends HoldfastError {
  static readonly errorName = 'TransientServiceError';
  override readonly name: string = TransientServiceError.errorName;
  constructor(cause: unknown) {
    super(`a service did not answer for now: ${describeError(cause)}`, { cause });
  }
}

/** A function's environment lacks a value that its work needs: a fault of the stack, not of the request. */
export class MissingEnvironment extends HoldfastError {
  static readonly errorName = 'MissingEnvironment';
  override readonly name: string = MissingEnvironment.errorName;
  constructor(variable: string) {
    super(`the function's environment has no ${variable}`);
  }
}

/** `ThrottlingException: Rate exceeded`: an error's name and first line, for messages and logs. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const firstLine = error.message.split('\n', 1)[0] ?? '';
  return firstLine === '' ? error.name : `${error.name}: ${firstLine}`;
}
