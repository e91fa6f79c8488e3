/** What `holdfast deploys end-drain` sends to a fleet's function, and what the function answers. */

import * as z from '../../shared/schema.ts';
import type { InvalidRequest } from '../../shared/stated-request.ts';
import { deployStatement } from '../contract/statement.ts';

export const END_DRAIN_ROLE = 'end-drain';

/**
 * What the caller states. It names the server, and whether its sessions or its requests end: by the time it arrives, the deploy can wait for
 * those of another one, which nobody has given up.
 */
export const endDrainStatement = z.strictObject({
  ...deployStatement.shape,
  instanceId: z.matching(/^m?i-[0-9a-f]{1,17}$/),
  /** @default sessions */
  ends: z.optional(z.enum(['sessions', 'requests'])),
});
export type EndDrainStatement = z.infer<typeof endDrainStatement>;

/** `ended`: the deploy goes on at its next look, within half a minute. `refused`: `error` is its name, `message` complete sentences. */
export type EndDrainReply =
  | {
      readonly outcome: 'ended';
      readonly instanceId: string;
      /** At the last look, of what ends. */
      readonly sessionsLeft?: number;
      readonly requestsLeft?: number;
      readonly requestedBy: string;
    }
  | InvalidRequest
  | { readonly outcome: 'refused'; readonly error: 'NoSuchDeploy' | 'NoSessionDrain'; readonly message: string };

/** The phases in which a deploy waits for a server's sessions or requests; the first one begins the wait. */
export const WAITS = { sessions: ['pinning', 'sessionDrain'], requests: ['draining'] } as const;
