import {
  type ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeRules,
  type Rule,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** A rule of a listener, as far as its place among the others and what it does matter. */
export interface ListedRule {
  readonly arn: string;
  /** 1 to 50,000; infinite for the default action. */
  readonly priority: number;
  /** Host names; a regular expression begins with `regex `. */
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  /**
   * Values of each of its other conditions: `source-ip 10.0.0.0/8`, `http-header x-api 2`. A rule can have several on headers and query strings,
   * and a request has to match one value of each.
   */
  readonly others: readonly (readonly string[])[];
  /** What it changes of a request before it forwards it, as the API describes it. */
  readonly transforms: readonly string[];
  /** Types of the rule's actions, in order: `forward`, `authenticate-oidc`, … */
  readonly actions: readonly string[];
  /** Target groups that it forwards to. */
  readonly targetGroupArns: readonly string[];
}

export const listenerOf = (ruleArn: string): string => ruleArn.replace(':listener-rule/', ':listener/').replace(/\/[^/]*$/, '');

/** The rules of every listener of the load balancer that has the rule, by priority; a listener's last is its default action. */
export const createListenerRuleList =
  (client: ElasticLoadBalancingV2Client, ruleArn: string) => async (): Promise<readonly ListedRule[]> => {
    const LoadBalancerArn = listenerOf(ruleArn)
      .replace(':listener/', ':loadbalancer/')
      .replace(/\/[^/]*$/, '');
    const found: ListedRule[] = [];
    for await (const { Listeners = [] } of paginateDescribeListeners({ client }, { LoadBalancerArn }))
      for (const { ListenerArn } of Listeners)
        for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn })) found.push(...Rules.map(listed));
    return found.sort((a, b) => a.priority - b.priority);
  };

function listed({ RuleArn = '', Priority, IsDefault, Conditions = [], Actions = [], Transforms = [] }: Rule): ListedRule {
  return {
    arn: RuleArn,
    priority: IsDefault ? Number.POSITIVE_INFINITY : Number(Priority),
    hosts: Conditions.flatMap(({ HostHeaderConfig }) => valuesOf(HostHeaderConfig)),
    paths: Conditions.flatMap(({ PathPatternConfig }) => valuesOf(PathPatternConfig)),
    others: Conditions.map(otherValues).filter((values) => values.length > 0),
    transforms: Transforms.map((transform) => JSON.stringify(transform)),
    actions: Actions.map(({ Type = 'forward' }) => Type),
    targetGroupArns: Actions.flatMap(({ TargetGroupArn, ForwardConfig }) => [
      ...new Set([
        ...(TargetGroupArn === undefined ? [] : [TargetGroupArn]),
        ...(ForwardConfig?.TargetGroups ?? []).flatMap((group) => group.TargetGroupArn ?? []),
      ]),
    ]),
  };
}

interface Values {
  readonly Values?: string[] | undefined;
  readonly RegexValues?: string[] | undefined;
}

const valuesOf = ({ Values = [], RegexValues = [] }: Values = {}): string[] => [...Values, ...RegexValues.map((one) => `regex ${one}`)];

function otherValues(condition: RuleCondition): string[] {
  const { Field = '', HttpHeaderConfig, QueryStringConfig, HttpRequestMethodConfig, SourceIpConfig } = condition;
  if (Field === 'host-header' || Field === 'path-pattern') return [];
  if (HttpHeaderConfig) return valuesOf(HttpHeaderConfig).map((value) => `${headerCondition(HttpHeaderConfig.HttpHeaderName)}${value}`);
  const pairs = (QueryStringConfig?.Values ?? []).map(({ Key = '', Value = '' }) => `${Key}=${Value}`);
  const values = [...pairs, ...valuesOf(HttpRequestMethodConfig), ...valuesOf(SourceIpConfig)];
  // A kind of condition that is not known here is shown as a whole.
  return (values.length > 0 ? values : [JSON.stringify(condition)]).map((value) => `${Field} ${value}`);
}

/** How the value of a condition on this header begins in {@link ListedRule.others}. */
export const headerCondition = (name = ''): string => `http-header ${name.toLowerCase()} `;
