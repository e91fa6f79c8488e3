/** What the rows of lab/local-aws/test/step-functions cannot show: what the simulation draws, and how late it may answer. */
import { describe, expect, test } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { checkDefinition } from '../asl/check-definition.ts';
import { RUN_CHILD } from '../asl/definition.ts';
import { type Faults, NO_FAULTS } from '../faults/faults.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { Operation } from '../seam/call.ts';
import type { StatusChange } from './execution-record.ts';
import { StepFunctions } from './step-functions.ts';
import { statesService } from './step-functions-service.ts';

const STATES = 'arn:aws:states:eu-west-1:111122223333:stateMachine';
const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:one:1';
const CHILD_VERSION = `${STATES}:child:1`;

const CHILD = { StartAt: 'Work', TimeoutSeconds: 600, States: { Work: { Type: 'Task', Resource: FUNCTION, End: true } } };
const RUN = {
  Type: 'Task',
  Resource: RUN_CHILD,
  Parameters: { StateMachineArn: CHILD_VERSION, 'Name.$': '$.name', Input: { 'from.$': '$$.Execution.Name' } },
  Retry: [{ ErrorEquals: ['StepFunctions.SdkClientException'], IntervalSeconds: 1 }],
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }],
  End: true,
};
const PARENT = { StartAt: 'Run', TimeoutSeconds: 3_600, States: { Run: RUN, Caught: { Type: 'Pass', End: true } } };

type Work = (kernel: Kernel, call: number) => unknown;

function world(work: Work, { seed = 1, parent = PARENT as object, faults = {} as Partial<Faults> } = {}) {
  const kernel = new Kernel(seed);
  const events: StatusChange[] = [];
  const took: string[] = [];
  const caught: string[] = [];
  let calls = 0;
  const callable = { isFunction: (arn: string) => arn === FUNCTION, isMachine: (arn: string) => arn === CHILD_VERSION };
  const executions = new StepFunctions({
    kernel,
    machines: {
      parent: { arn: `${STATES}:parent`, definition: checkDefinition('parent', JSON.stringify(parent), callable) },
      child: { arn: `${STATES}:child`, versionArn: CHILD_VERSION, definition: checkDefinition('child', JSON.stringify(CHILD), callable) },
    },
    functions: new Map([[FUNCTION, 'one']]),
    invoke: async () => {
      calls += 1;
      return work(kernel, calls);
    },
    faults: { ...NO_FAULTS, ...faults, took: (kind) => void took.push(kind) },
    watcher: { caught: ({ machine, state, error }) => void caught.push(`${machine}/${state} ${error}`) },
    statusChanged: (change) => void events.push(change),
  });
  const service = statesService(kernel, executions);
  return {
    kernel,
    executions,
    events,
    took,
    caught,
    ask: (operation: string, input: object) => (service[operation] as Operation)(input as never),
    calls: () => calls,
    forSeconds: (seconds: number) => kernel.run(kernel.now() + seconds * 1_000),
    find: (machine: string) => executions.all().find((one) => one.machine === machine),
  };
}

const afterSeconds =
  (seconds: number, end: () => unknown): Work =>
  async (kernel) => {
    await kernel.sleep(seconds * 1_000);
    return end();
  };
test('a child that ran out of time names no error, and its function runs on', async () => {
  let finished = false;
  const { executions, forSeconds, find } = world(
    afterSeconds(700, () => {
      finished = true;
    }),
  );
  executions.start('parent', { name: 'c1' }, 'p1');
  await forSeconds(650);
  const cause = JSON.parse((JSON.parse(find('parent')?.output as string) as { error: { Cause: string } }).error.Cause) as object;
  expect(cause).toMatchObject({ Status: 'TIMED_OUT' });
  expect(cause).not.toHaveProperty('Error');
  expect(finished).toBe(false);
  await forSeconds(100);
  expect(finished).toBe(true);
});

describe('StartExecution', () => {
  test('of a child can lose its answer: the repeated one finds the child', async () => {
    const seeds = Array.from({ length: 10 }, (_, index) => index + 1);
    const took = new Set<string>();
    for (const seed of seeds) {
      let refusals = 1;
      const childStart = () => (refusals-- > 0 ? { error: 'StepFunctions.SdkClientException' } : undefined);
      const {
        executions,
        forSeconds,
        find,
        took: taken,
        calls,
      } = world(
        afterSeconds(5, () => 1),
        { seed, faults: { childStart } },
      );
      executions.start('parent', { name: 'c1' }, 'p1');
      await forSeconds(60);
      expect({ status: find('parent')?.status, calls: calls() }).toEqual({ status: 'SUCCEEDED', calls: 1 });
      for (const kind of taken) took.add(kind);
    }
    expect([...took].sort()).toEqual(['childStart.answerLost', 'childStart.refused']);
  });
});

describe('StopExecution', () => {
  test('runs no Catch, and stops the child or leaves it running', async () => {
    const ends = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const { executions, ask, forSeconds, find, caught, took } = world(
        afterSeconds(30, () => 1),
        { seed },
      );
      const executionArn = executions.start('parent', { name: 'c1' }, 'p1');
      await forSeconds(10);
      ask('StopExecution', { executionArn, error: 'Aborted', cause: 'by a test' });
      expect(find('parent')).toMatchObject({ status: 'ABORTED', error: 'Aborted', cause: 'by a test' });
      await forSeconds(60);
      const status = find('child')?.status as string;
      expect(took).toEqual(status === 'SUCCEEDED' ? ['child.leftRunning'] : []);
      expect(caught).toEqual([]);
      ends.add(status);
    }
    expect([...ends].sort()).toEqual(['ABORTED', 'SUCCEEDED']);
  });

  test.each(['stopped', 'timedOut'] as const)('comes as a fault at a visit of a state: %s', async (kind) => {
    const state: Faults['state'] = ({ state: name }, visit) => (name === 'Run' && visit === 1 ? { kind } : undefined);
    const { executions, forSeconds, find, took, events } = world(
      afterSeconds(30, () => 1),
      { faults: { state } },
    );
    executions.start('parent', { name: 'c1' }, 'p1');
    await forSeconds(60);
    expect(find('parent')?.status).toBe(kind === 'stopped' ? 'ABORTED' : 'TIMED_OUT');
    expect(took).toContain(`execution.${kind}`);
    const statuses = events.filter(({ name }) => name === 'p1').map(({ status }) => status);
    expect(statuses).toEqual(['RUNNING', kind === 'stopped' ? 'ABORTED' : 'TIMED_OUT']);
  });
});

test('DescribeExecution and ListExecutions can be a second behind, and not more', async () => {
  const { executions, ask, kernel, forSeconds } = world(afterSeconds(30, () => 1));
  const executionArn = executions.start('child', {}, 'c1');
  const status = () => (ask('DescribeExecution', { executionArn }) as { status: string }).status;
  const running = () => {
    const input = { stateMachineArn: `${STATES}:child`, statusFilter: 'RUNNING', maxResults: 1_000 };
    return (ask('ListExecutions', input) as { executions: unknown[] }).executions.length;
  };
  const hundred = <T>(ask: () => T): T[] => [...new Set(Array.from({ length: 100 }, ask))];
  await forSeconds(10);
  expect([hundred(status), hundred(running)]).toEqual([['RUNNING'], [1]]);
  executions.stop(executions.find(executionArn) as never);
  expect([hundred(status).sort(), hundred(running).sort()]).toEqual([
    ['ABORTED', 'RUNNING'],
    [0, 1],
  ]);
  await forSeconds(1);
  expect([hundred(status), hundred(running)]).toEqual([['ABORTED'], [0]]);
  expect(kernel.seed).toBe(1);
});

test('names a field that it does not know, and an execution that never existed', () => {
  const { ask } = world(() => 1);
  expect(() => ask('StartExecution', { stateMachineArn: `${STATES}:child`, traceHeader: 'x' })).toThrow(
    'StartExecution does not know the field "traceHeader"',
  );
  expect(() => ask('DescribeExecution', { executionArn: 'arn:of:none' })).toThrow(AwsError);
});
