/** How often an account may call an API in a Region: a bucket of tokens, of which each call takes one, and which fills again by itself. */
import { AwsError } from './service.ts';

export interface CallRate {
  /** Operations that take from the bucket: whole names, or beginnings that end in `*`. */
  readonly operations: readonly string[];
  /** Whether all of them take from one bucket; otherwise each has its own. @default true */
  readonly shared?: boolean;
  /** Tokens of a full bucket. */
  readonly burst: number;
  /** Tokens that come back in a second. */
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/**
 * Counts the calls of one service. A call that fits no rate is not limited; one that is refused takes no token.
 * @returns a function that throws ThrottlingException, with AWS's message, where the bucket of an operation is empty
 */
export function limitCalls(rates: readonly CallRate[], now: () => number): (operation: string) => void {
  const buckets = new Map<string, Bucket>();
  return (operation) => {
    const index = rates.findIndex(({ operations }) => operations.some((pattern) => fits(pattern, operation)));
    const rate = rates[index];
    if (rate === undefined) return;
    const key = rate.shared === false ? operation : String(index);
    const nowMs = now();
    const before = buckets.get(key) ?? { tokens: rate.burst, filledAtMs: nowMs };
    const filled = before.tokens + ((nowMs - before.filledAtMs) / 1_000) * rate.perSecond;
    const tokens = Math.min(rate.burst, filled);
    const isAllowed = tokens >= 1;
    buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, filledAtMs: nowMs });
    if (!isAllowed) throw new AwsError('ThrottlingException', 'Rate exceeded');
  };
}

const fits = (pattern: string, operation: string): boolean =>
  pattern.endsWith('*') ? operation.startsWith(pattern.slice(0, -1)) : operation === pattern;
