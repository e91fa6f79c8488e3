/** The simulation's interpreter, in virtual time. */
import { checkDefinition, NotImplemented } from '../../../simulation/asl/check-definition.ts';
import type { Definition } from '../../../simulation/asl/definition.ts';
import { endedByLambda, thrownBy } from '../../../simulation/cloud/lambda-errors.ts';
import { StepFunctions } from '../../../simulation/cloud/step-functions.ts';
import { NO_FAULTS } from '../../../simulation/faults/faults.ts';
import { Kernel } from '../../../simulation/kernel/kernel.ts';
import { answerOf, type Behaviour } from './behaviour.ts';
import type { Json } from './json.ts';
import { type Machine, NotRun, type Row, type StatesCloud } from './row.ts';
import { type RowResult, runRow } from './run-row.ts';

const ACCOUNT = 'eu-west-1:111122223333';
/** Far beyond any row. */
const LONGEST_ROW_MS = 600_000;
const POLL_MS = 50;

interface SimulatedFunction {
  readonly behaviour: Behaviour;
  readonly calledAtMs: number[];
  readonly payloads: Json[];
}

/** A row in a world of its own. @param seed of latencies, and of what AWS does at best */
export async function runSimulated(row: Row, seed = 1): Promise<RowResult> {
  const kernel = new Kernel(seed);
  let result: RowResult | undefined;
  runRow(row, simulatedCloud(kernel)).then(
    (found) => {
      result = found;
    },
    (error: unknown) => kernel.fail(error),
  );
  await kernel.run(kernel.now() + LONGEST_ROW_MS, () => result !== undefined);
  // What ended without an event, at the beginning.
  await Promise.resolve();
  return result ?? { row: row.name, result: 'differs', observed: `no end within ${LONGEST_ROW_MS / 1_000} s` };
}

function simulatedCloud(kernel: Kernel): StatesCloud {
  const functions = new Map<string, SimulatedFunction>();
  const machines: Record<string, { readonly arn: string; readonly definition: Definition }> = {};
  let calls = 0;
  let started: StepFunctions | undefined;

  const sleep = (seconds: number) => kernel.sleep(seconds * 1_000);
  const functionOf = (arn: string) => functions.get(arn) as SimulatedFunction;

  async function invoke(arn: string, payload: unknown): Promise<unknown> {
    const { behaviour, calledAtMs } = functionOf(arn);
    calls += 1;
    calledAtMs.push(kernel.now());
    functionOf(arn).payloads.push(payload as Json);
    const answer = answerOf(behaviour, calledAtMs.length);
    const { timeoutSeconds = 30 } = behaviour;
    await sleep(Math.min(answer.afterSeconds ?? 0, timeoutSeconds));
    if ((answer.afterSeconds ?? 0) >= timeoutSeconds) throw endedByLambda('Sandbox.Timedout', calls, 'Task timed out');
    if ('throws' in answer) throw thrownBy(Object.assign(new Error('on purpose'), { name: answer.throws }));
    if ('exits' in answer) throw endedByLambda('Runtime.ExitError', calls, 'Runtime exited with error: exit status 1');
    if ('returnsPayload' in answer) return payload;
    return 'returnsBytes' in answer ? 'x'.repeat(answer.returnsBytes - 2) : answer.returns;
  }

  const executions = () => {
    started ??= new StepFunctions({
      kernel,
      machines,
      functions: new Map([...functions.keys()].map((arn) => [arn, arn])),
      invoke,
      faults: NO_FAULTS,
    });
    return started;
  };
  const find = (executionArn: string) => {
    const record = executions().find(executionArn);
    if (!record) throw new Error(`there is no execution ${executionArn}`);
    return record;
  };

  return {
    name: 'simulation',
    async makeFunction(name, behaviour) {
      const arn = `arn:aws:lambda:${ACCOUNT}:function:${name}:1`;
      functions.set(arn, { behaviour, calledAtMs: [], payloads: [] });
      return arn;
    },
    async makeMachine(name, { states, timeoutSeconds }: Machine) {
      const arn = `arn:aws:states:${ACCOUNT}:stateMachine:${name}`;
      const source = JSON.stringify({ StartAt: Object.keys(states)[0], States: states, TimeoutSeconds: timeoutSeconds });
      const callable = {
        isFunction: (one: string) => functions.has(one),
        isMachine: (one: string) => Object.values(machines).some((known) => known.arn === one),
      };
      try {
        machines[name] = { arn, definition: checkDefinition('machine', source, callable) };
      } catch (error) {
        if (error instanceof NotImplemented) throw new NotRun(error.message, { cause: error });
        throw error;
      }
      return arn;
    },
    start: async (arn, input, name) => executions().startAt(arn, JSON.stringify(input), name).executionArn,
    stop: async (executionArn, error, cause) => executions().stop(find(executionArn), error, cause),
    async ended(executionArn) {
      while (find(executionArn).status === 'RUNNING') await kernel.sleep(POLL_MS);
      const { status, error, cause, output, startedAtMs, stoppedAtMs = 0 } = find(executionArn);
      return { status, error, cause, startedAtMs, stoppedAtMs, output: output === undefined ? undefined : (JSON.parse(output) as Json) };
    },
    seenBy: async (arn) => functionOf(arn),
    sleep,
  };
}
