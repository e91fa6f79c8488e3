import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import { createsGroup } from './fleet.ts';
import type { HoldfastConfig } from './installation.ts';

/** Inbound rules of one security group. @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export const MOST_INBOUND_RULES = 60;

/** How many inbound rules the store's security group gets: one for each function, and for each fleet's servers, that connect to it. */
export function inboundRulesOfStore({ fleets, store, incidents }: HoldfastConfig): number {
  if (store.existing && store.existing.securityGroupId === undefined) return 0;
  const ofFleets = Object.values(fleets).map((fleet) => {
    const named = fleet.existing?.instanceSecurityGroupId !== undefined;
    const servers = named ? store.existing === undefined : createsGroup(fleet);
    return 1 + (servers ? 1 : 0);
  });
  // The sweeper and the collector, and what an incident reads from the store.
  return 2 + (incidents.enabled ? 1 : 0) + ofFleets.reduce((sum, one) => sum + one, 0);
}

/** EC2 would refuse the rule of the last fleets, and their stacks would be rolled back. */
export function storeRuleLimit(config: HoldfastConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('fleets');
  const rules = inboundRulesOfStore(config);
  if (rules > MOST_INBOUND_RULES)
    refuse(
      `has ${Object.keys(config.fleets).length} fleets, which make ${rules} inbound rules of the session store's security group, and AWS allows ${MOST_INBOUND_RULES} per security group ("Inbound or outbound rules per security group" in Service Quotas): divide the fleets among several installations`,
    );
  return broken;
}
