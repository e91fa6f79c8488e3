import type { DeployRecord, TargetProgress } from '../../records/types.ts';
import type { Roll } from '../contract/roll.ts';
import { DeployStopping } from '../errors.ts';

/**
 * Whether a target that still has its release is to be rolled. Those that have another one already end as they would; a rollback never
 * stops for this.
 * @throws DeployStopping when another target has failed meanwhile
 */
export function checkGoesOn(record: Pick<DeployRecord, 'firstFailure' | 'targets'> | undefined, instanceId: string): void {
  if (!record?.firstFailure || record.targets[instanceId]?.rollingBackTo !== undefined) return;
  throw new DeployStopping(instanceId, record.firstFailure.Error);
}

/** Whether the deploy begins nothing more after this failure of a target. */
export const stopsDeploy = (errorName: string, target: Pick<TargetProgress, 'rollingBackTo'> | undefined, { mayFail }: Roll): boolean =>
  errorName !== 'DeployStopping' && !mayFail && target?.rollingBackTo === undefined;
