import type { DeployRecord } from '../shared/record-types.ts';
import type { Registration } from '../shared/target-group.ts';

/**
 * How an instance was registered before deploys took it out: what this deploy's own record says, for a step may be
 * delivered again when the target is out already; or the load balancer now; or else the last deploy that knew.
 * @param earlier deploys of the fleet, the newest first
 */
export function recallRegistrations(
  instanceId: string,
  own: DeployRecord | undefined,
  now: readonly Registration[],
  earlier: readonly DeployRecord[],
): readonly Registration[] {
  const recorded = own?.targets[instanceId]?.registrations;
  if (recorded && recorded.length > 0) return recorded;
  if (now.length > 0) return now;
  const last = earlier.find(({ targets }) => (targets[instanceId]?.registrations?.length ?? 0) > 0);
  return last?.targets[instanceId]?.registrations ?? [];
}
