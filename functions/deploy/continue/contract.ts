/** What a fleet's function answers to `holdfast deploys continue`, which sends a `deployStatement`. */

import type { InvalidRequest } from '../../shared/stated-request.ts';

export const CONTINUE_ROLE = 'deploy-continue';

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
  | InvalidRequest
  | { readonly outcome: 'refused'; readonly error: 'NoSuchDeploy' | 'NotWaiting'; readonly message: string };
