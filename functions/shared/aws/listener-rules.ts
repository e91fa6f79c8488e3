import {
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeRules,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DEPLOY_TAG, FLEET_TAG } from '../naming.ts';
import { describeTags } from './describe-tags.ts';

/** A listener rule that a deploy created. */
export interface DeployRule {
  readonly ruleArn: string;
  readonly deployId: string;
}

/** The rules that deploys created on the listeners in front of a fleet. */
export interface DeployRules {
  /** Those with the fleet's tag and a deploy's tag; no other rule has a deploy's tag. */
  createdByDeploys(): Promise<readonly DeployRule[]>;
}

/** @param fleetTag value of the tag `holdfast:fleet` */
export function createDeployRules(client: ElasticLoadBalancingV2Client, targetGroupArn: string, fleetTag: string): DeployRules {
  return {
    async createdByDeploys() {
      const described = await describeTags(client, await rulesBefore(client, targetGroupArn));
      return [...described].flatMap(([ruleArn, tags]) => {
        const deployId = tags.get(DEPLOY_TAG);
        return deployId !== undefined && tags.get(FLEET_TAG) === fleetTag ? [{ ruleArn, deployId }] : [];
      });
    },
  };
}

/** All rules but the default ones, on every listener of the target group's load balancers. */
async function rulesBefore(client: ElasticLoadBalancingV2Client, targetGroupArn: string): Promise<string[]> {
  const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }));
  const ruleArns: string[] = [];
  for (const LoadBalancerArn of TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns)) {
    for await (const { Listeners = [] } of paginateDescribeListeners({ client }, { LoadBalancerArn })) {
      for (const { ListenerArn } of Listeners) {
        for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn })) {
          ruleArns.push(...Rules.filter(({ IsDefault }) => !IsDefault).map(({ RuleArn }) => RuleArn as string));
        }
      }
    }
  }
  return ruleArns;
}
