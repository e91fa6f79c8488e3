import {
  DescribeRulesCommand,
  type ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DRAIN_HEADER, neutralValue, PINNED_HEADER } from './drain-rule-contract.ts';

/** The one listener rule that can send the sessions of one server to the drain group. */
export interface DrainRule {
  /** The pattern of the sessions that it takes; undefined while it takes none. */
  read(): Promise<string | undefined>;
  pin(pattern: string): Promise<void>;
  /** Makes it match nobody. */
  release(): Promise<void>;
}

/**
 * Changes the rule's header condition and nothing else: hosts and paths stay as they are.
 * @param changing makes the changes
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html
 */
export function createDrainRule(
  client: ElasticLoadBalancingV2Client,
  { ruleArn, drainTargetGroupArn }: { readonly ruleArn: string; readonly drainTargetGroupArn: string },
  changing: ElasticLoadBalancingV2Client = client,
): DrainRule {
  const conditions = async (): Promise<readonly RuleCondition[]> => {
    const { Rules = [] } = await client.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
    return Rules[0]?.Conditions ?? [];
  };
  const change = async (header: RuleCondition) => {
    const others = (await conditions()).filter((condition) => !isOwn(condition)).map(withoutLegacyValues);
    await changing.send(new ModifyRuleCommand({ RuleArn: ruleArn, Conditions: [...others, header] }));
  };
  return {
    async read() {
      const pinned = (await conditions()).find(({ HttpHeaderConfig }) => headerOf(HttpHeaderConfig) === PINNED_HEADER.toLowerCase());
      return pinned?.HttpHeaderConfig?.RegexValues?.[0];
    },
    pin: (pattern) => change({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: PINNED_HEADER, RegexValues: [pattern] } }),
    release: () =>
      change({
        Field: 'http-header',
        HttpHeaderConfig: { HttpHeaderName: DRAIN_HEADER, Values: [neutralValue(drainTargetGroupArn)] },
      }),
  };
}

const headerOf = (config: RuleCondition['HttpHeaderConfig']): string | undefined => config?.HttpHeaderName?.toLowerCase();

const isOwn = ({ HttpHeaderConfig }: RuleCondition): boolean =>
  [DRAIN_HEADER, PINNED_HEADER].some((name) => name.toLowerCase() === headerOf(HttpHeaderConfig));

/** DescribeRules returns hosts and paths twice. */
const withoutLegacyValues = ({ Values, ...condition }: RuleCondition): RuleCondition =>
  condition.HostHeaderConfig || condition.PathPatternConfig ? condition : { ...condition, ...(Values && { Values }) };
