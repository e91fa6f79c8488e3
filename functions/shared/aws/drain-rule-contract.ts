/** What the template and the functions both know of a fleet's drain rule. */

/** Environment of functions that pin sessions. */
export const DRAIN_ENV = { drainTargetGroupArn: 'HOLDFAST_DRAIN_TARGET_GROUP_ARN', drainRuleArn: 'HOLDFAST_DRAIN_RULE_ARN' } as const;

/** The header that a rule which takes no session asks for. */
export const DRAIN_HEADER = 'X-Holdfast-Drain';
/** The header with the application's cookie. */
export const PINNED_HEADER = 'Cookie';

/**
 * The value that no client sends: the full name of the drain group, `targetgroup/NAME/ID`, whose id AWS makes up. Who knows it reaches
 * an empty target group, and nobody's session.
 */
export const neutralValue = (drainTargetGroupArn: string): string => drainTargetGroupArn.slice(drainTargetGroupArn.lastIndexOf(':') + 1);
