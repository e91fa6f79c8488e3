import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { isAwsError } from './classify-aws-error.ts';

/** An execution of a state machine, as far as its end matters. */
export interface Execution {
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, `PENDING_REDRIVE`. */
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Executions of Holdfast's state machines. */
export interface Executions {
  /** Undefined for one that never was, or ended longer ago than Step Functions remembers (90 days). */
  describe(executionArn: string): Promise<Execution | undefined>;
  /** False when it has ended or never was. A function or a child that it waits for may go on. */
  stop(executionArn: string, cause: string): Promise<boolean>;
  start(stateMachineArn: string, input: object): Promise<void>;
}

/** The ARN of a state machine's execution. @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html */
export function executionArnOf(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** The state machine of an execution that is no version's or alias'. */
export function stateMachineArnOf(executionArn: string): string {
  return executionArn.replace(':execution:', ':stateMachine:').split(':').slice(0, 7).join(':');
}

export function createExecutions(client: SFNClient): Executions {
  return {
    async describe(executionArn) {
      try {
        const { status = 'UNKNOWN', error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
        return { status, error, cause };
      } catch (error) {
        if (isAwsError(error, 'ExecutionDoesNotExist')) return undefined;
        throw error;
      }
    },
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
  };
}
