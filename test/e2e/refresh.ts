/** Refreshes of the kept fleet, as the command starts and follows them. */
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { type EndedExecution, followExecution } from '../../cli/follow-execution.ts';
import type { RefreshRecord } from '../../functions/records/refresh-records.ts';
import { autoScaling, cloud, GROUP } from './fleet.ts';

export async function startRefresh(input: object = {}): Promise<string> {
  const { stepFunctions, refreshStateMachineArn: stateMachineArn } = await cloud();
  const { executionArn } = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  return executionArn as string;
}

export async function untilRefreshed(executionArn: string): Promise<EndedExecution> {
  return (await followExecution(await cloud(), executionArn, async (ended) => ended)) as EndedExecution;
}

export async function stopRefresh(executionArn: string): Promise<void> {
  await (await cloud()).stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Aborted', cause: 'stopped by a scenario' }));
}

/** Undefined while another refresh is the fleet's latest. */
export async function refreshOf(executionArn: string): Promise<RefreshRecord | undefined> {
  const { refreshes, fleet } = await cloud();
  const record = await refreshes.getRefresh(fleet);
  return record?.executionArn === executionArn ? record : undefined;
}

/** What each member of the group was launched from. */
export async function templateVersions(): Promise<Record<string, string>> {
  const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] }));
  const members = (AutoScalingGroups?.[0]?.Instances ?? []).filter(({ LifecycleState }) => !LifecycleState?.startsWith('Terminating'));
  return Object.fromEntries(members.map(({ InstanceId = '', LaunchTemplate }) => [InstanceId, LaunchTemplate?.Version ?? '']));
}
