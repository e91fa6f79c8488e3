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

/** What an engine quotes of a command that it does not know: its first arguments, up to 128 characters. */
const QUOTED = /,? with args beginning with:.*/gs;

/** An engine's message without the arguments that it quotes: keys, users' names in them, and passwords. Pure. */
export const withoutQuoted = (message: string): string => message.replaceAll(QUOTED, '');

/**
 * An error of the store's client without the arguments of its command: AUTH has a password, the others have session ids and values. The
 * Lambda runtime logs every property of an error that a function throws.
 * @returns the same error; of its command, only the name is left
 */
export function withoutArguments(error: Error): Error {
  const { message, stack } = error;
  const { command } = error as { readonly command?: { readonly name?: unknown } };
  if (command !== undefined) Object.assign(error, { command: { name: command.name } });
  const kept = withoutQuoted(message);
  if (kept !== message) {
    error.message = kept;
    // A stack begins with the message that the error was made with.
    if (stack !== undefined) error.stack = stack.replaceAll(message, () => kept);
  }
  return error;
}

/** Error codes of a caller that asks more often than it may. @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
export const THROTTLING_CODES: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** Whether a service refused a call only because there were too many. */
export const isThrottling = (error: unknown): boolean => error instanceof Error && THROTTLING_CODES.has(error.name);
