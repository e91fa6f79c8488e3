/** The metrics that Step Functions publishes of its executions. Pure. */
import type { MetricDatum } from '../interfaces.ts';

/** An execution that has begun or ended. */
export interface ExecutionStatus {
  readonly stateMachineArn: string;
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`. */
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly endedAtMs?: number | null | undefined;
}

const ENDS: Readonly<Record<string, string>> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/**
 * One that begins counts as started; one that ends counts by its end, with the time that it took. Metrics of single states
 * and of the APIs are left out.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
export function executionMetrics({ stateMachineArn, status, startedAtMs, endedAtMs }: ExecutionStatus): MetricDatum[] {
  const datum = (name: string, value: number, unit: string, timestampMs: number): MetricDatum => ({
    namespace: 'AWS/States',
    name,
    dimensions: { StateMachineArn: stateMachineArn },
    values: [value],
    unit,
    timestampMs,
  });
  if (status === 'RUNNING') return [datum('ExecutionsStarted', 1, 'Count', startedAtMs)];
  const name = ENDS[status];
  if (name === undefined || typeof endedAtMs !== 'number') return [];
  return [datum(name, 1, 'Count', endedAtMs), datum('ExecutionTime', endedAtMs - startedAtMs, 'Milliseconds', endedAtMs)];
}
