import {
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeRules,
  type TagDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DEPLOY_TAG, FLEET_TAG } from '../naming.ts';

/** A listener rule that a deploy created. */
export interface DeployRule {
  readonly ruleArn: string;
  readonly deployId: string;
}

/** Rules of the listeners in front of a fleet. */
export interface ListenerRules {
  /** Those with the fleet's tag and a deploy's tag; no other rule has a deploy's tag. */
  createdByDeploys(): Promise<readonly DeployRule[]>;
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html */
const TAGGED_AT_ONCE = 20;

/** @param fleetTag value of the tag `holdfast:fleet` */
export function createListenerRules(client: ElasticLoadBalancingV2Client, targetGroupArn: string, fleetTag: string): ListenerRules {
  return {
    async createdByDeploys() {
      const ruleArns = await rulesBefore(client, targetGroupArn);
      const found: DeployRule[] = [];
      for (let at = 0; at < ruleArns.length; at += TAGGED_AT_ONCE) {
        const ResourceArns = ruleArns.slice(at, at + TAGGED_AT_ONCE);
        const { TagDescriptions = [] } = await client.send(new DescribeTagsCommand({ ResourceArns }));
        found.push(...TagDescriptions.flatMap((described) => deployRule(described, fleetTag)));
      }
      return found;
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

function deployRule({ ResourceArn = '', Tags = [] }: TagDescription, fleetTag: string): DeployRule[] {
  const tag = (key: string) => Tags.find(({ Key }) => Key === key)?.Value;
  const deployId = tag(DEPLOY_TAG);
  return deployId !== undefined && tag(FLEET_TAG) === fleetTag ? [{ ruleArn: ResourceArn, deployId }] : [];
}
