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
