import { type ElasticLoadBalancingV2Client, paginateDescribeRules, type Rule } from '@aws-sdk/client-elastic-load-balancing-v2';

/** A rule of a listener, as far as its place among the others and what it does matter. */
export interface ListedRule {
  readonly arn: string;
  /** 1 to 50,000; infinite for the default action. */
  readonly priority: number;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  /** Of every action, in order: `forward`, `authenticate-oidc`, … */
  readonly actions: readonly string[];
  /** Target groups that it forwards to. */
  readonly targetGroupArns: readonly string[];
}

/** The rules of the listener that has the rule, by priority; the last is the default action. */
export const createListenerRuleList =
  (client: ElasticLoadBalancingV2Client, ruleArn: string) => async (): Promise<readonly ListedRule[]> => {
    const ListenerArn = ruleArn.replace(':listener-rule/', ':listener/').replace(/\/[^/]*$/, '');
    const found: ListedRule[] = [];
    for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn })) found.push(...Rules.map(listed));
    return found.sort((a, b) => a.priority - b.priority);
  };

function listed({ RuleArn = '', Priority, IsDefault, Conditions = [], Actions = [] }: Rule): ListedRule {
  return {
    arn: RuleArn,
    priority: IsDefault ? Number.POSITIVE_INFINITY : Number(Priority),
    hosts: Conditions.flatMap(({ HostHeaderConfig }) => HostHeaderConfig?.Values ?? []),
    paths: Conditions.flatMap(({ PathPatternConfig }) => PathPatternConfig?.Values ?? []),
    actions: Actions.map(({ Type = 'forward' }) => Type),
    targetGroupArns: Actions.flatMap(({ TargetGroupArn, ForwardConfig }) => [
      ...new Set([
        ...(TargetGroupArn === undefined ? [] : [TargetGroupArn]),
        ...(ForwardConfig?.TargetGroups ?? []).flatMap((group) => group.TargetGroupArn ?? []),
      ]),
    ]),
  };
}
