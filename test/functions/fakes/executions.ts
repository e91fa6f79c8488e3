import { type Execution, type Executions, executionArnOf } from '../../../functions/shared/aws/executions.ts';

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
    async stop(executionArn, cause) {
      calls.push(`stop ${executionArn}`);
      if (states[executionArn]?.status !== 'RUNNING') return false;
      states[executionArn] = { status: 'ABORTED', error: 'Aborted', cause };
      return true;
    },
    async startOnce(stateMachineArn, name, input) {
      const executionArn = executionArnOf(stateMachineArn, name);
      calls.push(`startOnce ${executionArn} ${JSON.stringify(input)}`);
      if (states[executionArn]) return states[executionArn]?.status === 'RUNNING';
      states[executionArn] = { status: 'RUNNING', input: JSON.stringify(input) };
      return true;
    },
    running: async (stateMachineArn) =>
      Object.keys(states).filter((arn) => arn.startsWith(executionArnOf(stateMachineArn, '')) && states[arn]?.status === 'RUNNING'),
    async start(stateMachineArn, input) {
      calls.push(`start ${stateMachineArn} ${JSON.stringify(input)}`);
    },
  };
}

/** What the next target is when none is left, and nothing is at work. */
export const NOTHING_LEFT = { verdict: 'DONE', waitingSinceMs: 0, atWork: [] } as const;
