import {
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  type RuleCondition,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Attributes, createAttributesReader } from './attributes-reader.ts';
import { isAwsError } from './classify-aws-error.ts';
import { DRAIN_HEADER, neutralValue, PINNED_HEADER } from './drain-rule-contract.ts';

type Hold = () => Promise<unknown>;

/** The one listener rule that can send the sessions of one server to the drain group. */
export interface DrainRule {
  /** The pattern of the sessions that it takes; undefined while it takes none, and where there is no such rule. */
  read(): Promise<string | undefined>;
  /** @param hold called right before the change, after every read: it throws when the change is no longer the caller's to make */
  pin(pattern: string, hold?: Hold): Promise<void>;
  /** Makes it match nobody. A rule that does not exist matches nobody: its owner can have deleted it, or made it anew, in mid-deploy. */
  release(hold?: Hold): Promise<void>;
}

/**
 * Changes the rule's header condition and nothing else: hosts and paths stay as they are.
 * @param changing makes the changes
 * @throws the SDK's RuleNotFoundException where a session is to be kept by a rule that does not exist
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
  const change = async (header: RuleCondition, hold?: Hold) => {
    const others = (await conditions()).filter((condition) => !isOwn(condition)).map(withoutLegacyValues);
    await hold?.();
    await changing.send(new ModifyRuleCommand({ RuleArn: ruleArn, Conditions: [...others, header] }));
  };
  return {
    async read() {
      const pinned = (await orNone(conditions()))?.find(
        ({ HttpHeaderConfig }) => headerOf(HttpHeaderConfig) === PINNED_HEADER.toLowerCase(),
      );
      return pinned?.HttpHeaderConfig?.RegexValues?.[0];
    },
    pin: (pattern, hold) =>
      change({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: PINNED_HEADER, RegexValues: [pattern] } }, hold),
    release: (hold) => {
      const Values = [neutralValue(drainTargetGroupArn)];
      return orNone(change({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: DRAIN_HEADER, Values } }, hold));
    },
  };
}

/** Of a rule or a target group that does not exist. */
export async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isAwsError(error, 'RuleNotFound', 'RuleNotFoundException', 'TargetGroupNotFound', 'TargetGroupNotFoundException')) return undefined;
    throw error;
  }
}

const headerOf = (config: RuleCondition['HttpHeaderConfig']): string | undefined => config?.HttpHeaderName?.toLowerCase();

const isOwn = ({ HttpHeaderConfig }: RuleCondition): boolean =>
  [DRAIN_HEADER, PINNED_HEADER].some((name) => name.toLowerCase() === headerOf(HttpHeaderConfig));

/** DescribeRules returns hosts and paths twice, and ModifyRule takes them once. */
function withoutLegacyValues(condition: RuleCondition): RuleCondition {
  const { Values: _, RegexValues: __, ...once } = condition;
  return condition.HostHeaderConfig || condition.PathPatternConfig ? once : condition;
}

/** How a target group's targets are reached and checked. Names and values are AWS's. */
export interface GroupSettings {
  /** `HTTP` or `HTTPS`. */
  readonly protocol?: string;
  readonly protocolVersion?: string;
  /** `instance` or `ip`. */
  readonly targetType?: string;
  readonly healthCheckProtocol?: string;
  /** `traffic-port` or a number. */
  readonly healthCheckPort?: string;
  readonly healthCheckPath?: string;
  /** `200`, `200-399`. */
  readonly healthyCodes?: string;
}

/** A fleet's own target group and its drain group, next to each other. */
export interface DrainGroups {
  readonly main: GroupSettings;
  readonly drain: GroupSettings;
  /** The drain group's. */
  readonly attributes: Attributes;
}

/** Reads both, changing nothing. @throws the SDK's TargetGroupNotFoundException where one does not exist */
export const createDrainGroupsReader =
  (
    client: Pick<ElasticLoadBalancingV2Client, 'send'>,
    { targetGroupArn, drainTargetGroupArn }: { readonly targetGroupArn: string; readonly drainTargetGroupArn: string },
  ) =>
  async (): Promise<DrainGroups> => {
    const [{ TargetGroups = [] }, attributes] = await Promise.all([
      client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn, drainTargetGroupArn] })),
      createAttributesReader(client, drainTargetGroupArn)(),
    ]);
    const settings = (arn: string) => settingsOf(TargetGroups.find(({ TargetGroupArn }) => TargetGroupArn === arn) ?? {});
    return { main: settings(targetGroupArn), drain: settings(drainTargetGroupArn), attributes };
  };

const settingsOf = (group: TargetGroup): GroupSettings =>
  Object.fromEntries(
    Object.entries({
      protocol: group.Protocol,
      protocolVersion: group.ProtocolVersion,
      targetType: group.TargetType,
      healthCheckProtocol: group.HealthCheckProtocol,
      healthCheckPort: group.HealthCheckPort,
      healthCheckPath: group.HealthCheckPath,
      healthyCodes: group.Matcher?.HttpCode,
    } satisfies Record<keyof GroupSettings, string | undefined>).filter(([, value]) => value !== undefined),
  );
