import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type AutoScalingGroup, createAutoScalingGroup } from '../shared/aws/auto-scaling.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { createTargetGroup, type TargetGroup } from '../shared/aws/target-group.ts';
import { type Environment, optional, required } from '../shared/environment.ts';
import { readMembers } from './assess/read-members.ts';
import { ENV } from './contract/environment.ts';

/** @throws MissingEnvironment */
export function targetGroupFrom(environment: Environment): TargetGroup {
  const client = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  return createTargetGroup(client, required(environment, ENV.targetGroupArn), readMembers(environment));
}

/** Undefined for a fleet without an Auto Scaling group. */
export function autoScalingGroupFrom(environment: Environment): AutoScalingGroup | undefined {
  const name = optional(environment, ENV.autoScalingGroupName);
  return name === undefined ? undefined : createAutoScalingGroup(new AutoScalingClient(CLIENT_OPTIONS), name);
}
