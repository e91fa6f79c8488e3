/** The fleet that both cases roll, as any client of AWS has it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { type CommandInvocation, GetCommandInvocationCommand, ListCommandInvocationsCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Cloud } from '../../cli/cloud.ts';
import { DOCUMENT_STEPS, DOCUMENTS, SUSPENDED_PROCESSES } from '../../functions/deploy/contract.ts';
import { installParameters } from '../../functions/deploy/instance-commands.ts';
import { CLIENT_OPTIONS } from '../../functions/shared/client-options.ts';
import { autoScalingGroupName, documentName, targetGroupName } from '../../functions/shared/naming.ts';
import { createRunCommand } from '../../functions/shared/run-command.ts';
import type { CloudState } from '../../local/cloud-state.ts';
import { LOCAL_CREDENTIALS } from '../../local/local-account.ts';
import type { Stretch } from './measure-overhead.ts';
import type { ServerActions } from './seed-script.ts';

const POLL_MS = 100;
const INSTALL_LIMIT_MS = 120_000;
const HEALTHY_LIMIT_MS = 120_000;
const HTTP_LIMIT_MS = 5_000;

export interface LocalFleet {
  /** Ids, in the order in which both cases go. */
  servers(): Promise<readonly string[]>;
  /** What the seed's script does, installing `version`. */
  actions(version: string): ServerActions;
  /** Runs `work` while Auto Scaling leaves the servers alone, as in the script's world, which has none. */
  withoutAutoScaling<T>(work: () => Promise<T>): Promise<T>;
  untilHealthy(count: number): Promise<void>;
  /** When each server was registered and then healthy, while `work` runs. */
  watchHealth<T>(work: () => Promise<T>): Promise<{ result: T; untilHealthy: ReadonlyMap<string, Stretch> }>;
  /** What was sent to an instance since then: from the moment that Run Command has it to its end by the agent's own clock. */
  commandsSince(instanceId: string, sinceMs: number): Promise<readonly Stretch[]>;
  /** States entered by an execution and by the children that it started. */
  transitions(executionArn: string): Promise<number>;
  close(): void;
}

export async function openFleet(cloud: Cloud, { gatewayUrl, region, runFolder }: CloudState): Promise<LocalFleet> {
  const client = { region, endpoint: gatewayUrl, credentials: LOCAL_CREDENTIALS, ...CLIENT_OPTIONS };
  const elb = new ElasticLoadBalancingV2Client(client);
  const autoScaling = new AutoScalingClient(client);
  const ssm = new SSMClient(client);
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
      async takeOut(server) {
        await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: server }] }));
      },
      async putBack(server) {
        await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: server }] }));
      },
      async install(server) {
        const release = await records.getRelease(fleet, version);
        if (!release) throw new Error(`release ${version} was not published`);
        const token = (await records.getLock(fleet))?.fencingToken ?? 0;
        const commandId = await runCommand.send({
          documentName: documentName(installation, DOCUMENTS.install),
          instanceId: server,
          parameters: installParameters(release, token, region),
          comment: 'seed script',
        });
        const deadline = Date.now() + INSTALL_LIMIT_MS;
        for (;;) {
          const command = await runCommand.look(commandId, server, DOCUMENT_STEPS.install);
          if (command.state === 'succeeded') return;
          if (command.state === 'failed' || Date.now() > deadline) throw new Error(`the install on ${server} did not succeed`);
          await sleep(POLL_MS);
        }
      },
      async askHealth(server) {
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
      const deadline = Date.now() + HEALTHY_LIMIT_MS;
      for (;;) {
        const states = [...(await health()).values()];
        if (states.filter((state) => state === 'healthy').length === count) return;
        if (Date.now() > deadline) throw new Error(`${count} healthy servers were expected; they are: ${states.join(', ')}`);
        await sleep(POLL_MS);
      }
    },
    async watchHealth(work) {
      const registered = new Map<string, number>();
      const untilHealthy = new Map<string, Stretch>();
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
      const stretches: Stretch[] = [];
      for (const { CommandId, RequestedDateTime } of listed) {
        if ((RequestedDateTime?.getTime() ?? 0) < sinceMs - 1_000) continue;
        const { ExecutionEndDateTime } = await ssm.send(
          new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId, PluginName: undefined }),
        );
        const stretch = { startMs: RequestedDateTime?.getTime() ?? 0, endMs: Date.parse(ExecutionEndDateTime ?? '') };
        if (stretch.endMs >= sinceMs) stretches.push(stretch);
      }
      return stretches;
    },
    async transitions(executionArn) {
      let entered = 0;
      const open = [executionArn];
      for (const arn of open) {
        let nextToken: string | undefined;
        do {
          const page = await cloud.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1_000, nextToken }));
          for (const event of page.events ?? []) {
            if (event.type?.endsWith('StateEntered')) entered += 1;
            const child = event.taskSubmittedEventDetails?.resourceType === 'states' && event.taskSubmittedEventDetails.output;
            if (child) open.push((JSON.parse(child) as { ExecutionArn: string }).ExecutionArn);
          }
          nextToken = page.nextToken;
        } while (nextToken);
      }
      return entered;
    },
    close() {
      for (const { destroy } of [elb, autoScaling, ssm].map((service) => ({ destroy: () => service.destroy() }))) destroy();
    },
  };
}
