import {
  CancelCommandCommand,
  DescribeDocumentCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  paginateListCommandInvocations,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { isAwsError } from './classify-aws-error.ts';

/** State of a command on its one instance. */
export type CommandState =
  /** `undelivered` while no agent has fetched it. */
  | { readonly state: 'running'; readonly undelivered?: true }
  | { readonly state: 'succeeded' | 'failed'; readonly statusDetails: string; readonly output: string; readonly errorOutput: string };

export interface CommandOrder {
  readonly documentName: string;
  /** A number. @default the latest version */
  readonly documentVersion?: string;
  readonly instanceId: string;
  readonly parameters: object;
  /** Shown in the console; at most 100 characters are kept. */
  readonly comment: string;
}

/** An SSM agent. */
export interface Agent {
  readonly instanceId: string;
  readonly version: string;
  readonly online: boolean;
}

/** Systems Manager Run Command, one instance at a time. */
export interface RunCommand {
  /** @returns the command's id */
  send(order: CommandOrder): Promise<string>;
  /** @param step the document's step whose state and output to return; without it, those of the whole command */
  describe(commandId: string, instanceId: string, step?: string): Promise<CommandState>;
  cancel(commandId: string, instanceId: string): Promise<void>;
  /**
   * The number of a document's latest version: the one that the latest `cdk deploy` created. Whether CloudFormation also makes it
   * the default one is documented and contested.
   * @throws the SDK's errors, such as InvalidDocument
   * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2539
   */
  latestVersion(documentName: string): Promise<string>;
}

/** SSM agents; an instance whose agent never registered is missing. */
export interface Agents {
  describe(instanceIds: readonly string[]): Promise<readonly Agent[]>;
}

/** Time for the agent to start the command. The API's minimum is 30 s; an agent polls more often than that. */
const DELIVERY_TIMEOUT_SECONDS = 60;

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
const UNDELIVERED = new Set(['Pending', 'Delayed']);
const RUNNING = new Set([...UNDELIVERED, 'InProgress', 'Cancelling']);

export function createRunCommand(client: SSMClient): RunCommand {
  return {
    async send({ documentName, documentVersion = '$LATEST', instanceId, parameters, comment }) {
      const { Command } = await client.send(
        new SendCommandCommand({
          DocumentName: documentName,
          DocumentVersion: documentVersion,
          InstanceIds: [instanceId],
          TimeoutSeconds: DELIVERY_TIMEOUT_SECONDS,
          Comment: comment.slice(0, 100),
          Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [String(value)]])),
        }),
      );
      return Command?.CommandId ?? '';
    },
    async describe(commandId, instanceId, step) {
      try {
        const reply = await client.send(
          new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId, PluginName: step }),
        );
        const { Status = 'Pending' } = reply;
        if (UNDELIVERED.has(Status)) return { state: 'running', undelivered: true };
        if (RUNNING.has(Status)) return { state: 'running' };
        return {
          state: Status === 'Success' ? 'succeeded' : 'failed',
          statusDetails: reply.StatusDetails ?? Status,
          output: reply.StandardOutputContent ?? '',
          errorOutput: reply.StandardErrorContent ?? '',
        };
      } catch (error) {
        // Reads are eventually consistent: until the invocation is visible, the API returns one of these errors.
        if (isAwsError(error, 'InvocationDoesNotExist', 'InvalidPluginName')) return { state: 'running', undelivered: true };
        throw error;
      }
    },
    async cancel(commandId, instanceId) {
      await client.send(new CancelCommandCommand({ CommandId: commandId, InstanceIds: [instanceId] }));
    },
    latestVersion: (documentName) => latestVersionOf(client, documentName),
  };
}

/** {@link RunCommand.latestVersion}, for a function that sends no commands. */
export async function latestVersionOf(client: SSMClient, documentName: string): Promise<string> {
  const { Document } = await client.send(new DescribeDocumentCommand({ Name: documentName }));
  if (!Document?.LatestVersion) throw new Error(`DescribeDocument returned no latest version of document ${documentName}`);
  return Document.LatestVersion;
}

/** Commands that are still running on an instance, regardless of their sender. */
export interface RunningCommands extends Pick<RunCommand, 'cancel'> {
  /**
   * Ids of commands that have not ended, sent since `sinceMs`, with one of the documents.
   * @param known checked by its id: a command that no agent has fetched yet can be missing from the instance's list
   */
  running(instanceId: string, sinceMs: number, known: string | undefined): Promise<readonly string[]>;
}

/** Maximum number of pages of 50: a drain of three hours sends a command every ten seconds, 1,080 in all. */
const MAX_PAGES = 30;

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListCommandInvocations.html */
export function createRunningCommands(client: SSMClient, documentNames: readonly string[]): RunningCommands {
  const { describe, cancel } = createRunCommand(client);
  const listed = async (instanceId: string, sinceMs: number) => {
    const found: string[] = [];
    const since = new Date(sinceMs).toISOString().replace(/[.]\d+Z$/, 'Z');
    let pages = 0;
    for await (const { CommandInvocations = [] } of paginateListCommandInvocations(
      { client, pageSize: 50 },
      { InstanceId: instanceId, Filters: [{ key: 'InvokedAfter', value: since }] },
    )) {
      for (const { CommandId, DocumentName = '', Status = '' } of CommandInvocations) {
        if (CommandId !== undefined && documentNames.includes(DocumentName) && RUNNING.has(Status)) found.push(CommandId);
      }
      if (++pages >= MAX_PAGES) break;
    }
    return found;
  };
  return {
    cancel,
    async running(instanceId, sinceMs, known) {
      const found = await listed(instanceId, sinceMs).catch((error: unknown) => {
        if (isAwsError(error, 'InvalidInstanceId')) return [] as string[]; // the instance is gone
        throw error;
      });
      if (known === undefined || found.includes(known)) return found;
      return (await describe(known, instanceId)).state === 'running' ? [...found, known] : found;
    },
  };
}

export function createAgents(client: SSMClient): Agents {
  return {
    async describe(instanceIds) {
      const agents: Agent[] = [];
      // The filter takes 100 values, a page holds 50.
      for (let from = 0; from < instanceIds.length; from += 50) {
        const { InstanceInformationList = [] } = await client.send(
          new DescribeInstanceInformationCommand({
            Filters: [{ Key: 'InstanceIds', Values: instanceIds.slice(from, from + 50) }],
            MaxResults: 50,
          }),
        );
        for (const { InstanceId = '', AgentVersion = '', PingStatus } of InstanceInformationList) {
          agents.push({ instanceId: InstanceId, version: AgentVersion, online: PingStatus === 'Online' });
        }
      }
      return agents;
    },
  };
}
