/** An EC2 instance that calls with the session of its instance profile's role. */

import type { InstanceRoles } from '../instances/instance-role.ts';
import { type Instances, type LaunchedInstance, type LaunchRequest, newMachineDigits } from '../instances/instances.ts';
import type { MayReport } from '../ssm/may-report.ts';

export interface RoleLaunchRequest extends Omit<LaunchRequest, 'instanceId' | 'environment' | 'hasAgent'> {
  /** Name or ARN; undefined for none: the machine serves requests, but cannot receive commands. */
  readonly instanceProfile?: string | undefined;
}

/** @throws Error when the instance profile has no role */
export type LaunchWithRole = (request: RoleLaunchRequest) => Promise<LaunchedInstance>;

export interface LaunchWithRoleOptions {
  readonly instances: Pick<Instances, 'launch'>;
  readonly roles: Pick<InstanceRoles, 'session'>;
  readonly mayReport: MayReport;
}

export function launchWithRole({ instances, roles, mayReport }: LaunchWithRoleOptions): LaunchWithRole {
  return async ({ instanceProfile, ...request }) => {
    const instanceId = `i-${newMachineDigits()}`;
    const session = instanceProfile === undefined ? undefined : await roles.session(instanceProfile, instanceId);
    const hasAgent = await mayReport(instanceId, session);
    return instances.launch({ ...request, instanceId, instanceProfile, hasAgent, environment: { ...session?.environment } });
  };
}
