/** What predicates read of calls. */
import type { DeployContext } from '../../../functions/deploy/contract/common.ts';
import type { Lease } from '../../../functions/records/types.ts';
import { instanceOf } from '../cloud/addresses.ts';

/** What a step's payload has, as far as predicates read it. */
export interface StepPayload {
  readonly deploy?: DeployContext;
  readonly lease?: Lease;
  readonly roll?: { readonly instanceId: string };
}

/** Instances that RegisterTargets or DeregisterTargets names. */
export const targetsOf = (input: unknown): string[] =>
  ((input as { readonly Targets?: readonly { readonly Id?: string }[] }).Targets ?? []).map(({ Id = '' }) => instanceOf(Id));

/** The group that RegisterTargets or DeregisterTargets changes. */
export const groupOf = (input: unknown): string | undefined => (input as { readonly TargetGroupArn?: string }).TargetGroupArn;

/** Sort key of the record that an update changes. */
export const recordOf = (input: unknown): string | undefined =>
  (input as { readonly Key?: { readonly sk?: { readonly S?: string } } }).Key?.sk?.S;
