/** Commands of Systems Manager on one instance: what is sent, and what the answers mean. */
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
  /** Further instances that get the same command. @default none */
  readonly others?: readonly string[];
  readonly parameters: object;
  /** Shown in the console; at most 100 characters are kept. */
  readonly comment: string;
}

/** Sends commands and follows them, one instance at a time. */
export interface Commands {
  /** @returns the command's id */
  send(order: CommandOrder): Promise<string>;
  /** @param step the document's step whose state and output to return; without it, those of the whole command */
  describe(commandId: string, instanceId: string, step?: string): Promise<CommandState>;
}

/** Time for the agent to start the command. The API's minimum is 30 s; an agent polls more often than that. */
const DELIVERY_TIMEOUT_SECONDS = 60;

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html */
export const sendCommandInput = ({
  documentName,
  documentVersion = '$LATEST',
  instanceId,
  others = [],
  parameters,
  comment,
}: CommandOrder) => ({
  DocumentName: documentName,
  DocumentVersion: documentVersion,
  InstanceIds: [instanceId, ...others],
  TimeoutSeconds: DELIVERY_TIMEOUT_SECONDS,
  Comment: comment.slice(0, 100),
  Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [String(value)]])),
});

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
const UNDELIVERED = new Set(['Pending', 'Delayed']);
export const RUNNING = new Set([...UNDELIVERED, 'InProgress', 'Cancelling']);

/** What GetCommandInvocation answers. */
export interface Invocation {
  readonly Status?: string | undefined;
  readonly StatusDetails?: string | undefined;
  readonly StandardOutputContent?: string | undefined;
  readonly StandardErrorContent?: string | undefined;
}

export function commandStateOf({
  Status = 'Pending',
  StatusDetails = Status,
  StandardOutputContent: output = '',
  StandardErrorContent: errorOutput = '',
}: Invocation): CommandState {
  if (UNDELIVERED.has(Status)) return { state: 'running', undelivered: true };
  if (RUNNING.has(Status)) return { state: 'running' };
  return { state: Status === 'Success' ? 'succeeded' : 'failed', statusDetails: StatusDetails, output, errorOutput };
}

/** Reads are eventually consistent: until the invocation is visible, the API returns one of these errors. @throws any other error */
export function stateUntilVisible(error: unknown): CommandState {
  if (isAwsError(error, 'InvocationDoesNotExist', 'InvalidPluginName')) return { state: 'running', undelivered: true };
  throw error;
}
