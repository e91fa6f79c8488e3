import { HoldfastError, THROTTLING_CODES } from '../errors.ts';

/** `transient`: repeating the call can help. `permanent`: it fails again. */
export type AwsErrorClass = 'transient' | 'permanent';

/** Error codes of temporary faults. @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  ...THROTTLING_CODES,
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'RequestTimeout',
  'RequestTimeoutException',
  // The SDK's names: Auto Scaling itself calls them ResourceContention and ScalingActivityInProgress.
  'ResourceContentionFault',
  'ScalingActivityInProgressFault',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
  'TooManyUpdates',
  'TransactionInProgressException',
]);

/** Connection faults, by Node's codes. */
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

/** Whether repeating the call that failed with `error` can help. Holdfast's own errors are permanent. */
export function classifyAwsError(error: unknown): AwsErrorClass {
  if (error instanceof HoldfastError || typeof error !== 'object' || error === null) return 'permanent';
  const fault: ServiceFault = error;
  if (typeof fault.name === 'string' && TRANSIENT_CODES.has(fault.name)) return 'transient';
  if (typeof fault.code === 'string' && TRANSIENT_CONNECTION_CODES.has(fault.code)) return 'transient';
  const status = fault.$metadata?.httpStatusCode;
  return typeof status === 'number' && (status >= 500 || status === 429) ? 'transient' : 'permanent';
}

/** True when an AWS service returned one of these error codes. */
export function isAwsError(error: unknown, ...codes: string[]): error is Error {
  return error instanceof Error && codes.includes(error.name);
}
