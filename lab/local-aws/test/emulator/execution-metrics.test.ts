import { expect, it } from 'vitest';
import { executionMetrics } from '../../emulator/execution-metrics.ts';

const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:any';
const metrics = (status: string, endedAtMs?: number) =>
  executionMetrics({ stateMachineArn, status, startedAtMs: 1_000, endedAtMs }).map(({ name, values, unit, timestampMs }) => [
    name,
    values[0],
    unit,
    timestampMs,
  ]);

it.each([
  ['SUCCEEDED', 'ExecutionsSucceeded'],
  ['FAILED', 'ExecutionsFailed'],
  ['TIMED_OUT', 'ExecutionsTimedOut'],
  ['ABORTED', 'ExecutionsAborted'],
])('one that ended %s counts as %s, with the time that it took', (status, name) => {
  expect(metrics(status, 4_500)).toEqual([
    [name, 1, 'Count', 4_500],
    ['ExecutionTime', 3_500, 'Milliseconds', 4_500],
  ]);
});

it('one that begins counts as started, by its state machine', () => {
  expect(metrics('RUNNING')).toEqual([['ExecutionsStarted', 1, 'Count', 1_000]]);
  expect(executionMetrics({ stateMachineArn, status: 'RUNNING', startedAtMs: 1 })[0]).toMatchObject({
    namespace: 'AWS/States',
    dimensions: { StateMachineArn: stateMachineArn },
  });
});

it('one whose end is unknown is not counted', () => {
  expect([metrics('FAILED'), metrics('PENDING_REDRIVE', 2_000)]).toEqual([[], []]);
});
