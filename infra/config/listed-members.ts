import type { ExistingMember } from '../../functions/shared/aws/target-group.ts';
import type { FleetConfig } from './fleet.ts';

/** Members that the configuration lists; none of an Auto Scaling group. */
export const listedMembers = ({ members, existing = {} }: FleetConfig): readonly ExistingMember[] =>
  members === 'instances'
    ? (existing.instanceIds ?? []).map((instanceId) => ({ instanceId }))
    : (existing.nodes ?? []).map(({ nodeId, ip, port, availabilityZone }) => ({
        instanceId: nodeId,
        target: { id: ip, port, ...(availabilityZone && { availabilityZone }) },
      }));
