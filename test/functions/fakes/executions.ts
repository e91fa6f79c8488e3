import type { Execution, Executions } from '../../../functions/shared/aws/executions.ts';

/** Executions that have the state that a test gives them; remembers the calls. */
export function fakeExecutions(states: Record<string, Execution> = {}): Executions & {
  readonly states: Record<string, Execution>;
  readonly calls: string[];
} {
  const calls: string[] = [];
  return {
    states,
    calls,
    describe: async (executionArn) => states[executionArn],
    async stop(executionArn) {
      calls.push(`stop ${executionArn}`);
      if (states[executionArn]?.status !== 'RUNNING') return false;
      states[executionArn] = { status: 'ABORTED' };
      return true;
    },
    async start(stateMachineArn, input) {
      calls.push(`start ${stateMachineArn} ${JSON.stringify(input)}`);
    },
  };
}
