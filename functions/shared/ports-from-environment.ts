import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ENV } from '../deploy/contract.ts';
import { readMembers } from '../deploy/read-members.ts';
import { type AutoScalingGroup, createAutoScalingGroup } from './auto-scaling.ts';
import { CLIENT_OPTIONS } from './client-options.ts';
import { createDocumentClient, dynamoRecords } from './dynamo-records.ts';
import { type Environment, optional, required } from './environment.ts';
import type { Records } from './records.ts';
import { createTargetGroup, type TargetGroup } from './target-group.ts';

/** The records in the table that the environment names. @throws MissingEnvironment, as of the others */
export function recordsFrom(environment: Environment): Records {
  return dynamoRecords(createDocumentClient(), required(environment, ENV.recordsTable));
}

export function targetGroupFrom(environment: Environment): TargetGroup {
  const client = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  return createTargetGroup(client, required(environment, ENV.targetGroupArn), readMembers(environment));
}

/** Undefined for a fleet of named instances. */
export function autoScalingGroupFrom(environment: Environment): AutoScalingGroup | undefined {
  const name = optional(environment, ENV.autoScalingGroupName);
  return name === undefined ? undefined : createAutoScalingGroup(new AutoScalingClient(CLIENT_OPTIONS), name);
}
