/** Systems Manager, as far as deploys use it. */

import type { ManagedInstance } from '#local-aws/interfaces.ts';
import { page } from '#local-aws/service/parse-input.ts';
import { AwsError } from '#local-aws/service/service.ts';
import { type CommandRecord, isOver } from '#local-aws/ssm/command-record.ts';
import { describeCommand, describeInvocation, listInvocation, passes } from '#local-aws/ssm/describe-command.ts';
import { prepareCommand } from '#local-aws/ssm/send-command.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Random } from '../../kernel/random.ts';
import type { Service } from '../../seam/call.ts';
import type { Releases } from '../releases.ts';
import type { Machine } from '../servers/machine.ts';
import type { SimulatedServers } from '../servers/servers.ts';
import { Agents, type Job } from './agent.ts';
import { describeAgents } from './instance-information.ts';
import type { SimulatedDocuments } from './simulated-documents.ts';

export interface SsmOptions {
  readonly kernel: Kernel;
  readonly servers: SimulatedServers;
  readonly releases: Releases;
  readonly documents: SimulatedDocuments;
}

/** A command, and from when on which operation shows it. */
interface Sent extends Job {
  readonly listedFromMs: number;
  /** Missing from the instance's list until its agent has it. */
  readonly listedOnceBegun: boolean;
}

/** How long GetCommandInvocation and ListCommandInvocations do not know a new command. */
const INVISIBLE_MS = [0, 1_500] as const;

export class SimulatedSsm {
  readonly operations: Service;
  private readonly options: SsmOptions;
  private readonly agents: Agents;
  private readonly random: Random;
  /** By command and instance. */
  private readonly sent = new Map<string, Sent>();
  private commands = 0;
  /** The API names an agent that does not run as a reason for InvalidInstanceId; the user guide has such a command wait. Both occur. */
  private readonly refusesSilentAgents: boolean;
  /** What GetCommandInvocation shows of a step that has not begun. */
  private readonly unbegunStep: 'Pending' | 'InProgress';

  constructor(options: SsmOptions) {
    this.options = options;
    this.agents = new Agents(options);
    this.random = options.kernel.random('ssm');
    this.refusesSilentAgents = this.random.chance(0.5);
    this.unbegunStep = this.random.pick(['Pending', 'InProgress']);
    this.operations = {
      SendCommand: (input: object) => this.send(input),
      GetCommandInvocation: (input: never) => this.describe(input),
      ListCommandInvocations: (input: never) => this.list(input),
      CancelCommand: (input: never) => this.cancel(input),
      DescribeDocument: (input: never) => this.describeDocument(input),
      DescribeInstanceInformation: (input: never) => describeAgents(options.servers.list(), options.kernel.now(), input),
    };
  }

  /** Commands that Systems Manager holds for open, on machines that exist. */
  openCommands(): readonly { readonly record: CommandRecord; readonly listed: boolean }[] {
    return [...this.sent.values()]
      .filter(({ invocation, machine }) => machine.isRunning && !isOver(invocation.status))
      .map((job) => ({ record: job.record, listed: this.isListed(job) }));
  }

  private isListed({ begun, listedFromMs, listedOnceBegun }: Sent): boolean {
    return this.options.kernel.now() >= listedFromMs && (begun || !listedOnceBegun);
  }

  private send(input: object): object {
    const { kernel, documents, servers } = this.options;
    const now = () => kernel.now();
    const instances = {
      get: (id: string) => managed(servers.find(id), this.refusesSilentAgents),
      list: () => refuse('SendCommand by Targets'),
    };
    const record = prepareCommand(input, {
      documents: documents.store as never,
      instances,
      now,
      clock: now,
      newCommandId: () => `command-${++this.commands}`,
      visibleAfterMs: this.random.whole(...INVISIBLE_MS),
    });
    for (const invocation of record.invocations) {
      const job: Sent = {
        record,
        invocation,
        machine: servers.machine(invocation.instanceId),
        begun: false,
        cancelled: false,
        listedFromMs: kernel.now() + this.random.whole(...INVISIBLE_MS),
        listedOnceBegun: this.random.chance(0.3),
      };
      this.sent.set(keyOf(record.commandId, invocation.instanceId), job);
      this.agents.deliver(job);
    }
    return {
      Command: { ...describeCommand(record), ExpiresAfter: new Date(record.expiresAtMs), RequestedDateTime: new Date(kernel.now()) },
    };
  }

  private describe({ CommandId, InstanceId, PluginName }: Named & { readonly PluginName?: string }): object {
    const job = this.sent.get(keyOf(CommandId, InstanceId));
    if (job === undefined || this.options.kernel.now() < job.record.visibleFrom) {
      throw new AwsError('InvocationDoesNotExist', 'The command ID and managed node ID you specified did not match any invocations.');
    }
    const shown = describeInvocation(job.record, job.invocation, PluginName);
    const isUnbegunStep =
      PluginName !== undefined && shown['Status'] === 'InProgress' && PluginName !== job.record.version.document.mainSteps[0]?.name;
    return isUnbegunStep ? { ...shown, Status: this.unbegunStep, StatusDetails: this.unbegunStep } : shown;
  }

  private list(input: ListInput): object {
    for (const name of Object.keys(input)) if (!LIST_FIELDS.has(name)) return refuse(`ListCommandInvocations by ${name}`);
    const { InstanceId, Filters = [], MaxResults = 50, NextToken } = input;
    const machine = this.options.servers.find(InstanceId);
    if (machine === undefined || machine.power === 'terminated') throw invalidInstance(InstanceId);
    const filters = Filters.map(({ key = '', value = '' }) => ({ key, value }));
    const found = [...this.sent.values()]
      .reverse()
      .filter(({ invocation, record }) => invocation.instanceId === InstanceId && passes(record, invocation.status, filters))
      .filter((job) => this.isListed(job));
    const { items, nextToken } = page(found, NextToken, MaxResults);
    return {
      CommandInvocations: items.map(({ record, invocation }) => ({
        ...listInvocation(record, invocation, false),
        RequestedDateTime: new Date(record.requestedAtMs),
      })),
      ...nextToken,
    };
  }

  private cancel({ CommandId, InstanceIds = [] }: { readonly CommandId: string; readonly InstanceIds?: readonly string[] }): object {
    const jobs = [...this.sent.values()].filter(({ record }) => record.commandId === CommandId);
    if (jobs.length === 0) throw new AwsError('InvalidCommandId', `The command ID ${CommandId} is not valid.`);
    const unknown = InstanceIds.find((id) => !jobs.some(({ invocation }) => invocation.instanceId === id));
    if (unknown !== undefined) throw invalidInstance(unknown);
    for (const job of jobs) if (InstanceIds.length === 0 || InstanceIds.includes(job.invocation.instanceId)) this.agents.cancel(job);
    return {};
  }

  private describeDocument({ Name }: { readonly Name: string }): object {
    const { name, versions, defaultVersion } = this.options.documents.store.get(Name);
    const latest = String(versions.at(-1)?.version);
    return { Document: { Name: name, LatestVersion: latest, DefaultVersion: String(defaultVersion), Status: 'Active' } };
  }
}

interface Named {
  readonly CommandId: string;
  readonly InstanceId: string;
}

interface ListInput {
  readonly InstanceId: string;
  readonly Filters?: readonly { readonly key?: string; readonly value?: string }[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}
const LIST_FIELDS = new Set(['InstanceId', 'Filters', 'MaxResults', 'NextToken']);

/** What a command can be sent to. */
function managed(machine: Machine | undefined, refusesSilentAgents: boolean): ManagedInstance | undefined {
  if (machine === undefined || machine.power === 'terminated' || machine.agentRegisteredAtMs === undefined) return undefined;
  const { instanceId } = machine;
  const online = machine.isAgentOnline || !refusesSilentAgents;
  return { instanceId, online, ipAddress: '', folder: '', environment: {}, agentVersion: '', tags: {} };
}

const keyOf = (commandId: string, instanceId: string): string => `${commandId} ${instanceId}`;
const invalidInstance = (id: string): AwsError => new AwsError('InvalidInstanceId', `The instance ID ${id} is not valid.`);

function refuse(what: string): never {
  throw new Error(`the simulation does not have ${what}`);
}
