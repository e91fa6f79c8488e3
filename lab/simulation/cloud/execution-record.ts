/** An execution, and the forms in which Step Functions describes it. */

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An execution of a machine, as far as it has come. */
export interface ExecutionRecord {
  /** `deploy`, `rollTarget`, `cleanUp`, `launch`, `terminate`. */
  readonly machine: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  /** The version by whose ARN the execution was started; absent for one that was started by the machine's own ARN. */
  readonly stateMachineVersionArn?: string | undefined;
  readonly name: string;
  /** JSON. */
  readonly input: string;
  readonly startedAtMs: number;
  status: ExecutionStatus;
  stoppedAtMs?: number | undefined;
  /** JSON. */
  output?: string | undefined;
  /** One that ran out of time has none. */
  error?: string | undefined;
  cause?: string | undefined;
}

/** The record as it was at an earlier moment; undefined before its beginning. */
export function asOf(record: ExecutionRecord, atMs: number): ExecutionRecord | undefined {
  if (atMs < record.startedAtMs) return undefined;
  if (record.stoppedAtMs === undefined || record.stoppedAtMs <= atMs) return record;
  return { ...record, status: 'RUNNING', stoppedAtMs: undefined, output: undefined, error: undefined, cause: undefined };
}

/** DescribeExecution's output, of the SDK. */
export function describe(record: ExecutionRecord): object {
  const { executionArn, stateMachineArn, stateMachineVersionArn, name, status, input, output, error, cause } = record;
  return {
    executionArn,
    stateMachineArn,
    stateMachineVersionArn,
    name,
    status,
    input,
    inputDetails: { included: true },
    output,
    ...(output !== undefined && { outputDetails: { included: true } }),
    error,
    cause,
    startDate: new Date(record.startedAtMs),
    stopDate: record.stoppedAtMs === undefined ? undefined : new Date(record.stoppedAtMs),
    redriveCount: 0,
    redriveStatus: ['RUNNING', 'SUCCEEDED'].includes(status) ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
  };
}

/**
 * A child in its parent's state, by `startExecution.sync:2`: what the task returns, and as text the Cause of its failure. Keys are
 * in alphabetical order. A child that ran out of time has neither Error nor Cause.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
export function describeChild(child: ExecutionRecord): Readonly<Record<string, unknown>> {
  const succeeded = child.status === 'SUCCEEDED';
  return {
    ...(child.cause !== undefined && { Cause: child.cause }),
    ...(child.error !== undefined && { Error: child.error }),
    ExecutionArn: child.executionArn,
    Input: succeeded ? (JSON.parse(child.input) as unknown) : child.input,
    InputDetails: { Included: true },
    Name: child.name,
    ...(succeeded && { Output: JSON.parse(child.output as string) as unknown, OutputDetails: { Included: true } }),
    RedriveCount: 0,
    RedriveStatus: succeeded ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    StartDate: child.startedAtMs,
    StateMachineArn: child.stateMachineArn,
    ...(child.stateMachineVersionArn !== undefined && { StateMachineVersionArn: child.stateMachineVersionArn }),
    Status: child.status,
    StopDate: child.stoppedAtMs,
  };
}

/** `detail` of the event `Step Functions Execution Status Change`. */
export interface StatusChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  /** Milliseconds since the epoch. */
  readonly startDate: number;
  readonly stopDate: number | null;
  readonly input: string;
  readonly inputDetails: { readonly included: true };
  readonly output: string | null;
  readonly outputDetails: { readonly included: true } | null;
  readonly stateMachineVersionArn: string | null;
  readonly stateMachineAliasArn: null;
  readonly redriveCount: 0;
  readonly redriveDate: null;
  readonly redriveStatus: string;
  readonly error: string | null;
  readonly cause: string | null;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export function statusChange(record: ExecutionRecord): StatusChange {
  return {
    executionArn: record.executionArn,
    stateMachineArn: record.stateMachineArn,
    name: record.name,
    status: record.status,
    startDate: record.startedAtMs,
    stopDate: record.stoppedAtMs ?? null,
    input: record.input,
    inputDetails: { included: true },
    output: record.output ?? null,
    outputDetails: record.output === undefined ? null : { included: true },
    stateMachineVersionArn: record.stateMachineVersionArn ?? null,
    stateMachineAliasArn: null,
    redriveCount: 0,
    redriveDate: null,
    redriveStatus: ['RUNNING', 'SUCCEEDED'].includes(record.status) ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    error: record.error ?? null,
    cause: record.cause ?? null,
  };
}
