/** How the end of an invocation reads in Step Functions. */

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export class InvocationFailed extends Error {
  override readonly name = 'InvocationFailed';
  /** What Retry and Catch match. */
  readonly errorType: string;
  /** JSON with errorType and errorMessage; plain text where Lambda did not start the function. */
  override readonly cause: string;
  constructor(errorType: string, cause: string) {
    super(`${errorType}: ${cause}`);
    this.errorType = errorType;
    this.cause = cause;
  }
}

/** An error that the function threw. The trace is another with every bundle: a fixed one, so that runs can be compared. */
export function thrownBy(error: unknown): InvocationFailed {
  const [errorType, errorMessage] = error instanceof Error ? [error.name, error.message] : [typeof error, String(error)];
  const trace = [`${errorType}: ${errorMessage}`, '    at Runtime.handler (file:///var/task/index.mjs:1:1)'];
  return new InvocationFailed(errorType, JSON.stringify({ errorType, errorMessage, trace }));
}

/** Its environment ended. @param id of the invocation, @param why as Lambda words it */
export function endedByLambda(error: string, id: number, why: string): InvocationFailed {
  return new InvocationFailed(error, JSON.stringify({ errorType: error, errorMessage: `RequestId: ${id} Error: ${why}` }));
}

/** Lambda did not start it. */
export function notStarted(error: string): InvocationFailed {
  const [service = '', name = ''] = error.split('.');
  return new InvocationFailed(error, `${name} (Service: ${service}, Status Code: ${name === 'TooManyRequestsException' ? 429 : 500})`);
}
