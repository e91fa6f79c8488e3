/** What `holdfast deploys end-drain` sends to a fleet's function, and what the function answers. */
import type * as z from '../../shared/schema.ts';
import { deployStatement, type RequestRefusal } from '../verify-request.ts';

/** Role of the function, in its name. */
export const END_DRAIN_ROLE = 'end-drain';

/** What the caller states, as the JSON text that the proof signs. */
export const endDrainStatement = deployStatement;
export type EndDrainStatement = z.infer<typeof endDrainStatement>;

/** `ended`: the deploy goes on at its next look, within half a minute. `refused`: `error` is its name, `message` complete sentences. */
export type EndDrainReply =
  | { readonly outcome: 'ended'; readonly instanceId: string; readonly sessionsLeft?: number; readonly requestedBy: string }
  | RequestRefusal
  | { readonly outcome: 'refused'; readonly error: 'NoSuchDeploy' | 'NoSessionDrain'; readonly message: string };
