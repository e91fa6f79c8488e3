import { sumOf } from '../../functions/shared/arithmetic.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import { createsGroup } from './fleet.ts';
import type { HoldfastConfig } from './installation.ts';

/** How many inbound rules the store's security group gets: one for each function, and for each fleet's servers, that connect to it. */
export function inboundRulesOfStore({ fleets, store, incidents }: HoldfastConfig): number {
  if (store.existing && store.existing.securityGroupId === undefined) return 0;
  const ofFleets = Object.values(fleets).map((fleet) => {
    const named = fleet.existing?.instanceSecurityGroupId !== undefined;
    const servers = named ? store.existing === undefined : createsGroup(fleet);
    return 1 + (servers ? 1 : 0);
  });
  // The sweeper and the collector, and what an incident reads from the store.
  return 2 + (incidents.enabled ? 1 : 0) + sumOf(ofFleets);
}

/** EC2 would refuse the rule of the last fleets, and their stacks would be rolled back. */
export function storeRuleLimit(config: HoldfastConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('fleets');
  const rules = inboundRulesOfStore(config);
  const most = config.store.rulesPerSecurityGroup;
  if (rules > most)
    refuse(
      `has ${Object.keys(config.fleets).length} fleets, which make ${rules} inbound rules of the session store's security group, and store.rulesPerSecurityGroup allows ${most}: divide the fleets among several installations, or have AWS raise the quota "Inbound or outbound rules per security group" (Service Quotas), and then set store.rulesPerSecurityGroup to it`,
    );
  return broken;
}
