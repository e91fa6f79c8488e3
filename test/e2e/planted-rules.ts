/** Listener rules as a deploy would leave them behind: tagged with its id, before the fleet's target group. */
import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DEPLOY_TAG, FLEET_TAG, fleetTagValue, targetGroupName } from '../../functions/shared/naming.ts';
import { elb } from './fleet.ts';

const planted: string[] = [];

/** Gives the rule's ARN. No request of a scenario has its path. */
export async function plantRule(deployId: string): Promise<string> {
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', 'web')] }));
  const [{ TargetGroupArn, LoadBalancerArns = [] } = {}] = TargetGroups;
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: LoadBalancerArns[0] }));
  const { Rules = [] } = await elb.send(
    new CreateRuleCommand({
      ListenerArn: Listeners[0]?.ListenerArn,
      Priority: 900 + planted.length,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/planted-by-a-scenario'] } }],
      Actions: [{ Type: 'forward', TargetGroupArn }],
      Tags: [
        { Key: FLEET_TAG, Value: fleetTagValue('holdfast', 'web') },
        { Key: DEPLOY_TAG, Value: deployId },
      ],
    }),
  );
  const ruleArn = Rules[0]?.RuleArn as string;
  planted.push(ruleArn);
  return ruleArn;
}

export async function removePlantedRules(): Promise<void> {
  for (const RuleArn of planted.splice(0)) {
    await elb.send(new DeleteRuleCommand({ RuleArn })).catch((error: Error) => {
      if (error.name !== 'RuleNotFoundException') throw error;
    });
  }
}
