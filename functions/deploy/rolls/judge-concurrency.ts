import { RUNBOOK_FUNCTIONS_AT_ONCE } from '../../shared/runbook.ts';

/** How many of Holdfast's functions run at the same moment next to a deploy's: the collector, the reconciler, a command's, an incident's. */
const OTHERS = 3 + RUNBOOK_FUNCTIONS_AT_ONCE;

/**
 * Each roll calls one function at a time and stays in it while it waits, and the deploy itself is in one that watches them.
 * @param atOnce how many servers are rolled at the same time
 */
export const functionsAtOnce = (atOnce: number): number => atOnce + 1 + OTHERS;

/**
 * The sentence where functions would be throttled; undefined where there is room. A new account has 10 in a Region, and 1,000 later.
 * @param unreserved what the account's functions without a reservation of their own share in the Region
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export function whyThrottled(atOnce: number, unreserved: number): string | undefined {
  const needed = functionsAtOnce(atOnce);
  if (needed <= unreserved) return undefined;
  const servers = atOnce === 1 ? 'a deploy' : `a deploy of ${atOnce} servers at once`;
  return `${servers} and what runs next to it need up to ${needed} functions at the same time, and those of this account share ${unreserved} in this Region`;
}

/** What to do about it. */
export const MORE_CONCURRENCY = 'request more "Concurrent executions" of AWS Lambda in Service Quotas, or lower deploy.maxParallel';
