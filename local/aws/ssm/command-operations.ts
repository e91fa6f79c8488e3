/** Run Command's operations. */
import { z } from 'zod';
import { page } from '../gateway/parse-input.ts';
import { AwsError, type Operation } from '../gateway/service.ts';
import type { StepResult } from './agent.ts';
import { type CommandRecord, commandStatus, type Invocation, isOver } from './command-record.ts';
import type { CommandRunner } from './command-runner.ts';
import { parseInput, timestamp } from './input.ts';
import { STDERR_CHARACTERS, STDOUT_CHARACTERS, truncate } from './output-text.ts';
import { prepareCommand, type SendContext } from './send-command.ts';

/** Commands remembered; AWS keeps them for 30 days. */
const MOST_COMMANDS = 5_000;
/** Output in ListCommandInvocations. */
const LISTED_CHARACTERS = 2_500;

const filters = z.array(z.object({ key: z.string(), value: z.string() })).default([]);
const listInput = z.object({
  CommandId: z.string().optional(),
  InstanceId: z.string().optional(),
  MaxResults: z.number().int().min(1).max(50).default(50),
  NextToken: z.string().optional(),
  Filters: filters,
  Details: z.boolean().default(false),
});
const invocationInput = z.object({ CommandId: z.string(), InstanceId: z.string(), PluginName: z.string().optional() });

export function describeCommand(record: CommandRecord): Record<string, unknown> {
  const { status, details } = commandStatus(record);
  const over = record.invocations.filter((invocation) => isOver(invocation.status));
  return {
    CommandId: record.commandId,
    DocumentName: record.documentName,
    DocumentVersion: record.documentVersion,
    Comment: record.comment,
    ExpiresAfter: timestamp(record.expiresAtMs),
    Parameters: record.parameters,
    InstanceIds: record.instanceIds,
    Targets: record.targets,
    RequestedDateTime: timestamp(record.requestedAtMs),
    Status: status,
    StatusDetails: details,
    MaxConcurrency: record.maxConcurrency,
    MaxErrors: record.maxErrors,
    TargetCount: record.invocations.length,
    CompletedCount: over.length,
    ErrorCount: over.filter(({ status: each }) => each === 'Failed' || each === 'TimedOut').length,
    DeliveryTimedOutCount: over.filter(({ statusDetails }) => statusDetails === 'DeliveryTimedOut').length,
    TimeoutSeconds: record.timeoutSeconds,
  };
}

/** AWS answers an empty text where there is no time yet. */
const isoOrEmpty = (milliseconds: number | undefined): string => (milliseconds === undefined ? '' : new Date(milliseconds).toISOString());

const duration = (fromMs: number, toMs: number): string => `PT${((toMs - fromMs) / 1000).toFixed(3)}S`;

const statusOfStep = (step: StepResult): string => (step.status === 'Skipped' ? 'Success' : step.status);
const detailsOfStep = (step: StepResult): string =>
  step.status === 'TimedOut' ? 'ExecutionTimedOut' : step.status === 'Skipped' ? 'Success' : step.status;

function describeInvocation(record: CommandRecord, invocation: Invocation, pluginName: string | undefined): Record<string, unknown> {
  const names = record.version.document.mainSteps.map(({ name }) => name);
  if (pluginName !== undefined && !names.includes(pluginName))
    throw new AwsError('InvalidPluginName', `The plugin name ${pluginName} is not valid.`);
  // Without a name, a document of several steps has a status and no output: which step's would it be?
  const wanted = pluginName ?? (names.length === 1 ? names[0] : undefined);
  const step = invocation.steps.find(({ name }) => name === wanted);
  const shown = step !== undefined && pluginName !== undefined;
  const endedAtMs = step?.endedAtMs ?? invocation.endedAtMs;
  const startedAtMs = step?.startedAtMs ?? invocation.startedAtMs;
  const worst = invocation.steps.find(({ status }) => status !== 'Success' && status !== 'Skipped');
  return {
    CommandId: record.commandId,
    InstanceId: invocation.instanceId,
    Comment: record.comment,
    DocumentName: record.documentName,
    DocumentVersion: record.documentVersion,
    PluginName: wanted ?? '',
    ResponseCode: isOver(invocation.status) ? ((step ?? worst)?.code ?? (invocation.status === 'Success' ? 0 : -1)) : -1,
    ExecutionStartDateTime: isoOrEmpty(startedAtMs),
    ExecutionElapsedTime: startedAtMs === undefined || endedAtMs === undefined ? '' : duration(startedAtMs, endedAtMs),
    ExecutionEndDateTime: isoOrEmpty(endedAtMs),
    Status: shown ? statusOfStep(step) : invocation.status,
    StatusDetails: shown ? detailsOfStep(step) : invocation.statusDetails,
    StandardOutputContent: truncate(step?.stdout ?? '', STDOUT_CHARACTERS),
    StandardOutputUrl: '',
    StandardErrorContent: truncate(step?.stderr ?? '', STDERR_CHARACTERS),
    StandardErrorUrl: '',
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
}

function listInvocation(record: CommandRecord, invocation: Invocation, withDetails: boolean): Record<string, unknown> {
  const plugins = invocation.steps.map((step) => ({
    Name: step.name,
    Status: statusOfStep(step),
    StatusDetails: detailsOfStep(step),
    ResponseCode: step.code,
    ResponseStartDateTime: timestamp(step.startedAtMs),
    ResponseFinishDateTime: timestamp(step.endedAtMs),
    Output: truncate(step.stdout + (step.stderr === '' ? '' : `\n----------ERROR-------\n${step.stderr}`), LISTED_CHARACTERS),
  }));
  return {
    CommandId: record.commandId,
    InstanceId: invocation.instanceId,
    InstanceName: '',
    Comment: record.comment,
    DocumentName: record.documentName,
    DocumentVersion: record.documentVersion,
    RequestedDateTime: timestamp(record.requestedAtMs),
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    CommandPlugins: withDetails ? plugins : [],
  };
}

const passes = (record: CommandRecord, status: string, wanted: z.infer<typeof filters>): boolean =>
  wanted.every(({ key, value }) => {
    if (key === 'Status') return status === value;
    if (key === 'DocumentName') return record.documentName === value;
    if (key === 'InvokedAfter') return record.requestedAtMs > Date.parse(value);
    if (key === 'InvokedBefore') return record.requestedAtMs < Date.parse(value);
    throw new AwsError('InvalidFilterKey', `The filter key ${key} is not valid.`);
  });

export function commandOperations(
  context: SendContext,
  runner: CommandRunner,
  commands: Map<string, CommandRecord>,
): Record<string, Operation> {
  const find = (commandId: string): CommandRecord => {
    const record = commands.get(commandId);
    if (record === undefined) throw new AwsError('InvalidCommandId', `The command ID ${commandId} is not valid.`);
    return record;
  };
  /** Newest first. @throws AwsError InvalidCommandId */
  const chosen = (commandId: string | undefined): CommandRecord[] =>
    commandId === undefined ? [...commands.values()].reverse() : [find(commandId)];

  return {
    SendCommand(input) {
      const record = prepareCommand(input, context);
      const oldest = commands.keys().next().value;
      if (commands.size >= MOST_COMMANDS && oldest !== undefined) commands.delete(oldest);
      commands.set(record.commandId, record);
      const reply = { Command: describeCommand(record) };
      runner.start(record);
      return reply;
    },
    GetCommandInvocation(input) {
      const { CommandId, InstanceId, PluginName } = parseInput(invocationInput, input);
      const record = commands.get(CommandId);
      const invocation = record?.invocations.find(({ instanceId }) => instanceId === InstanceId);
      if (record === undefined || invocation === undefined || performance.now() < record.visibleFrom) {
        throw new AwsError('InvocationDoesNotExist', 'The command ID and managed node ID you specified did not match any invocations.');
      }
      return describeInvocation(record, invocation, PluginName);
    },
    ListCommands(input) {
      const { CommandId, InstanceId, MaxResults, NextToken, Filters } = parseInput(listInput, input);
      const found = chosen(CommandId)
        .filter(({ invocations }) => InstanceId === undefined || invocations.some(({ instanceId }) => instanceId === InstanceId))
        .filter((record) => passes(record, commandStatus(record).status, Filters));
      const { items, nextToken } = page(found, NextToken, MaxResults);
      return { Commands: items.map(describeCommand), ...nextToken };
    },
    ListCommandInvocations(input) {
      const { CommandId, InstanceId, MaxResults, NextToken, Filters, Details } = parseInput(listInput, input);
      const found = chosen(CommandId).flatMap((record) =>
        record.invocations
          .filter(({ instanceId, status }) => (InstanceId === undefined || instanceId === InstanceId) && passes(record, status, Filters))
          .map((invocation) => listInvocation(record, invocation, Details)),
      );
      const { items, nextToken } = page(found, NextToken, MaxResults);
      return { CommandInvocations: items, ...nextToken };
    },
    async CancelCommand(input) {
      const { CommandId, InstanceIds } = parseInput(
        z.object({ CommandId: z.string(), InstanceIds: z.array(z.string()).default([]) }),
        input,
      );
      const record = find(CommandId);
      const unknown = InstanceIds.filter((id) => !record.invocations.some(({ instanceId }) => instanceId === id));
      if (unknown.length > 0) throw new AwsError('InvalidInstanceId', `Instances [[${unknown.join(', ')}]] are not part of the command.`);
      const wanted = record.invocations.filter(({ instanceId }) => InstanceIds.length === 0 || InstanceIds.includes(instanceId));
      await Promise.all(wanted.map((invocation) => runner.cancel(record, invocation)));
      return {};
    },
  };
}
