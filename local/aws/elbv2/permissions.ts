/** Which resources a call of Elastic Load Balancing needs to be allowed on. */
import type { PermissionsOf } from '../gateway/service.ts';

const NAMING = ['TargetGroupArn', 'LoadBalancerArn', 'ListenerArn', 'RuleArn', 'ResourceArns'] as const;

/**
 * What is described is never narrowed, and what is created has no ARN yet.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */
export const permissions: PermissionsOf = (operation, input) => {
  const named = operation.startsWith('Describe') ? [] : NAMING.flatMap((name) => input[name] ?? []);
  return named.length > 0 ? named.map((arn) => ({ resource: String(arn) })) : [{ resource: '*' }];
};
