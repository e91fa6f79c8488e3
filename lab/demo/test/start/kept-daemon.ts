/** The process that owns a local cloud, without stacks: what it starts can be made by AWS calls within a second. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CloudState } from '../../../../cli/cloud-state.ts';
import { readSetup } from '../../../../setup/read-setup.mjs';
import { until } from '../../../../test/until.ts';
import { zip } from '../../../../test/zip.ts';
import type { DaemonAnswer, DaemonMessage, DaemonOptions } from '../../daemon-messages.ts';
import type { Place } from './start-run.ts';

const DAEMON = path.resolve(import.meta.dirname, '../../daemon.ts');
let lastRun = 0;

export interface KeptDaemon {
  readonly child: ChildProcess;
  /** Ready with the state, or why not. */
  readonly answer: Promise<DaemonAnswer>;
  readonly state: Promise<CloudState>;
}

export function startDaemonIn(place: Place, options: Partial<DaemonOptions> = {}): KeptDaemon {
  lastRun += 1;
  const all: DaemonOptions = {
    ...{ runId: `run-${lastRun}`, fleet: 'web', realTime: false, server: {} },
    ...{ gatewayPort: 0, pagePort: 0, loadBalancerPort: 0 },
    ...options,
  };
  const child = fork(DAEMON, [JSON.stringify(all)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true,
    env: place.environment(),
  });
  const answer = new Promise<DaemonAnswer>((resolve, reject) => {
    child.on('message', (message: DaemonMessage) => {
      if (message.type !== 'opened') resolve(message);
    });
    child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`)));
  });
  answer.catch(() => {});
  const state = answer.then((message) => {
    if (message.type === 'failed') throw new Error(message.message);
    return message.state;
  });
  state.catch(() => {});
  return { child, answer, state };
}

const USER_DATA = `#!/bin/bash
cat >"$HOME/app.service" <<END
[Service]
ExecStart=/bin/sleep 301
END
systemctl link "$HOME/app.service"
systemctl start app
`;

const trusting = (Service: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }] });

/** One of everything that the local cloud starts: store, its Sentinel, a function's environment, a machine's service, a script on it. */
export async function startOneOfEach({ gatewayUrl, region, credentials }: CloudState): Promise<void> {
  const client = { region, endpoint: gatewayUrl, credentials };
  const iam = new IAMClient(client);
  const store = async () => {
    const group = {
      ReplicationGroupId: 'store',
      ReplicationGroupDescription: 'x',
      Engine: readSetup().storeEngine,
      CacheNodeType: 'cache.t4g.micro',
    };
    await new ElastiCacheClient(client).send(
      new CreateReplicationGroupCommand({ ...group, NumCacheClusters: 2, AutomaticFailoverEnabled: true }),
    );
  };
  const worker = async () => {
    const lambda = new LambdaClient(client);
    const Code = { ZipFile: await zip({ 'index.mjs': 'export const handler = async () => 1;' }) };
    const Role = 'arn:aws:iam::000000000000:role/r';
    await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: trusting('lambda.amazonaws.com') }));
    await lambda.send(
      new CreateFunctionCommand({ FunctionName: 'f', Runtime: 'nodejs24.x' as 'nodejs22.x', Role, Handler: 'index.handler', Code }),
    );
    await lambda.send(new InvokeCommand({ FunctionName: 'f' }));
  };
  const machine = async () => {
    // Without a role that admits it the agent is not registered.
    await iam.send(new CreateRoleCommand({ RoleName: 'm', AssumeRolePolicyDocument: trusting('ec2.amazonaws.com') }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'm', PolicyArn: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' }));
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'm' }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'm', RoleName: 'm' }));
    const LaunchTemplateData = {
      IamInstanceProfile: { Name: 'm' },
      ImageId: 'ami-1',
      InstanceType: 't4g.small' as const,
      UserData: Buffer.from(USER_DATA).toString('base64'),
    };
    await new EC2Client(client).send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 't', LaunchTemplateData }));
    const size = { MinSize: 1, MaxSize: 1, AvailabilityZones: [`${region}a`] };
    const LaunchTemplate = { LaunchTemplateName: 't', Version: '$Latest' };
    await new AutoScalingClient(client).send(new CreateAutoScalingGroupCommand({ AutoScalingGroupName: 'g', LaunchTemplate, ...size }));
    const command = { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['sleep 302'] } };
    const ssm = new SSMClient(client);
    const Targets = [{ Key: 'tag:aws:autoscaling:groupName', Values: ['g'] }];
    await until(async () => {
      const { Command } = await ssm.send(new SendCommandCommand({ ...command, Targets }));
      return (Command?.TargetCount ?? 0) > 0;
    }, 'a script runs on the machine');
  };
  await Promise.all([store(), worker(), machine()]);
}
