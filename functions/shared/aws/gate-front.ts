/** The listener rule and the target group by which a session gate reaches a server that is not registered yet. */
import { DescribeRulesCommand, type ElasticLoadBalancingV2Client, ModifyRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { settleAll } from '../end-at.ts';
import { orNone } from './drain-rule.ts';
import { GATE_HEADER, neutralValue } from './drain-rule-contract.ts';
import type { TargetGroup } from './target-group.ts';

export interface GateRule {
  isOpen(): Promise<boolean>;
  /** Requests with this value of {@link GATE_HEADER} go to the gate's group, and no others. */
  open(value: string): Promise<void>;
  /** Makes it match nobody. A rule that does not exist matches nobody. */
  close(): Promise<void>;
}

export function createGateRule(
  client: ElasticLoadBalancingV2Client,
  { ruleArn: RuleArn, targetGroupArn }: { readonly ruleArn: string; readonly targetGroupArn: string },
): GateRule {
  const neutral = neutralValue(targetGroupArn);
  const open = async (value: string) => {
    const Conditions = [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: GATE_HEADER, Values: [value] } }];
    await client.send(new ModifyRuleCommand({ RuleArn, Conditions }));
  };
  return {
    async isOpen() {
      const { Rules = [] } = (await orNone(client.send(new DescribeRulesCommand({ RuleArns: [RuleArn] })))) ?? {};
      return Rules.some(({ Conditions = [] }) => Conditions.some(({ HttpHeaderConfig }) => HttpHeaderConfig?.Values?.[0] !== neutral));
    },
    open,
    close: () => orNone(open(neutral)),
  };
}

export interface GateFront {
  readonly rule: GateRule;
  readonly group: Pick<TargetGroup, 'describeHealth' | 'register' | 'deregister'>;
}

/** Makes the rule match nobody and empties the group, this even where the rule could not be changed. @returns whether there was anything to do */
export async function closeGate({ rule, group }: GateFront): Promise<boolean> {
  const closed = rule.isOpen().then(async (isOpen) => {
    if (isOpen) await rule.close();
    return isOpen;
  });
  const emptied = closed
    .catch(() => {})
    .then(async () => {
      const left = ((await orNone(group.describeHealth())) ?? []).filter(({ state }) => state !== 'draining');
      for (const { instanceId, registrations } of left) await orNone(group.deregister(instanceId, registrations));
      return left.length > 0;
    });
  return (await settleAll([closed, emptied])).includes(true);
}
