/** What the local cloud provides of EC2 itself: CloudFormation's instances, security group rules and endpoints. Its API is the emulator's. */

import { NOT_EMULATED as MACHINES_NOT_EMULATED } from '../instances/not-emulated.ts';
import type { LocalService } from '../service/service.ts';
import { type InstanceOptions, instanceProvider } from './instance-resource.ts';
import { type SecurityGroups, securityGroupRuleProvider } from './security-group-rules.ts';
import { type VpcEndpoints, vpcEndpointProvider } from './vpc-endpoint-resource.ts';

export interface Ec2Options extends InstanceOptions {
  readonly securityGroups: SecurityGroups;
  readonly vpcEndpoints: VpcEndpoints;
}

const NOT_EMULATED = [
  ...MACHINES_NOT_EMULATED,
  'DescribeInstances lists no machines that have been terminated; instances that RunInstances starts are not machines.',
  'Any change of an AWS::EC2::Instance except of its tags replaces it; volumes, network interfaces, Elastic IPs and CreationPolicy have no effect.',
  'Security groups do not filter traffic: every local address can reach every other. Their rules are only stored and described.',
  'VPC endpoints route nothing: functions in the VPC reach every local service.',
] as const;

export function createEc2Types(options: Ec2Options): LocalService {
  return {
    title: 'ec2: resource types',
    signingNames: [],
    protocol: { kind: 'json', version: '1.1' },
    operations: {},
    resourceTypes: {
      'AWS::EC2::Instance': instanceProvider(options),
      'AWS::EC2::SecurityGroupIngress': securityGroupRuleProvider(options.securityGroups, 'ingress'),
      'AWS::EC2::SecurityGroupEgress': securityGroupRuleProvider(options.securityGroups, 'egress'),
      'AWS::EC2::VPCEndpoint': vpcEndpointProvider(options.vpcEndpoints),
    },
    notEmulated: NOT_EMULATED,
    // The machines end with all others.
    stop: async () => {},
  };
}
