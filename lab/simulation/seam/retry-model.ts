/**
 * The SDK's standard retry mode as decisions: which errors it repeats, how long it waits, and when its client's quota is used up.
 * Held to a real client by retry-model.test.ts.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
import { isThrottlingError, isTransientError } from '@smithy/core/retry';

/** A client's tokens for retries; it keeps them as long as it lives. */
export interface RetryQuota {
  tokens: number;
}

const FULL_QUOTA = 500;
const COST = 14;
const THROTTLING_COST = 5;
/** A call that succeeds at its first attempt gives back this much, one that succeeds later what its last retry cost. */
const REFUND = 1;

const TRANSIENT_BASE_MS = 50;
const THROTTLING_BASE_MS = 1_000;
const LONGEST_BACKOFF_MS = 20_000;

export const newQuota = (): RetryQuota => ({ tokens: FULL_QUOTA });

export interface Retry {
  readonly costs: number;
  /** The wait is a random part of this. */
  readonly upToMs: number;
}

type SdkError = Parameters<typeof isThrottlingError>[0];

/**
 * What follows an attempt that failed. Undefined: the error is the caller's.
 * @param attempt 1 is the first
 */
export function nextRetry(error: Error, attempt: number, maxAttempts: number, { tokens }: RetryQuota): Retry | undefined {
  const isThrottling = isThrottlingError(error as SdkError);
  if (!isThrottling && !isTransientError(error as SdkError)) return undefined;
  const costs = isThrottling ? THROTTLING_COST : COST;
  if (attempt >= maxAttempts || tokens < costs) return undefined;
  const baseMs = isThrottling ? THROTTLING_BASE_MS : TRANSIENT_BASE_MS;
  return { costs, upToMs: Math.min(baseMs * 2 ** (attempt - 1), LONGEST_BACKOFF_MS) };
}

/** @param costs of the retry that led to the success; undefined at the first attempt */
export function refund(quota: RetryQuota, costs: number | undefined): void {
  quota.tokens = Math.min(FULL_QUOTA, quota.tokens + (costs ?? REFUND));
}
