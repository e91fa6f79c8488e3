import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** Room that is little: below it the next teams on a shared load balancer meet the quota. */
const LITTLE = 5;

/**
 * Free rules and target groups.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const checkLimits: Check = (facts) => {
  const front = seen(facts.loadBalancer);
  const limits = seen(facts.limits);
  if (!front || !limits) return [];
  const listeners = seen(facts.listeners);
  const counts = seen(facts.targetGroupCounts);
  const rules = topic(
    'free-rules',
    front.arn,
    'a rule leads users to a fleet, and pins sessions to a server that is drained: without a free one neither can be added',
  );
  const groups = topic(
    'free-target-groups',
    front.arn,
    'a fleet, and a server that is drained by a rule, each need a target group of their own',
  );
  return [
    ...(listeners
      ? room(
          rules,
          'rules',
          listeners.reduce((sum, one) => sum + one.rules, 0),
          limits['rules-per-application-load-balancer'],
        )
      : []),
    ...(counts
      ? room(groups, 'target groups of the load balancer', counts.ofLoadBalancer, limits['target-groups-per-application-load-balancer'])
      : []),
    ...(counts ? room(groups, 'target groups of the account', counts.ofAccount, limits['target-groups']) : []),
  ];
};

function room(about: ReturnType<typeof topic>, things: string, used: number, limit: number | undefined): Finding[] {
  if (limit === undefined) return [];
  const free = Math.max(0, limit - used);
  const what = `${used} of ${limit} ${things} are used, ${free} ${free === 1 ? 'is' : 'are'} free`;
  const mend = 'remove what is not used, or ask for more in Service Quotas';
  if (free === 0) return [about.warning(what, mend)];
  return [free < LITTLE ? about.notice(what, mend) : about.ok(what)];
}
