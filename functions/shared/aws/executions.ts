import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isAwsError } from './classify-aws-error.ts';

/** An execution of a state machine, as far as its end matters. */
export interface Execution {
  /** Input as JSON. */
  readonly input?: string;
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, `PENDING_REDRIVE`. */
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Executions of Holdfast's state machines. */
export interface Executions {
  /** Undefined for one that never existed, or that ended more than 90 days ago: Step Functions keeps it no longer. */
  describe(executionArn: string): Promise<Execution | undefined>;
  /** False when it has ended or never existed. A function or a child execution that it waits for can go on. */
  stop(executionArn: string, cause: string): Promise<boolean>;
  start(stateMachineArn: string, input: object): Promise<void>;
  /** Starts an execution once under this name. False when the name was used by one that has ended, or with another input. */
  startOnce(stateMachineArn: string, name: string, input: object): Promise<boolean>;
  /** ARNs of the executions that run, at most {@link MOST_RUNNING}. */
  running(stateMachineArn: string): Promise<readonly string[]>;
}

/** One page of ListExecutions; more instances of one fleet never start or end at once. */
const MOST_RUNNING = 1_000;

/** The ARN of a state machine's execution. @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html */
export function executionArnOf(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** The state machine of an execution that was not started through a version or an alias. */
export function stateMachineArnOf(executionArn: string): string {
  return executionArn.replace(':execution:', ':stateMachine:').split(':').slice(0, 7).join(':');
}

/** Undefined for an execution that never existed, or that Step Functions no longer keeps. */
export async function describeExecution(client: SFNClient, executionArn: string): Promise<DescribeExecutionCommandOutput | undefined> {
  try {
    return await client.send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    // InvalidArn: the name holds a character that no execution's name can have.
    if (isAwsError(error, 'ExecutionDoesNotExist', 'InvalidArn')) return undefined;
    throw error;
  }
}

/** {@link Executions.describe}, for a function that may do nothing else. */
export const createExecutionReader = (client: SFNClient): Pick<Executions, 'describe'> => ({
  async describe(executionArn) {
    const execution = await describeExecution(client, executionArn);
    return execution && { status: execution.status ?? 'UNKNOWN', input: execution.input, error: execution.error, cause: execution.cause };
  },
});

export function createExecutions(client: SFNClient): Executions {
  return {
    ...createExecutionReader(client),
    async stop(executionArn, cause) {
      try {
        await client.send(new StopExecutionCommand({ executionArn, error: 'Aborted', cause }));
        return true;
      } catch (error) {
        if (isAwsError(error, 'ExecutionDoesNotExist', 'ValidationException')) return false;
        throw error;
      }
    },
    async start(stateMachineArn, input) {
      await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
    },
    async startOnce(stateMachineArn, name, input) {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
        return true;
      } catch (error) {
        if (isAwsError(error, 'ExecutionAlreadyExists')) return false;
        throw error;
      }
    },
    async running(stateMachineArn) {
      const list = new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: MOST_RUNNING });
      return ((await client.send(list)).executions ?? []).map(({ executionArn }) => executionArn ?? '');
    },
  };
}
