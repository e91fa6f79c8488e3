/** Elastic Load Balancing, Auto Scaling and Systems Manager. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AddRoleToInstanceProfileCommand, CreateInstanceProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateDocumentCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  PutParameterCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Ability, ClientConfig, PlaceConfig } from './ability.ts';
import { eventually, makeRole, makeStack, must, mustRefuse, name } from './calls.ts';

const IMAGE = { ImageId: 'ami-12345678', InstanceType: 't3.micro' as const };
const PORT = 8080;
/** Answers every request. A machine of the local cloud listens on a port of its own. */
const SERVES = `#!/bin/bash
cd "$(mktemp -d)" && echo hello > index.html
python3 -m http.server "\${HOLDFAST_LOCAL_PORT:-${PORT}}" --bind "\${HOLDFAST_LOCAL_HOST:-0.0.0.0}" > /dev/null 2>&1 &
`;

/** Id of an instance, of a stack. @param role of its instance profile */
async function makeInstance(config: ClientConfig, userData: string, role?: string): Promise<string> {
  const profile = role === undefined ? {} : { IamInstanceProfile: await makeProfile(config, role) };
  const Properties = { ...IMAGE, ...profile, UserData: Buffer.from(userData).toString('base64') };
  const { ids } = await makeStack(config, { Server: { Type: 'AWS::EC2::Instance', Properties } });
  return ids.get('Server') ?? '';
}

async function makeProfile(config: ClientConfig, RoleName: string): Promise<string> {
  const [iam, InstanceProfileName] = [new IAMClient(config), name()];
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
  return InstanceProfileName;
}

/** Two subnets of the default VPC. */
async function findSubnets(config: ClientConfig): Promise<{ vpcId: string; ids: string[] }> {
  const Filters = [{ Name: 'default-for-az', Values: ['true'] }];
  const { Subnets = [] } = await new EC2Client(config).send(new DescribeSubnetsCommand({ Filters }));
  must(Subnets.length > 1, 'there is no default VPC with two subnets');
  return { vpcId: Subnets[0]?.VpcId ?? '', ids: Subnets.slice(0, 2).map(({ SubnetId = '' }) => SubnetId) };
}

/** A load balancer in front of one instance, once that is healthy. */
async function balance(config: PlaceConfig) {
  const client = new ElasticLoadBalancingV2Client(config);
  const { vpcId, ids } = await findSubnets(config);
  const { TargetGroups } = await client.send(
    new CreateTargetGroupCommand({
      ...{ Name: name(), Protocol: 'HTTP', Port: PORT, VpcId: vpcId, TargetType: 'instance' },
      ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 },
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
  const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: name(), Subnets: ids }));
  const { LoadBalancerArn = '', DNSName } = LoadBalancers?.[0] ?? {};
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
  await client.send(new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }));
  const Targets = [{ Id: await makeInstance(config, SERVES) }];
  await client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  const state = async () => {
    const { TargetHealthDescriptions } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn, Targets }));
    return TargetHealthDescriptions?.[0]?.TargetHealth?.State;
  };
  await eventually('the target was not healthy', async () => ((await state()) === 'healthy' ? true : undefined));
  const url = config.listenerUrl?.(LoadBalancerArn, 80) ?? `http://${DNSName}/`;
  return { client, TargetGroupArn, Targets, url, state };
}

/** A group of one instance at most. */
async function makeGroup(config: ClientConfig, DesiredCapacity: number) {
  const client = new AutoScalingClient(config);
  const { ids } = await findSubnets(config);
  const [LaunchTemplateName, AutoScalingGroupName] = [name(), name()];
  await new EC2Client(config).send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: IMAGE }));
  const LaunchTemplate = { LaunchTemplateName, Version: '$Latest' };
  const sizes = { MinSize: 0, MaxSize: 1, DesiredCapacity };
  await client.send(
    new CreateAutoScalingGroupCommand({ AutoScalingGroupName, LaunchTemplate, ...sizes, VPCZoneIdentifier: ids.join(',') }),
  );
  return { client, AutoScalingGroupName };
}

const DOCUMENT = {
  schemaVersion: '2.2',
  parameters: { text: { type: 'String' } },
  mainSteps: [{ action: 'aws:runShellScript', name: 'show', inputs: { runCommand: ['echo {{ text }} | tr a-z A-Z'] } }],
};

export const SERVERS: readonly Ability[] = [
  {
    service: 'Elastic Load Balancing',
    what: 'finds that a registered instance is healthy, and forwards requests to it',
    async show(config) {
      const { url } = await balance(config);
      const reply = await (await fetch(url)).text();
      must(reply === 'hello\n', `the reply is ${reply.slice(0, 80)}`);
    },
  },
  {
    service: 'Elastic Load Balancing',
    what: 'reports a deregistered instance as draining, and sends it no new requests',
    async show(config) {
      const { client, TargetGroupArn, Targets, url, state } = await balance(config);
      await client.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
      const now = await state();
      must(now === 'draining', `the target is ${now}`);
      await eventually('requests were still forwarded', async () => ((await fetch(url)).status === 503 ? true : undefined));
    },
  },
  {
    service: 'Auto Scaling',
    what: 'refuses a capacity above a group’s maximum',
    async show(config) {
      const { client, AutoScalingGroupName } = await makeGroup(config, 0);
      await mustRefuse(/^Validation/, client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 2 })));
    },
  },
  {
    service: 'Auto Scaling',
    what: 'starts a group’s instances, and replaces one that was terminated',
    async show(config) {
      const { client, AutoScalingGroupName } = await makeGroup(config, 1);
      const inService = (except?: string) =>
        eventually('no instance was in service', async () => {
          const found = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] });
          const { Instances = [] } = (await client.send(found)).AutoScalingGroups?.[0] ?? {};
          return Instances.find((one) => one.LifecycleState === 'InService' && one.InstanceId !== except)?.InstanceId;
        });
      const InstanceId = await inService();
      await client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false }));
      await inService(InstanceId);
    },
  },
  {
    service: 'Systems Manager',
    what: 'runs a document’s command on an instance, and returns the output',
    async show(config) {
      const [client, Name] = [new SSMClient(config), name()];
      await client.send(new CreateDocumentCommand({ Name, DocumentType: 'Command', Content: JSON.stringify(DOCUMENT) }));
      const role = await makeRole(config, 'ssm:UpdateInstanceInformation', 'ssmmessages:*', 'ec2messages:*');
      const InstanceId = await makeInstance(config, '#!/bin/bash\n', role.name);
      const send = new SendCommandCommand({ DocumentName: Name, InstanceIds: [InstanceId], Parameters: { text: ['hello'] } });
      // An instance takes a moment until its agent is there.
      const { Command } = await eventually('the command was refused', () => client.send(send).catch(() => undefined));
      // AWS knows a new command's invocations a moment later.
      await sleep(1_000);
      const { Status, StandardOutputContent } = await eventually('the command did not end', async () => {
        const found = await client.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId }));
        return found.Status === 'Pending' || found.Status === 'InProgress' ? undefined : found;
      });
      must(Status === 'Success' && StandardOutputContent === 'HELLO\n', `it ended as ${Status} with ${StandardOutputContent}`);
    },
  },
  {
    service: 'Systems Manager',
    what: 'refuses to run a command on an instance that it does not know',
    async show(config) {
      const [client, DocumentName] = [new SSMClient(config), name()];
      await client.send(new CreateDocumentCommand({ Name: DocumentName, DocumentType: 'Command', Content: JSON.stringify(DOCUMENT) }));
      const send = new SendCommandCommand({ DocumentName, InstanceIds: ['i-00000000000000000'], Parameters: { text: ['hello'] } });
      await mustRefuse(/^InvalidInstanceId/, client.send(send));
    },
  },
  {
    service: 'Systems Manager',
    what: 'keeps the earlier versions of a parameter',
    async show(config) {
      const [client, Name] = [new SSMClient(config), name()];
      await client.send(new PutParameterCommand({ Name, Value: 'first', Type: 'String' }));
      await mustRefuse(/^ParameterAlreadyExists/, client.send(new PutParameterCommand({ Name, Value: 'second', Type: 'String' })));
      await client.send(new PutParameterCommand({ Name, Value: 'second', Overwrite: true }));
      const read = async (version: string) => (await client.send(new GetParameterCommand({ Name: `${Name}${version}` }))).Parameter?.Value;
      const values = `${await read(':1')} ${await read('')}`;
      must(values === 'first second', `it returns ${values}`);
    },
  },
];
