import { HoldfastError } from './errors.ts';

/** What a failed call means to its caller: `transient` may be repeated, `permanent` will fail again. */
export type AwsErrorClass = 'transient' | 'permanent';

/** Error codes of AWS services that pass by themselves. @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeoutException',
  'ResourceContention',
  'ScalingActivityInProgress',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
  'TooManyUpdates',
  'TransactionInProgressException',
]);

/** Faults of the connection, by Node's own codes. */
const TRANSIENT_CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

interface ServiceFault {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
}

/** Tells whether repeating the call that failed with `error` can help. Holdfast's own errors are verdicts: permanent. */
export function classifyAwsError(error: unknown): AwsErrorClass {
  if (error instanceof HoldfastError || typeof error !== 'object' || error === null) return 'permanent';
  const fault: ServiceFault = error;
  if (typeof fault.name === 'string' && TRANSIENT_CODES.has(fault.name)) return 'transient';
  if (typeof fault.code === 'string' && TRANSIENT_CONNECTION_CODES.has(fault.code)) return 'transient';
  const status = fault.$metadata?.httpStatusCode;
  return typeof status === 'number' && (status >= 500 || status === 429) ? 'transient' : 'permanent';
}

/** True when an AWS service answered with this error code. */
export function isAwsError(error: unknown, ...codes: string[]): error is Error {
  return error instanceof Error && codes.includes(error.name);
}
