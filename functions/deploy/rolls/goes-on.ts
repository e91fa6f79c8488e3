import type { Records } from '../../records/records.ts';
import type { TargetProgress } from '../../records/types.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Roll } from '../contract/roll.ts';
import { DeployStopping } from '../errors.ts';

/**
 * Whether a target that still has its release is to be rolled. Those that have another one already end as they would; a rollback never
 * stops for this.
 * @throws DeployStopping when another target has failed meanwhile
 */
export async function checkGoesOn(
  records: Pick<Records, 'getDeploy'>,
  { fleet, deployId }: Pick<DeployContext, 'fleet' | 'deployId'>,
  instanceId: string,
): Promise<void> {
  const record = await records.getDeploy(fleet, deployId);
  if (!record?.firstFailure || record.targets[instanceId]?.rollingBackTo !== undefined) return;
  throw new DeployStopping(instanceId, record.firstFailure.Error);
}

/** Whether the deploy begins nothing more after this failure of a target. */
export const stopsDeploy = (errorName: string, target: Pick<TargetProgress, 'rollingBackTo'> | undefined, { mayFail }: Roll): boolean =>
  errorName !== 'DeployStopping' && !mayFail && target?.rollingBackTo === undefined;
