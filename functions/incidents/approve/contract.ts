/** What `holdfast incidents approve|deny|release` sends to the installation's approve function, and what the function answers. */
import * as z from '../../shared/schema.ts';

/** Role of the function, in its name. */
export const APPROVE_ROLE = 'approve';

/** What the caller states, as the JSON text that the proof signs. */
export const approveStatement = z.strictObject({
  /** Whom it is for: no other installation accepts it. */
  installation: z.text(0, 64),
  incidentId: z.matching(/^inc-[0-9a-f]{12}$/),
  /** `NAME`, or `NAME@FLEET`. */
  mitigation: z.matching(/^[a-z-]{1,40}(@[a-z0-9-]{1,40})?$/),
  /** The run that asked, as the caller has seen it: a signed decision is of no use for what a later run asks. */
  run: z.whole(1),
  /** `release` ends a mitigation that keeps servers and is in effect. */
  decision: z.enum(['approve', 'deny', 'release']),
});
export type ApproveStatement = z.infer<typeof approveStatement>;

const APPROVE_REFUSALS = [
  'InvalidRequest',
  'UnknownCaller',
  'NoSuchApproval',
  'AnotherRun',
  'AlreadyDecided',
  'ApprovalTimedOut',
  'NothingToRelease',
  'AlreadyEnded',
] as const;

/** `refused`: `error` is its name, `message` complete sentences. */
export type ApproveReply =
  | { readonly outcome: 'approved' | 'denied' | 'released'; readonly decidedBy: string }
  | { readonly outcome: 'refused'; readonly error: (typeof APPROVE_REFUSALS)[number]; readonly message: string };
