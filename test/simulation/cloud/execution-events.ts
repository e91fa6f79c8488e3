/**
 * The event that Step Functions sends as an execution changes its status.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
import type { BusEvent } from './event-bridge.ts';

export interface ExecutionEnd {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** JSON. */
  readonly input: string;
  readonly output?: string;
  readonly startMs: number;
  /** Absent while it runs. */
  readonly stopMs?: number;
  readonly error?: string;
  readonly cause?: string;
}

export const executionEnded = (end: ExecutionEnd): BusEvent => ({
  source: 'aws.states',
  detailType: 'Step Functions Execution Status Change',
  resources: [end.executionArn],
  detail: {
    executionArn: end.executionArn,
    stateMachineArn: end.stateMachineArn,
    name: end.name,
    status: end.status,
    startDate: end.startMs,
    stopDate: end.stopMs ?? null,
    input: end.input,
    output: end.output ?? null,
    error: end.error ?? null,
    cause: end.cause ?? null,
  },
});
