/** The service `states`, as the engine's functions and the commands call it. */
import { AwsError } from '#local-aws/service/service.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Service } from '../seam/call.ts';
import { asOf, describe, type ExecutionRecord } from './execution-record.ts';
import type { StepFunctions } from './step-functions.ts';

/**
 * How far DescribeExecution and ListExecutions can be behind. AWS calls both eventually consistent, "best effort", and states no
 * limit: most answers are of now.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
 */
const MOST_LAG_MS = 1_000;

type Input = Readonly<Record<string, unknown>>;

export function statesService(kernel: Kernel, executions: StepFunctions): Service {
  const random = kernel.random('states');
  const readAtMs = () => kernel.now() - (random.chance(0.85) ? 0 : random.whole(1, MOST_LAG_MS));
  // AWS's word is missing for an execution that has ended already: it succeeds in some runs, and is refused in others.
  const stopsEnded = random.chance(0.5);

  const known = (executionArn: unknown): ExecutionRecord => {
    const record = executions.find(executionArn as string);
    if (!record) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return record;
  };

  return {
    StartExecution(given: Input) {
      const { stateMachineArn, name, input = '{}' } = only('StartExecution', given, ['stateMachineArn', 'name', 'input']);
      const { executionArn, startedAtMs } = executions.startAt(stateMachineArn as string, input as string, name as string | undefined);
      return { executionArn, startDate: new Date(startedAtMs) };
    },
    DescribeExecution(given: Input) {
      const { executionArn } = only('DescribeExecution', given, ['executionArn']);
      const record = asOf(known(executionArn), readAtMs());
      if (!record) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
      return describe(record);
    },
    StopExecution(given: Input) {
      const { executionArn, error, cause } = only('StopExecution', given, ['executionArn', 'error', 'cause']);
      const record = known(executionArn);
      if (record.status !== 'RUNNING' && !stopsEnded) throw new AwsError('ValidationException', `${executionArn} has ended`);
      executions.stop(record, error as string | undefined, cause as string | undefined);
      return { stopDate: new Date(record.stoppedAtMs as number) };
    },
    ListExecutions(given: Input) {
      const allowed = ['stateMachineArn', 'statusFilter', 'maxResults'];
      const { stateMachineArn, statusFilter, maxResults = 100 } = only('ListExecutions', given, allowed);
      const atMs = readAtMs();
      // The latest first.
      const found = executions
        .all()
        .filter((record) => record.stateMachineArn === stateMachineArn)
        .flatMap((record) => asOf(record, atMs) ?? [])
        .filter(({ status }) => statusFilter === undefined || status === statusFilter)
        .reverse();
      if (found.length > (maxResults as number)) throw new Error('the simulation of ListExecutions has one page only');
      return {
        executions: found.map(({ executionArn, name, status, startedAtMs, stoppedAtMs }) => ({
          executionArn,
          stateMachineArn,
          name,
          status,
          startDate: new Date(startedAtMs),
          stopDate: stoppedAtMs === undefined ? undefined : new Date(stoppedAtMs),
        })),
      };
    },
  };
}

/** @throws Error naming a field that the simulation does not have */
function only(operation: string, input: Input, fields: readonly string[]): Input {
  for (const [field, value] of Object.entries(input))
    if (value !== undefined && !fields.includes(field))
      throw new Error(`the simulation of states ${operation} does not know the field "${field}"`);
  return input;
}
