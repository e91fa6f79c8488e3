import type { Lease } from '../../records/types.ts';
import type { DeployContext } from '../contract/common.ts';
import type { TargetInFlight } from './in-flight.ts';

/** The name of the execution that rolls a target back for the clean-up with this token. */
export const rollbackName = (instanceId: string, { startedAtMs }: DeployContext, { fencingToken }: Pick<Lease, 'fencingToken'>): string =>
  `${instanceId}-back-${startedAtMs}-${fencingToken}`;

/** Whether a roll is this clean-up's, and not what the deploy or an earlier clean-up had begun. */
export const isOwnRollback =
  (deploy: DeployContext, lease: Pick<Lease, 'fencingToken'>) =>
  ({ instanceId, executionName }: TargetInFlight): boolean =>
    executionName === rollbackName(instanceId, deploy, lease);
