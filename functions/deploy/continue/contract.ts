/** What `holdfast deploys continue` sends to a fleet's function, and what the function answers. */

import type { RequestRefusal } from '../../shared/caller/verify-request.ts';
import * as z from '../../shared/schema.ts';
import { deployStatement } from '../contract/statement.ts';

export const CONTINUE_ROLE = 'deploy-continue';

/** What the caller states, as the JSON text that the proof signs: a statement of another command does not continue a deploy. */
export const continueStatement = z.strictObject({ ...deployStatement.shape, command: z.literal('continue') });
export type ContinueStatement = z.infer<typeof continueStatement>;

/**
 * `continued`: the deploy goes on at its next look, within a minute. `refused`: `error` is its name, `message` complete sentences.
 * A repetition is refused with NotWaiting, whose message names who continued it.
 */
export type ContinueReply =
  | {
      readonly outcome: 'continued';
      /** Servers that have the release, and those that the deploy rolls. */
      readonly done: number;
      readonly servers: number;
      readonly requestedBy: string;
    }
  | RequestRefusal
  | { readonly outcome: 'refused'; readonly error: 'NoSuchDeploy' | 'NotWaiting'; readonly message: string };
