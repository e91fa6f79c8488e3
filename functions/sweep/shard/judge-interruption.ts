import type { Checkpoint } from '../contract/checkpoint.ts';
import { StoreUnreachable } from '../errors.ts';

/** With waits of 5 s and connection attempts of 3 s and more, these take three minutes, longer than a failover. */
const MAX_FAILED_INVOCATIONS = 20;
/** A store that has not answered yet is given fewer: its address is more likely to be wrong. */
const MAX_FAILED_INVOCATIONS_BEFORE_FIRST_ANSWER = 6;

/** The error that ends the sweep after an interruption; undefined: the next invocation tries again. Pure. */
export function judgeInterruption(checkpoint: Checkpoint, storeName: string, cause: Error): StoreUnreachable | undefined {
  const { runId, tally, failedInvocations } = checkpoint;
  const hasAnswered = runId !== '';
  if (failedInvocations < (hasAnswered ? MAX_FAILED_INVOCATIONS : MAX_FAILED_INVOCATIONS_BEFORE_FIRST_ANSWER)) return undefined;
  const advice = hasAnswered
    ? `The sweep has read ${tally.keys} keys; its repairs are kept`
    : 'No key was changed. Check its host and port, the security groups, and whether it requires TLS';
  const message = `the session store at ${storeName} did not answer in ${failedInvocations} consecutive attempts: ${cause.message}. ${advice}`;
  return new StoreUnreachable(message, { cause });
}
