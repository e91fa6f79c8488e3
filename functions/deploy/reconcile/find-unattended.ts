import type { GroupMember } from '../../shared/aws/auto-scaling.ts';
import type { LifecycleKind } from '../../shared/lifecycle-start.ts';

/** An instance that waits in a lifecycle hook, and that no machine works on. */
export interface Unattended {
  readonly kind: LifecycleKind;
  readonly instanceId: string;
}

const WAITING: Readonly<Record<string, LifecycleKind>> = { 'Pending:Wait': 'launch', 'Terminating:Wait': 'terminate' };

/**
 * Members that wait in a hook without a machine.
 * @param attended instance ids of the executions that run, by the machine
 */
export function findUnattended(
  members: readonly GroupMember[],
  attended: Readonly<Record<LifecycleKind, ReadonlySet<string>>>,
): readonly Unattended[] {
  return members.flatMap(({ instanceId, lifecycleState }) => {
    const kind = WAITING[lifecycleState];
    return kind === undefined || attended[kind].has(instanceId) ? [] : [{ kind, instanceId }];
  });
}

/** Those that were unattended before and are now: the event of one that has just begun to wait may be on its way. */
export const stillUnattended = (before: readonly Unattended[], now: readonly Unattended[]): readonly Unattended[] =>
  now.filter(({ kind, instanceId }) => before.some((one) => one.kind === kind && one.instanceId === instanceId));
