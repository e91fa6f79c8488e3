/** Operations that are about the account. */
import type { Operation } from '../../gateway/service.ts';

/** User guide, load-balancer-limits: the quotas that a load balancer of the local cloud keeps. */
const LIMITS = {
  'rules-per-application-load-balancer': 100,
  'target-groups-per-application-load-balancer': 100,
  'target-groups-per-action-on-application-load-balancer': 5,
  'condition-values-per-alb-rule': 5,
  'condition-wildcards-per-alb-rule': 5,
} as const;

export function accountOperations(): Record<string, Operation> {
  return {
    DescribeAccountLimits: () => ({ Limits: Object.entries(LIMITS).map(([Name, Max]) => ({ Name, Max: String(Max) })) }),
  };
}
