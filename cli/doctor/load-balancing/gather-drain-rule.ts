import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { createDrainGroupsReader, createDrainRule } from '../../../functions/shared/aws/drain-rule.ts';
import { DRAIN_ENV } from '../../../functions/shared/aws/drain-rule-contract.ts';
import { createListenerRuleList } from '../../../functions/shared/aws/listener-rule-list.ts';
import { createTargetGroup } from '../../../functions/shared/aws/target-group.ts';
import { aboutResource, type Lookup, lookUp, NotFound, SKIPPED } from '../lookup.ts';
import type { DrainArns, Subject } from '../subject.ts';
import type { DrainFacts } from './load-balancing-facts.ts';

const RULE_ABSENT = ['RuleNotFoundException', 'RuleNotFound', 'ListenerNotFoundException', 'ListenerNotFound'];

interface Arns extends DrainArns {
  readonly targetGroupArn: string;
}

/** The rule and the group by which deploys keep a server's sessions on it. */
export async function gatherDrainRule(
  elb: ElasticLoadBalancingV2Client,
  lambda: LambdaClient,
  { sessionDrain, targetGroup }: Subject,
): Promise<Lookup<DrainFacts>> {
  if (!sessionDrain) return SKIPPED;
  const { existing } = sessionDrain;
  const front: Lookup<Arns> = existing
    ? { state: 'known', value: { ...existing, targetGroupArn: targetGroup.id } }
    : await createdFront(lambda, sessionDrain.function);
  if (front.state !== 'known') return front;
  const { ruleArn, drainTargetGroupArn } = front.value;
  const about = { named: existing !== undefined, absentOn: RULE_ABSENT };
  return lookUp(aboutResource('drain rule', ruleArn, 'elasticloadbalancing:DescribeRules', about), async () => {
    const [rules, pinned, targets, groups] = await Promise.all([
      createListenerRuleList(elb, ruleArn)(),
      createDrainRule(elb, { ruleArn, drainTargetGroupArn }).read(),
      createTargetGroup(elb, drainTargetGroupArn).describeHealth(),
      createDrainGroupsReader(elb, front.value)(),
    ]);
    if (!rules.some(({ arn }) => arn === ruleArn)) throw new NotFound();
    return { ruleArn, drainTargetGroupArn, rules, ...(pinned !== undefined && { pinned }), targets, groups };
  });
}

/** A rule that the template created: its ARN is in the environment of the function that changes it. */
function createdFront(lambda: LambdaClient, functionName: string): Promise<Lookup<Arns>> {
  const about = aboutResource('function', functionName, 'lambda:GetFunctionConfiguration', { absentOn: ['ResourceNotFoundException'] });
  return lookUp(about, async () => {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
    const ruleArn = Environment?.Variables?.[DRAIN_ENV.drainRuleArn];
    const drainTargetGroupArn = Environment?.Variables?.[DRAIN_ENV.drainTargetGroupArn];
    const targetGroupArn = Environment?.Variables?.[ENV.targetGroupArn];
    if (ruleArn === undefined || drainTargetGroupArn === undefined || targetGroupArn === undefined) throw new NotFound();
    return { ruleArn, drainTargetGroupArn, targetGroupArn };
  });
}
