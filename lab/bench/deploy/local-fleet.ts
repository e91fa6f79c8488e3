/** The fleet that both cases roll, as any client of AWS sees it. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { type CommandInvocation, GetCommandInvocationCommand, ListCommandInvocationsCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CloudState } from '../../../cli/cloud-state.ts';
import type { DeployCloud } from '../../../cli/deploy/deploy.ts';
import { SUSPENDED_PROCESSES } from '../../../functions/deploy/contract/common.ts';
import { DOCUMENT_STEPS, DOCUMENTS, type WaitIdleOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { installParameters } from '../../../functions/instance/instance-commands.ts';
import { CLIENT_OPTIONS } from '../../../functions/shared/aws/client-options.ts';
import { createRunCommand } from '../../../functions/shared/aws/run-command.ts';
import {
  autoScalingGroupName,
  documentName,
  fleetAlarmName,
  releasesBucketName,
  targetGroupName,
} from '../../../functions/shared/naming.ts';
import { waitUntil } from '../../processes/wait.ts';
import { countStates } from './count-states.ts';
import type { Span } from './measure-overhead.ts';
import type { ServerActions } from './shell-script.ts';

const POLL_MS = 100;
const INSTALL_LIMIT_MS = 120_000;
const HEALTHY_LIMIT_MS = 120_000;
const HTTP_LIMIT_MS = 5_000;

export interface LocalFleet {
  /** Ids, in the order in which both cases roll them. */
  servers(): Promise<readonly string[]>;
  /** The shell script's steps, installing `version`. */
  actions(version: string): ServerActions;
  /** Runs `work` while Auto Scaling leaves the servers alone: the script knows of none. */
  withoutAutoScaling<T>(work: () => Promise<T>): Promise<T>;
  untilHealthy(count: number): Promise<void>;
  /** @throws Error while the alarm on the servers' 5xx is in ALARM */
  refuseErrors(): Promise<void>;
  /** When each server was registered and then healthy, while `work` runs. */
  watchHealth<T>(work: () => Promise<T>): Promise<{ result: T; untilHealthy: ReadonlyMap<string, Span> }>;
  /** Commands sent to an instance since then: from the request to their end by the agent's own clock. */
  commandsSince(instanceId: string, sinceMs: number): Promise<readonly Span[]>;
  /** What each run of wait-idle on an instance printed since then, oldest first, and when it ran. */
  drainSlices(instanceId: string, sinceMs: number): Promise<readonly (Span & { readonly output: WaitIdleOutput })[]>;
  /** States that an execution and its child executions entered. */
  transitions(executionArn: string): Promise<number>;
  close(): void;
}

export async function openFleet(cloud: DeployCloud, { gatewayUrl, region, credentials, runFolder }: CloudState): Promise<LocalFleet> {
  const client = { region, endpoint: gatewayUrl, credentials, ...CLIENT_OPTIONS };
  const elb = new ElasticLoadBalancingV2Client(client);
  const autoScaling = new AutoScalingClient(client);
  const ssm = new SSMClient(client);
  const cloudWatch = new CloudWatchClient(client);
  const runCommand = createRunCommand(ssm);
  const { installation, fleet, records } = cloud;
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName(installation, fleet)] }));
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
  const AutoScalingGroupName = autoScalingGroupName(installation, fleet);

  const health = async () => {
    const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return new Map(TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Id as string, TargetHealth?.State as string]));
  };

  return {
    async servers() {
      const { AutoScalingGroups } = await autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
      );
      return (AutoScalingGroups?.[0]?.Instances ?? []).map(({ InstanceId }) => InstanceId as string).sort();
    },
    actions: (version) => ({
      async deregister(server) {
        await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: server }] }));
      },
      async register(server) {
        await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: server }] }));
      },
      async install(server) {
        const release = await records.getRelease(fleet, version);
        if (!release) throw new Error(`release ${version} was not published`);
        const token = (await records.getLock(fleet))?.fencingToken ?? 0;
        const commandId = await runCommand.send({
          documentName: documentName(installation, DOCUMENTS.install),
          instanceId: server,
          parameters: installParameters(release, token, {
            region,
            releasesBucket: releasesBucketName(installation, cloud.account, region),
          }),
          comment: 'shell script',
        });
        const command = await waitUntil(
          `the install on ${server}`,
          async () => {
            const now = await runCommand.describe(commandId, server, DOCUMENT_STEPS.install);
            return (now.state === 'succeeded' || now.state === 'failed') && now;
          },
          { timeoutMs: INSTALL_LIMIT_MS, pollMs: POLL_MS },
        );
        if (command.state === 'failed') throw new Error(`the install on ${server} did not succeed`);
      },
      async readHealth(server) {
        const settings = await readFile(path.join(runFolder, 'instances', server, 'opt/holdfast/etc/instance.env'), 'utf8');
        const port = /^PORT="(\d+)"$/m.exec(settings)?.[1];
        return (await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(HTTP_LIMIT_MS) })).text();
      },
    }),
    async withoutAutoScaling(work) {
      const processes = { AutoScalingGroupName, ScalingProcesses: [...SUSPENDED_PROCESSES] };
      await autoScaling.send(new SuspendProcessesCommand(processes));
      try {
        return await work();
      } finally {
        await autoScaling.send(new ResumeProcessesCommand(processes));
      }
    },
    async untilHealthy(count) {
      let states: readonly string[] = [];
      const allHealthy = async () => {
        states = [...(await health()).values()];
        return states.filter((state) => state === 'healthy').length === count;
      };
      await waitUntil('the health of all servers', allHealthy, { timeoutMs: HEALTHY_LIMIT_MS, pollMs: POLL_MS }).catch((cause) => {
        throw new Error(`${count} healthy servers were expected; they are: ${states.join(', ')}`, { cause });
      });
    },
    async refuseErrors() {
      const { MetricAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames: [fleetAlarmName(installation, fleet, 'target-5xx')] }),
      );
      if (MetricAlarms.length === 0) throw new Error('there is no alarm on 5xx');
      for (const { AlarmName, StateValue } of MetricAlarms) if (StateValue === 'ALARM') throw new Error(`${AlarmName} is in ALARM`);
    },
    async watchHealth(work) {
      const registered = new Map<string, number>();
      const untilHealthy = new Map<string, Span>();
      let before = await health();
      let over = false;
      const watching = (async () => {
        while (!over) {
          const now = await health();
          for (const [id, state] of now) {
            const was = before.get(id) ?? 'unused';
            if (state === 'initial' && was !== 'initial') registered.set(id, Date.now());
            const startMs = registered.get(id);
            if (state === 'healthy' && was !== 'healthy' && startMs !== undefined) untilHealthy.set(id, { startMs, endMs: Date.now() });
          }
          before = now;
          await sleep(POLL_MS);
        }
      })();
      try {
        return { result: await work(), untilHealthy };
      } finally {
        over = true;
        await watching;
      }
    },
    async commandsSince(instanceId, sinceMs) {
      const listed: CommandInvocation[] = [];
      let NextToken: string | undefined;
      do {
        const page = await ssm.send(new ListCommandInvocationsCommand({ InstanceId: instanceId, NextToken }));
        listed.push(...(page.CommandInvocations ?? []));
        NextToken = page.NextToken;
      } while (NextToken);
      const spans: Span[] = [];
      for (const { CommandId, RequestedDateTime } of listed) {
        if ((RequestedDateTime?.getTime() ?? 0) < sinceMs - 1_000) continue;
        const { ExecutionEndDateTime } = await ssm.send(
          new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId, PluginName: undefined }),
        );
        const span = { startMs: RequestedDateTime?.getTime() ?? 0, endMs: Date.parse(ExecutionEndDateTime ?? '') };
        if (span.endMs >= sinceMs) spans.push(span);
      }
      return spans;
    },
    async drainSlices(InstanceId, sinceMs) {
      const document = documentName(installation, DOCUMENTS.waitIdle);
      const { CommandInvocations = [] } = await ssm.send(new ListCommandInvocationsCommand({ InstanceId }));
      const slices: (Span & { output: WaitIdleOutput })[] = [];
      for (const { CommandId, RequestedDateTime, DocumentName } of CommandInvocations) {
        const startMs = RequestedDateTime?.getTime() ?? 0;
        if (DocumentName !== document || startMs < sinceMs - 1_000) continue;
        const { ExecutionEndDateTime, StandardOutputContent = '' } = await ssm.send(
          new GetCommandInvocationCommand({ CommandId, InstanceId, PluginName: DOCUMENT_STEPS.waitIdle }),
        );
        const line = StandardOutputContent.trim().split('\n').at(-1) ?? '';
        slices.push({ startMs, endMs: Date.parse(ExecutionEndDateTime ?? ''), output: waitIdleOutput.parse(JSON.parse(line)) });
      }
      return slices.toSorted((a, b) => a.startMs - b.startMs);
    },
    transitions: (executionArn) =>
      countStates(executionArn, async (arn) => {
        const events: HistoryEvent[] = [];
        let nextToken: string | undefined;
        do {
          const page = await cloud.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1_000, nextToken }));
          events.push(...(page.events ?? []));
          nextToken = page.nextToken;
        } while (nextToken);
        return events;
      }),
    close() {
      for (const { destroy } of [elb, autoScaling, ssm, cloudWatch].map((service) => ({ destroy: () => service.destroy() }))) destroy();
    },
  };
}
