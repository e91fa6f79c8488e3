import { withoutQuoted } from './without-arguments.ts';

/**
 * The base of every error that Holdfast throws. Step Functions' Retry and Catch match on `name`, which the Lambda runtime
 * reports as errorType. Each subclass sets its own, as text, because bundlers can rename classes.
 */
export class HoldfastError extends Error {
  override readonly name: string = 'HoldfastError';
}

/** A temporary fault of an AWS API or the store: throttling, a time-out, 5xx. Retry repeats the step. */
export class TransientServiceError extends HoldfastError {
  static readonly errorName = 'TransientServiceError';
  override readonly name: string = TransientServiceError.errorName;
  constructor(cause: unknown) {
    super(`a service is temporarily unavailable: ${describeError(cause)}`, { cause });
  }
}

/** A required environment variable is not set: a fault of the stack, not of the request. */
export class MissingEnvironment extends HoldfastError {
  static readonly errorName = 'MissingEnvironment';
  override readonly name: string = MissingEnvironment.errorName;
  constructor(variable: string) {
    super(`the function's environment variable ${variable} is not set: deploy the stack again`);
  }
}

/** `ThrottlingException: Rate exceeded`: an error's name and the first line of its message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const firstLine = withoutQuoted(error.message.split('\n', 1)[0] ?? '');
  return firstLine === '' ? error.name : `${error.name}: ${firstLine}`;
}
