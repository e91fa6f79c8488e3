/** What the template and the functions both know of a fleet's drain rule, and of its session gate's. */

/** Environment of functions that pin sessions. */
export const DRAIN_ENV = {
  drainTargetGroupArn: 'HOLDFAST_DRAIN_TARGET_GROUP_ARN',
  drainRuleArn: 'HOLDFAST_DRAIN_RULE_ARN',
  /** No function reads it: with another value, a new version of each is published. */
  drainListener: 'HOLDFAST_DRAIN_LISTENER',
} as const;

/** The header in the drain rule's condition while it takes no session. */
export const DRAIN_HEADER = 'X-Holdfast-Drain';

/** The header in the condition while the rule takes a server's sessions, which it knows by the application's cookie. */
export const PINNED_HEADER = 'Cookie';

/** Environment of functions that open and close a fleet's session gate: a rule of the same kind, and its group. */
export const GATE_RULE_ENV = {
  gateTargetGroupArn: 'HOLDFAST_GATE_TARGET_GROUP_ARN',
  gateRuleArn: 'HOLDFAST_GATE_RULE_ARN',
  /** As {@link DRAIN_ENV.drainListener}. */
  gateListener: 'HOLDFAST_GATE_LISTENER',
} as const;

/** The header in the gate rule's one condition. */
export const GATE_HEADER = 'X-Holdfast-Gate';

/**
 * A value that no client sends: the full name of the rule's group, `targetgroup/NAME/ID`, whose id AWS generates. A client that knew it
 * would reach an empty target group, and nobody's session.
 */
export const neutralValue = (targetGroupArn: string): string => targetGroupArn.slice(targetGroupArn.lastIndexOf(':') + 1);

/**
 * The drain group's attribute that is `off`, so that Route 53 does not judge the load balancer by it: where an alias record evaluates its
 * target's health, a group without targets, or without a healthy one, makes the whole load balancer unhealthy.
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias-common.html
 */
export const DNS_FAILOVER_COUNT = 'target_group_health.dns_failover.minimum_healthy_targets.count';

/** Environment of functions that call the target group. */
export const TARGET_GROUP_ENV = { targetGroupArn: 'HOLDFAST_TARGET_GROUP_ARN' } as const;
