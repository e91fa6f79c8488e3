/** How Run Command's operations describe a command. */
import { AwsError } from '../service/service.ts';
import { type CommandRecord, commandStatus, type Invocation, isOver, type StepResult } from './command-record.ts';
import { timestamp } from './input.ts';
import { STDERR_CHARACTERS, STDOUT_CHARACTERS, truncate } from './output-text.ts';

/** Output in ListCommandInvocations. */
const LISTED_CHARACTERS = 2_500;

interface CommandFilter {
  readonly key: string;
  readonly value: string;
}

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

/** What GetCommandInvocation answers. @throws AwsError InvalidPluginName */
export function describeInvocation(record: CommandRecord, invocation: Invocation, pluginName: string | undefined): Record<string, unknown> {
  const names = record.version.document.mainSteps.map(({ name }) => name);
  if (pluginName !== undefined && !names.includes(pluginName))
    throw new AwsError('InvalidPluginName', `The plugin name ${pluginName} is not valid.`);
  // Without a name, a document of several steps has a status and no output: which step's would it be?
  const wanted = pluginName ?? (names.length === 1 ? names[0] : undefined);
  const step = invocation.steps.find(({ name }) => name === wanted);
  const shown = step !== undefined && pluginName !== undefined;
  // An agent whose machine restarted reports the first step alone; nothing ends the others.
  const isUnreported = step === undefined && pluginName !== undefined && invocation.steps.length > 0;
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
    Status: shown ? statusOfStep(step) : isUnreported ? 'InProgress' : invocation.status,
    StatusDetails: shown ? detailsOfStep(step) : isUnreported ? 'InProgress' : invocation.statusDetails,
    StandardOutputContent: truncate(step?.stdout ?? '', STDOUT_CHARACTERS),
    StandardOutputUrl: '',
    StandardErrorContent: truncate(step?.stderr ?? '', STDERR_CHARACTERS),
    StandardErrorUrl: '',
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
}

/** One invocation, as ListCommandInvocations lists it. */
export function listInvocation(record: CommandRecord, invocation: Invocation, withDetails: boolean): Record<string, unknown> {
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

/** Whether a command is one that the filters want. @throws AwsError InvalidFilterKey */
export const passes = (record: CommandRecord, status: string, wanted: readonly CommandFilter[]): boolean =>
  wanted.every(({ key, value }) => {
    if (key === 'Status') return status === value;
    if (key === 'DocumentName') return record.documentName === value;
    if (key === 'InvokedAfter') return record.requestedAtMs > Date.parse(value);
    if (key === 'InvokedBefore') return record.requestedAtMs < Date.parse(value);
    throw new AwsError('InvalidFilterKey', `The filter key ${key} is not valid.`);
  });
