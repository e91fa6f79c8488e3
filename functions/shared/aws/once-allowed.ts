import type { Pause } from '../poll.ts';
import { isAwsError } from './classify-aws-error.ts';

/**
 * 1 + 2 + 4 + 8 + 16 = 31 s: CloudFormation calls a function right after it has created or changed its policy, and IAM takes some
 * seconds until the policy holds everywhere.
 * @see https://github.com/aws/aws-cdk/issues/37675
 */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Repeats `act` while IAM denies it. It has to be harmless to repeat. @throws the last denial; any other error at once */
export async function onceAllowed(act: () => Promise<void>, pause: Pause): Promise<void> {
  for (const ms of PAUSES_MS) {
    try {
      return await act();
    } catch (error) {
      if (!isAwsError(error, 'AccessDenied', 'AccessDeniedException')) throw error;
      await pause(ms);
    }
  }
  return act();
}
