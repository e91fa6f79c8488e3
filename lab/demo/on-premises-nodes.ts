/**
 * Servers on premises for a fleet whose members know each other by their addresses: in a network that was there before Holdfast, each a
 * managed node with a service of its owner's that the first deploy replaces.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateActivationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startMachine } from '#local-aws/on-premises/client.ts';
import type { CloudState } from '../../cli/cloud-state.ts';
import { CLIENT_OPTIONS } from '../../functions/shared/aws/client-options.ts';
import { freePort } from '../processes/free-port.ts';

const STACK = 'data-center';
const STACK_LIMIT_MS = 90_000;
const POLL_MS = 300;
const ADDRESSES = ['192.168.50.11', '192.168.50.12', '192.168.50.13'] as const;
const ROLE = 'data-center-nodes';
/** The service that is on each server before the first deploy. */
const OWN_SERVICE = 'before-holdfast.service';
const SUBNETS = { WebSubnetA: '10.50.0.0/24', WebSubnetB: '10.50.1.0/24', StoreSubnetA: '10.50.8.0/24', StoreSubnetB: '10.50.9.0/24' };

/** These parts of the configuration name the network and the servers. */
export interface OnPremises {
  readonly network: { readonly vpcId: string; readonly webSubnetIds: string[]; readonly storeSubnetIds: string[] };
  readonly existing: {
    readonly nodes: { nodeId: string; ip: string; port: number; clusterPort: number; availabilityZone: 'all' }[];
    readonly instanceRoleName: string;
    readonly replacesService: string;
  };
}

const nodesOf = (port: number, ids: readonly string[], clusterPorts: readonly number[]): OnPremises['existing'] => ({
  nodes: ids.map((nodeId, index) => ({
    nodeId,
    ip: ADDRESSES[index] as string,
    port,
    clusterPort: clusterPorts[index] as number,
    availabilityZone: 'all',
  })),
  instanceRoleName: ROLE,
  replacesService: OWN_SERVICE,
});

/**
 * Stand-ins for nodes that are not started yet, so that the rest of the configuration can be checked before their ids and ports are known.
 */
export const plannedNodes = (port: number): OnPremises => ({
  network: {
    vpcId: 'vpc-00000000000000000',
    webSubnetIds: ['subnet-00000000000000000', 'subnet-00000000000000001'],
    storeSubnetIds: ['subnet-00000000000000002', 'subnet-00000000000000003'],
  },
  existing: nodesOf(
    port,
    ADDRESSES.map((_, index) => `mi-0000000000000000${index}`),
    ADDRESSES.map((_, index) => 4_000 + index),
  ),
});

/**
 * @param port of the fleet
 * @throws Error with what CloudFormation or a machine answered; the signal's reason
 */
export async function startNodes(cloud: CloudState, port: number, signal: AbortSignal): Promise<OnPremises> {
  const client = { region: cloud.region, endpoint: cloud.gatewayUrl, credentials: cloud.credentials, ...CLIENT_OPTIONS };
  const [cloudFormation, ssm] = [new CloudFormationClient(client), new SSMClient(client)];
  try {
    const outputs = await createNetwork(cloudFormation, signal);
    const activation = { IamRole: ROLE, RegistrationLimit: ADDRESSES.length, DefaultInstanceName: STACK };
    const { ActivationId, ActivationCode } = await ssm.send(new CreateActivationCommand(activation), { abortSignal: signal });
    const register = `amazon-ssm-agent -register -code '${ActivationCode}' -id '${ActivationId}' -region '${cloud.region}'`;
    const started = ADDRESSES.map(async (ip) => {
      const { nodeId } = await startMachine(cloud, `${STACK}-${ip}`, ip, bootScript(register));
      if (nodeId === undefined) throw new Error(`the server ${ip} did not become a managed node`);
      return nodeId;
    });
    const clusterPorts = await Promise.all(ADDRESSES.map(() => freePort()));
    const ids = await Promise.all(started);
    signal.throwIfAborted();
    const of = (name: keyof typeof SUBNETS | 'Vpc') => outputs.get(name) ?? '';
    return {
      network: {
        vpcId: of('Vpc'),
        webSubnetIds: [of('WebSubnetA'), of('WebSubnetB')],
        storeSubnetIds: [of('StoreSubnetA'), of('StoreSubnetB')],
      },
      existing: nodesOf(port, ids, clusterPorts),
    };
  } finally {
    cloudFormation.destroy();
    ssm.destroy();
  }
}

async function createNetwork(cloudFormation: CloudFormationClient, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const template = { TemplateBody: JSON.stringify(networkTemplate()), Capabilities: ['CAPABILITY_NAMED_IAM' as const] };
  await cloudFormation.send(new CreateStackCommand({ StackName: STACK, ...template }), { abortSignal: signal });
  const deadline = Date.now() + STACK_LIMIT_MS;
  for (;;) {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }), { abortSignal: signal });
    const { StackStatus, StackStatusReason, Outputs = [] } = Stacks?.[0] ?? {};
    if (StackStatus === 'CREATE_COMPLETE') return new Map(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
    if (StackStatus !== 'CREATE_IN_PROGRESS' || Date.now() > deadline)
      throw new Error(`the network of the servers on premises was not created: ${StackStatus} ${StackStatusReason ?? ''}`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

const ref = (Ref: string): object => ({ Ref });

/** A VPC with the subnets that Holdfast needs, and the role of the servers. */
const networkTemplate = (): object => ({
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
    Nodes: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: ROLE,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'ssm.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
      },
    },
  },
  Outputs: Object.fromEntries(['Vpc', ...Object.keys(SUBNETS)].map((name) => [name, { Value: ref(name) }])),
});

/** Registers the server, and runs what its owner had there: pages that are files, without sessions. */
const bootScript = (register: string): string => `#!/bin/bash
set -euo pipefail
${register}
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
