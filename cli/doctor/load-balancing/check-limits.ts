import { type Check, type Findings, type Topic, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** What Holdfast uses of an account's roles, a fleet at most; a test counts them in the templates. */
export const ROLES = { shared: 19, fleet: 33 } as const;

/** With fewer free than this, the next team on a shared load balancer may reach the quota. */
const FEW = 5;

/**
 * Free listener rules and target groups.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const checkLimits: Check = (facts) => {
  const front = known(facts.loadBalancer);
  const limits = known(facts.limits);
  if (!front || !limits) return [];
  const listeners = known(facts.listeners);
  const counts = known(facts.targetGroupCounts);
  const rules = topic(
    'free-rules',
    front.arn,
    'a fleet needs a rule for its users, and with strategy "sticky" one that keeps sessions on the server that a deploy rolls',
  );
  const groups = topic(
    'free-target-groups',
    front.arn,
    'a fleet needs a target group, and with strategy "sticky" a second one for the server that a deploy rolls',
  );
  const usedRules = listeners?.reduce((sum, one) => sum + one.rules, 0);
  return [
    quota(rules, 'rules', [usedRules, limits['rules-per-application-load-balancer']]),
    quota(groups, 'target groups of the load balancer', [counts?.ofLoadBalancer, limits['target-groups-per-application-load-balancer']]),
    quota(groups, 'target groups of the account', [counts?.ofAccount, limits['target-groups']]),
  ].flat();
};

/** Free roles of IAM. Without the table of records nothing is installed yet, and a first deployment beyond the quota is rolled back. */
export const checkRoles: Check = ({ roles, fleetRecord }) => {
  const about = topic('free-roles', 'the account', `a fleet needs up to ${ROLES.fleet} roles, and what all fleets share ${ROLES.shared}`);
  const { used, most } = known(roles) ?? {};
  return quota(about, 'roles of the account', [used, most], {
    few: ROLES.fleet,
    least: fleetRecord.state === 'absent' ? ROLES.shared + ROLES.fleet : 1,
  });
};

/** @param few so many free ones are few @param least without so many a deployment fails */
function quota(about: Topic, things: string, [used, limit]: (number | undefined)[], { few, least } = { few: FEW, least: 1 }): Findings {
  if (used === undefined || limit === undefined) return [];
  const free = Math.max(0, limit - used);
  const what = `${used} of ${limit} ${things} are used, ${free} ${free === 1 ? 'is' : 'are'} free`;
  const fix = 'delete unused ones, or request a higher quota in Service Quotas';
  if (free < least) return about.warning(what, fix);
  return free < few ? about.notice(what, fix) : about.ok(what);
}
