/** What `holdfast incidents do|end` sends to the installation's function of these, and what that answers. */
import * as z from '../../shared/schema.ts';
import { type InvalidRequest, statedName } from '../../shared/stated-request.ts';

export const DO_ROLE = 'do';

export const doStatement = z.strictObject({
  incidentId: z.matching(/^inc-[0-9a-f]{12}$/),
  mitigation: z.matching(/^[a-z-]{1,40}(@[a-z0-9-]{1,40})?$/),
  /** The run that named the mitigation, as the caller has seen it: a request is of no use for what a later run names. */
  run: z.whole(1),
  what: z.enum(['do', 'end']),
  requestedBy: statedName,
});
export type DoStatement = z.infer<typeof doStatement>;

const REFUSALS = ['NothingToDo', 'AnotherRun', 'RunbookAtWork', 'NothingToEnd', 'NotEnded'] as const;

/** `refused`: `error` is its name, `message` complete sentences. */
export type DoReply =
  | { readonly outcome: 'begun' | 'ended'; readonly requestedBy: string }
  | InvalidRequest
  | { readonly outcome: 'refused'; readonly error: (typeof REFUSALS)[number]; readonly message: string };
