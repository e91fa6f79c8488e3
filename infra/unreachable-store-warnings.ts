/** Warnings at synthesis about servers that a created store does not let in. Pure. */
import type { FleetConfig } from './config/fleet.ts';
import type { Warning } from './strategy-warnings.ts';

/**
 * Existing servers reach a created store by a rule of its security group, whose source is theirs. On-premises servers have none. It is no
 * error: the rule can be the user's own.
 * @param name the fleet's name in the configuration
 */
export function unreachableStoreWarnings(name: string, { strategy, members, existing }: FleetConfig, createsStore: boolean): Warning[] {
  const hasServers = existing?.autoScalingGroupName !== undefined || existing?.instanceIds !== undefined;
  if (!createsStore || strategy !== 'redis' || members === 'ip' || !hasServers || existing?.instanceSecurityGroupId !== undefined)
    return [];
  return [
    {
      id: 'holdfast:store-unreachable-by-servers',
      message: `fleets.${name}.existing.instanceSecurityGroupId is absent: the created store's security group lets in existing servers by theirs. Set it, or add the rule yourself, or the first release fails at its health gate.`,
    },
  ];
}
