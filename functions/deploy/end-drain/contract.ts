/** What `holdfast deploys end-drain` sends to a fleet's function, and what the function answers. */
import { callerProof } from '../../shared/caller/caller-proof.ts';
import * as z from '../../shared/schema.ts';
import { FLEET_PATTERN } from '../settings/settings.ts';

/** Role of the function, in its name. */
export const END_DRAIN_ROLE = 'end-drain';

/** What the caller states, as the JSON text that the proof signs. */
export const endDrainStatement = z.strictObject({
  /** Whom it is for: no other installation accepts it. */
  installation: z.text(0, 64),
  fleet: z.matching(new RegExp(FLEET_PATTERN)),
  deployId: z.matching(/^[A-Za-z0-9_-]{1,80}$/),
});
export type EndDrainStatement = z.infer<typeof endDrainStatement>;

export const endDrainRequest = z.strictObject({ statement: z.text(0, 2_048), proof: callerProof });

const END_DRAIN_REFUSALS = ['InvalidRequest', 'UnknownCaller', 'NoSuchDeploy', 'NoSessionDrain'] as const;

/** `ended`: the deploy goes on at its next look, within half a minute. `refused`: `error` is its name, `message` complete sentences. */
export type EndDrainReply =
  | { readonly outcome: 'ended'; readonly instanceId: string; readonly sessionsLeft?: number; readonly requestedBy: string }
  | { readonly outcome: 'refused'; readonly error: (typeof END_DRAIN_REFUSALS)[number]; readonly message: string };
