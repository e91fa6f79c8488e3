/**
 * Instances for a fleet that lists its servers: in a network that was there before Holdfast, each with a service of its owner's that the
 * first deploy replaces.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { CloudState } from '../../cli/cloud-state.ts';
import { CLIENT_OPTIONS } from '../../functions/shared/aws/client-options.ts';

const STACK = 'own-servers';
const STACK_LIMIT_MS = 90_000;
const POLL_MS = 300;
export const INSTANCES = 3;
const ROLE = 'own-servers';
const IMAGE = 'ami-0abcdef1234567890';
/** The service that is on each server before the first deploy. */
const OWN_SERVICE = 'before-holdfast.service';
const SUBNETS = { WebSubnetA: '10.50.0.0/24', WebSubnetB: '10.50.1.0/24', StoreSubnetA: '10.50.8.0/24', StoreSubnetB: '10.50.9.0/24' };
const NAMES = Array.from({ length: INSTANCES }, (_, index) => `Instance${index + 1}`);

/** These parts of the configuration name the network and the servers. */
export interface ListedInstances {
  readonly network: { readonly vpcId: string; readonly webSubnetIds: string[]; readonly storeSubnetIds: string[] };
  readonly existing: {
    readonly instanceIds: string[];
    readonly instanceRoleName: string;
    readonly instanceSecurityGroupId: string;
    readonly replacesService: string;
  };
}

/** Stand-ins for instances that are not started yet, so that the rest of the configuration can be checked before their ids are known. */
export const PLANNED_INSTANCES: ListedInstances = {
  network: {
    vpcId: 'vpc-00000000000000000',
    webSubnetIds: ['subnet-00000000000000000', 'subnet-00000000000000001'],
    storeSubnetIds: ['subnet-00000000000000002', 'subnet-00000000000000003'],
  },
  existing: {
    instanceIds: NAMES.map((_, index) => `i-0000000000000000${index}`),
    instanceRoleName: ROLE,
    instanceSecurityGroupId: 'sg-00000000000000000',
    replacesService: OWN_SERVICE,
  },
};

/** @throws Error with what CloudFormation answered; the signal's reason */
export async function startInstances(cloud: CloudState, signal: AbortSignal): Promise<ListedInstances> {
  const client = { region: cloud.region, endpoint: cloud.gatewayUrl, credentials: cloud.credentials, ...CLIENT_OPTIONS };
  const cloudFormation = new CloudFormationClient(client);
  try {
    const outputs = await createServers(cloudFormation, signal);
    const of = (name: string) => outputs.get(name) ?? '';
    return {
      network: {
        vpcId: of('Vpc'),
        webSubnetIds: [of('WebSubnetA'), of('WebSubnetB')],
        storeSubnetIds: [of('StoreSubnetA'), of('StoreSubnetB')],
      },
      existing: { ...PLANNED_INSTANCES.existing, instanceIds: NAMES.map(of), instanceSecurityGroupId: of('SecurityGroup') },
    };
  } finally {
    cloudFormation.destroy();
  }
}

async function createServers(cloudFormation: CloudFormationClient, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const template = { TemplateBody: JSON.stringify(serversTemplate()), Capabilities: ['CAPABILITY_NAMED_IAM' as const] };
  await cloudFormation.send(new CreateStackCommand({ StackName: STACK, ...template }), { abortSignal: signal });
  const deadline = Date.now() + STACK_LIMIT_MS;
  for (;;) {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }), { abortSignal: signal });
    const { StackStatus, StackStatusReason, Outputs = [] } = Stacks?.[0] ?? {};
    if (StackStatus === 'CREATE_COMPLETE') return new Map(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
    if (StackStatus !== 'CREATE_IN_PROGRESS' || Date.now() > deadline)
      throw new Error(`the stack of the listed instances was not created: ${StackStatus} ${StackStatusReason ?? ''}`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

const ref = (Ref: string): object => ({ Ref });
const groupId = (name: string): object => ({ 'Fn::GetAtt': [name, 'GroupId'] });

/** A VPC with the subnets that Holdfast needs, and instances with their role and security group. */
const serversTemplate = (): object => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Resources: {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.50.0.0/16', EnableDnsHostnames: true } },
    InternetGateway: { Type: 'AWS::EC2::InternetGateway', Properties: {} },
    InternetAccess: {
      Type: 'AWS::EC2::VPCGatewayAttachment',
      Properties: { VpcId: ref('Vpc'), InternetGatewayId: ref('InternetGateway') },
    },
    ...Object.fromEntries(
      Object.entries(SUBNETS).map(([name, CidrBlock]) => [
        name,
        {
          Type: 'AWS::EC2::Subnet',
          Properties: { VpcId: ref('Vpc'), CidrBlock, AvailabilityZone: `us-east-1${name.endsWith('A') ? 'a' : 'b'}` },
        },
      ]),
    ),
    SecurityGroup: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'The servers', VpcId: ref('Vpc') } },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: ROLE,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
      },
    },
    InstanceProfile: { Type: 'AWS::IAM::InstanceProfile', Properties: { InstanceProfileName: ROLE, Roles: [ref('Role')] } },
    ...Object.fromEntries(NAMES.map((name, index) => [name, instance(name, index % 2 === 0 ? 'WebSubnetA' : 'WebSubnetB')])),
  },
  Outputs: {
    ...Object.fromEntries(['Vpc', ...Object.keys(SUBNETS), ...NAMES].map((name) => [name, { Value: ref(name) }])),
    SecurityGroup: { Value: groupId('SecurityGroup') },
  },
});

const instance = (name: string, subnet: keyof typeof SUBNETS): object => ({
  Type: 'AWS::EC2::Instance',
  Properties: {
    ImageId: IMAGE,
    InstanceType: 't4g.small',
    SubnetId: ref(subnet),
    SecurityGroupIds: [groupId('SecurityGroup')],
    IamInstanceProfile: ROLE,
    UserData: { 'Fn::Base64': BOOT_SCRIPT },
    Tags: [{ Key: 'Name', Value: `${STACK}-${name}` }],
  },
  DependsOn: ['InstanceProfile'],
});

/** What the owner had on the server: pages that are files, without sessions. */
const BOOT_SCRIPT = `#!/bin/bash
set -euo pipefail
root="$HOME/before-holdfast"
mkdir -p "$root/pages"
echo 'before Holdfast' >"$root/pages/live"
cat >"$root/${OWN_SERVICE}" <<UNIT
[Unit]
Description=The pages before Holdfast

[Service]
WorkingDirectory=$root/pages
ExecStart=/usr/bin/env python3 -m http.server --bind $HOLDFAST_LOCAL_HOST $HOLDFAST_LOCAL_PORT
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
UNIT
systemctl link "$root/${OWN_SERVICE}"
systemctl daemon-reload
systemctl enable --now ${OWN_SERVICE}
`;
