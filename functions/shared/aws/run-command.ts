import {
  CancelCommandCommand,
  DescribeDocumentCommand,
  GetCommandInvocationCommand,
  paginateDescribeInstanceInformation,
  paginateListCommandInvocations,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { isAwsError } from './classify-aws-error.ts';
import { type Commands, commandStateOf, RUNNING, sendCommandInput, stateUntilVisible } from './commands.ts';

export interface Agent {
  readonly instanceId: string;
  readonly version: string;
  readonly online: boolean;
}

/** Systems Manager Run Command, one instance at a time. */
export interface RunCommand extends Commands {
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

export function createRunCommand(client: SSMClient): RunCommand {
  return {
    async send(order) {
      const { Command } = await client.send(new SendCommandCommand(sendCommandInput(order)));
      return Command?.CommandId ?? '';
    },
    async describe(commandId, instanceId, step) {
      try {
        return commandStateOf(
          await client.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId, PluginName: step })),
        );
      } catch (error) {
        return stateUntilVisible(error);
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

/** Values of one filter; it takes 100. */
const AGENTS_AT_ONCE = 50;
/** A page can be short, or empty, and more comes after it. @see https://github.com/aws/aws-cli/issues/2626 */
const MOST_AGENT_PAGES = 20;

export function createAgents(client: SSMClient): Agents {
  return {
    async describe(instanceIds) {
      const agents: Agent[] = [];
      for (let from = 0; from < instanceIds.length; from += AGENTS_AT_ONCE) {
        const Filters = [{ Key: 'InstanceIds', Values: instanceIds.slice(from, from + AGENTS_AT_ONCE) }];
        let pages = 0;
        for await (const { InstanceInformationList = [] } of paginateDescribeInstanceInformation(
          { client, pageSize: AGENTS_AT_ONCE },
          { Filters },
        )) {
          for (const { InstanceId = '', AgentVersion = '', PingStatus } of InstanceInformationList) {
            agents.push({ instanceId: InstanceId, version: AgentVersion, online: PingStatus === 'Online' });
          }
          if (++pages >= MOST_AGENT_PAGES) break;
        }
      }
      return agents;
    },
  };
}
