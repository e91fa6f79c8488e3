/** Limits of a load balancer that concern its rules together; default rules do not count. */
import { SHARED_LIMITS } from '../../../functions/shared/limits/service-limits.ts';
import { AwsError } from '../service/service.ts';
import type { Registry } from './registry.ts';
import { type Action, groupsOf, type Rule } from './resources.ts';

/** @throws AwsError TooManyRules */
export function checkRuleCount(registry: Registry, loadBalancerArn: string): void {
  const rules = registry.listenersOf(loadBalancerArn).flatMap(({ arn }) => registry.rulesOf(arn));
  if (rules.filter((rule) => rule.priority !== 'default').length >= SHARED_LIMITS.rulesOfLoadBalancer) {
    throw new AwsError('TooManyRules', 'The maximum number of rules has been reached');
  }
}

/**
 * @param replaced a rule whose actions go
 * @throws AwsError TargetGroupAssociationLimit, TooManyUniqueTargetGroupsPerLoadBalancer
 */
export function checkGroupUse(registry: Registry, loadBalancerArn: string, actions: readonly Action[], replaced?: Rule): void {
  const wanted = groupsOf({ actions });
  for (const arn of wanted) {
    if (registry.loadBalancersUsing(arn).some((user) => user !== loadBalancerArn)) {
      throw new AwsError(
        'TargetGroupAssociationLimit',
        `The following target groups cannot be associated with more than one load balancer: ${arn}`,
      );
    }
  }
  const rules = registry.listenersOf(loadBalancerArn).flatMap((listener) => registry.rulesOf(listener.arn));
  const used = new Set([...rules.filter((rule) => rule !== replaced).flatMap(groupsOf), ...wanted]);
  if (used.size > SHARED_LIMITS.targetGroupsOfLoadBalancer) {
    throw new AwsError(
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      'The maximum number of target groups per load balancer has been reached',
    );
  }
}
