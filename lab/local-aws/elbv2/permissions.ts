/** Which resources a call of Elastic Load Balancing needs to be allowed on. */
import type { Permission, PermissionsOf } from '../service/service.ts';
import type { Rule } from './resources.ts';

const NAMING = ['TargetGroupArn', 'LoadBalancerArn', 'ListenerArn', 'RuleArn', 'ResourceArns'] as const;

/**
 * What is described is never narrowed, and what is created has no ARN yet. A rule's tags are condition keys of calls on it. A rule
 * that is created with tags needs the permission to tag it as well.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
 */
export const permissionsOf =
  (rules: ReadonlyMap<string, Pick<Rule, 'tags'>>): PermissionsOf =>
  (operation, input) => {
    const named = operation.startsWith('Describe') ? [] : NAMING.flatMap((name) => input[name] ?? []);
    if (named.length === 0) return [{ resource: '*' }];
    const calls = named.map((arn): Permission => {
      const tags = [...(rules.get(String(arn))?.tags ?? [])];
      const context = Object.fromEntries(tags.map(([key, value]) => [`elasticloadbalancing:ResourceTag/${key}`, value]));
      return { resource: String(arn), ...(tags.length > 0 && { context }) };
    });
    return operation === 'CreateRule' && input['Tags'] !== undefined ? [...calls, tagging(String(input['ListenerArn']))] : calls;
  };

/** The rule has no id yet: `*` takes its place, as in a policy. */
const tagging = (listenerArn: string): Permission => ({
  action: 'AddTags',
  resource: `${listenerArn.replace(':listener/', ':listener-rule/')}/*`,
  context: { 'elasticloadbalancing:CreateAction': 'CreateRule' },
});
