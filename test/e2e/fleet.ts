/** What scenarios do with the kept cloud: clients as any AWS user has them, releases of every kind, and the state of the fleet. */
import path from 'node:path';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetExecutionHistoryCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { inject } from 'vitest';
import { type DeployOutcome, followDeploy } from '../../cli/deploy/follow-deploy.ts';
import { connectPublisher, publishRelease } from '../../cli/releases/connect-publisher.ts';
import { autoScalingGroupName, targetGroupName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { buildExample } from './bad-releases.ts';
import { openCloud, type ScenarioCloud } from './open-cloud.ts';

export const kept = inject('cloud');
const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
export const elb = new ElasticLoadBalancingV2Client(client);
export const autoScaling = new AutoScalingClient(client);
export const ssm = new SSMClient(client);
export const elastiCache = new ElastiCacheClient(client);
export const secrets = new SecretsManagerClient(client);
export const GROUP = autoScalingGroupName('holdfast', 'web');

let connected: Promise<ScenarioCloud> | undefined;
export const cloud = (): Promise<ScenarioCloud> => (connected ??= openCloud({ fleet: 'web' }));

/** Release that the fleet's record names. */
export async function currentVersion(): Promise<string> {
  const { records, fleet } = await cloud();
  return (await records.getFleet(fleet))?.currentVersion as string;
}

/** Names of the states that an execution has entered, of its last thousand events. */
export async function statesOf(executionArn: string): Promise<string[]> {
  const { stepFunctions } = await cloud();
  const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000, reverseOrder: true }));
  return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
}

export async function targetHealth(): Promise<Record<string, string>> {
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', 'web')] }));
  const { TargetHealthDescriptions = [] } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn }),
  );
  return Object.fromEntries(TargetHealthDescriptions.map((target) => [target.Target?.Id as string, target.TargetHealth?.State as string]));
}

export async function suspendedProcesses(): Promise<string[]> {
  const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] }));
  return (AutoScalingGroups?.[0]?.SuspendedProcesses ?? []).map((process) => process.ProcessName as string).sort();
}

export async function groupInstances(): Promise<{ id: string; state: string }[]> {
  const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] }));
  return (AutoScalingGroups?.[0]?.Instances ?? []).map((instance) => ({
    id: instance.InstanceId as string,
    state: instance.LifecycleState as string,
  }));
}

/** Release on each instance by the records. */
export async function versions(): Promise<Record<string, string>> {
  const { records, fleet } = await cloud();
  const members = new Set((await groupInstances()).map(({ id }) => id));
  return Object.fromEntries(
    (await records.getInstances(fleet))
      .filter(({ instanceId }) => members.has(instanceId))
      .map(({ instanceId, version }) => [instanceId, version]),
  );
}

/** A server that an earlier scenario replaced is on its way out for longer than it is a target. */
export const untilHealthy = (count: number): Promise<true> =>
  until(async () => {
    const states = Object.values(await targetHealth());
    const isLeaving = (await groupInstances()).some(({ state }) => state.startsWith('Terminating'));
    return !isLeaving && states.length === count && states.every((state) => state === 'healthy') ? true : undefined;
  }, `${count} healthy targets and no other, and no server that is leaving`);

export async function startDeploy(input: unknown): Promise<string> {
  const { stepFunctions, deployStateMachineArn } = await cloud();
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: deployStateMachineArn, input: JSON.stringify(input) }),
  );
  return executionArn as string;
}

export async function untilEnded(executionArn: string): Promise<DeployOutcome> {
  return (await followDeploy(await cloud(), executionArn, () => {})) as DeployOutcome;
}

export const deploy = async (version: string, more: object = {}): Promise<DeployOutcome> =>
  untilEnded(await startDeploy({ version, ...more }));

/** The deploy's record. */
export const recordOf = async (executionArn: string) => {
  const { records, fleet } = await cloud();
  return records.getDeploy(fleet, executionArn.split(':').at(-1) as string);
};

/** Publishes the example, or a folder, under a version. */
export async function publish(version: string, folder?: string): Promise<void> {
  const source = folder ?? path.join(kept.runFolder, 'example', version);
  if (!folder) await buildExample(source, version);
  const publisher = connectPublisher(await cloud());
  const request = { publisher, version, path: source, workFolder: path.join(kept.runFolder, 'release-work') };
  await publishRelease(request).finally(() => publisher.close());
}

/** Publishes a release that something is wrong with (bad-releases.ts). */
export async function publishBad(version: string, make: (folder: string, version: string) => Promise<void>): Promise<void> {
  const folder = path.join(kept.runFolder, 'bad', version);
  await make(folder, version);
  await publish(version, folder);
}

/** Runs a script on instances by Run Command, as an operator would; gives what it printed on each. */
export async function runOn(instanceIds: readonly string[], script: string): Promise<string[]> {
  const { Command } = await ssm.send(
    new SendCommandCommand({ InstanceIds: [...instanceIds], DocumentName: 'AWS-RunShellScript', Parameters: { commands: [script] } }),
  );
  const printed: string[] = [];
  for (const InstanceId of instanceIds) {
    const reply = await until(async () => {
      const found = await ssm.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId })).catch(() => undefined);
      return ['Success', 'Failed', 'TimedOut'].includes(found?.Status ?? '') ? found : undefined;
    }, `the script on ${InstanceId}`);
    printed.push(reply.StandardOutputContent ?? '');
  }
  return printed;
}

/**
 * SIGKILL to the application's process on an instance; false when it does not run, or is not of the release that is named.
 * systemd starts it again after a while.
 */
export async function killServer(instanceId: string, version?: string): Promise<boolean> {
  const isWanted = version === undefined ? 'true' : `[ "$(readlink "$HOLDFAST_ROOT/current")" = "releases/${version}" ]`;
  const pid = "$(systemctl status holdfast-app | sed -n 's/^ Main PID: //p')";
  const [printed] = await runOn([instanceId], `${isWanted} && kill -KILL ${pid} && echo killed`);
  return printed?.includes('killed') === true;
}

/** The application's own sign-in to the session store. */
export async function applicationSecret(): Promise<{ username: string; password: string }> {
  const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
  const { SecretString } = await secrets.send(
    new GetSecretValueCommand({
      SecretId: (
        SecretList.find(({ Name }) => Name?.includes('ApplicationSecretweb')) ?? SecretList.find(({ Name }) => !Name?.includes('/'))
      )?.ARN,
    }),
  );
  return JSON.parse(SecretString as string) as { username: string; password: string };
}

/** Processes by which Auto Scaling replaces a server that is unhealthy. */
export const REPLACING = { AutoScalingGroupName: GROUP, ScalingProcesses: ['HealthCheck', 'ReplaceUnhealthy'] };

/** Does work that starts servers again. Auto Scaling would replace one that is unhealthy for a moment meanwhile. */
export async function withoutReplacing<T>(work: () => Promise<T>): Promise<T> {
  await autoScaling.send(new SuspendProcessesCommand(REPLACING));
  try {
    const result = await work();
    await untilHealthy(3);
    return result;
  } finally {
    await autoScaling.send(new ResumeProcessesCommand(REPLACING));
  }
}
