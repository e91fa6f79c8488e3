import type { Json } from '../json.ts';
import { about, outcome, type Row, type Run, secondsOf } from '../row.ts';
import { MEASUREMENTS, PAGES, RECORDINGS } from '../sources.ts';
import { CATCH_ALL, CAUGHT, call, runChild, startChild, wait } from './parts.ts';

const errorName = (error: unknown): string => (error as { code?: string }).code ?? (error as Error).name;
/** `true`: the same execution; a name: the error. */
async function startAgain({ cloud, arns, executionArn }: Run, input: Json, name: string): Promise<boolean | string> {
  try {
    return (await cloud.start(arns['main'] as string, input, name)) === executionArn;
  } catch (error) {
    return errorName(error);
  }
}
const ALREADY_EXISTS = 'ExecutionAlreadyExists';
const REFUSED_CHILD = ['StepFunctions.ExecutionAlreadyExists', 'StepFunctions.ExecutionAlreadyExistsException'];
const READINGS_OF_NAMES =
  'The API’s own name is ExecutionAlreadyExists; a recorded refusal of another kind has the API’s name with Exception at its end. Every list of Holdfast has both.';

/** Executions from outside: their limits, ends and names, and those that others wait for. */
export const EXECUTION_ROWS: readonly Row[] = [
  {
    name: 'task-out-of-time',
    fact: 'A task that runs longer than its TimeoutSeconds fails with States.Timeout, which States.ALL catches.',
    sources: [PAGES.task, PAGES.errorNames],
    covers: ['field Task.TimeoutSeconds', 'catch States.ALL'],
    slow: true,
    functions: { work: { answers: [{ returns: null, afterSeconds: 6 }] } },
    machines: { main: ({ work }) => ({ states: { Work: call(work, { TimeoutSeconds: 1, Catch: CATCH_ALL }), ...CAUGHT } }) },
    observe: (ended) => ({ ...(outcome(ended) as object), seconds: about(secondsOf(ended), 1) }),
    must: [{ status: 'SUCCEEDED', output: { caught: 'States.Timeout' }, seconds: 1 }],
  },
  {
    name: 'machine-out-of-time',
    fact: 'TimeoutSeconds of the machine ends the execution as TIMED_OUT in the middle of a state; no Catch runs.',
    sources: [PAGES.structure, PAGES.errors, RECORDINGS.machineOutOfTime, MEASUREMENTS.machineOutOfTime],
    notOnPages:
      'The pages name States.Timeout. The recording shows that DescribeExecution returns neither error nor cause: only the history has the name.',
    covers: ['machine TimeoutSeconds', 'catch States.ALL'],
    slow: true,
    functions: { work: { answers: [{ returns: null, afterSeconds: 6 }] } },
    machines: { main: ({ work }) => ({ states: { Work: call(work, { Catch: CATCH_ALL }), ...CAUGHT }, timeoutSeconds: 2 }) },
    observe: (ended) => ({ ...(outcome(ended) as object), seconds: about(secondsOf(ended), 2) }),
    must: [{ status: 'TIMED_OUT', seconds: 2 }],
  },
  {
    name: 'stopped',
    fact: 'StopExecution ends an execution as ABORTED, with the error and cause that it was given; no Catch runs.',
    sources: [PAGES.stop, PAGES.errors, MEASUREMENTS.stopped],
    notOnPages:
      'The page documents error and cause as parameters of StopExecution. The measurement shows that DescribeExecution returns them.',
    covers: ['catch States.ALL'],
    reliedOnBy: 'cli/deploy/abort-deploy.ts',
    slow: true,
    functions: { work: { answers: [{ throws: 'Late', afterSeconds: 3 }] } },
    machines: { main: ({ work }) => ({ states: { Work: call(work, { Catch: CATCH_ALL }), ...CAUGHT } }) },
    during: async ({ cloud, executionArn }) => {
      await cloud.sleep(1);
      await cloud.stop(executionArn, 'Aborted', 'by hand');
      // What was running fails meanwhile.
      await cloud.sleep(3);
      return null;
    },
    observe: ({ status, error = null, cause = null }) => ({ status, error, cause }),
    must: [{ status: 'ABORTED', error: 'Aborted', cause: 'by hand' }],
  },
  {
    name: 'name-used-again',
    fact: 'StartExecution with the name and the input of a running execution returns that one; with another input, or once it has ended, it is refused.',
    sources: [PAGES.start, RECORDINGS.sameName],
    covers: [],
    reliedOnBy: 'functions/deploy/assess/assess.ts',
    slow: true,
    machines: { main: () => ({ states: { Wait: wait(2) } }) },
    input: { deploy: 1 },
    executionName: 'used-again',
    during: async (run) => ({
      sameInput: await startAgain(run, { deploy: 1 }, 'used-again'),
      otherInput: await startAgain(run, { deploy: 2 }, 'used-again'),
    }),
    observe: async (_, run, during) => ({ ...(during as object), ended: await startAgain(run, { deploy: 1 }, 'used-again') }),
    must: [{ sameInput: true, otherInput: ALREADY_EXISTS, ended: ALREADY_EXISTS }],
  },
  {
    name: 'child-succeeds',
    fact: 'A task that runs a machine by startExecution.sync:2 waits for its end and has its description; Output and Input are JSON, not text.',
    sources: [PAGES.nested, PAGES.sync, RECORDINGS.childSucceeds],
    covers: [
      ...['integration states:startExecution.sync:2', 'parameter states:startExecution.sync:2 StateMachineArn'],
      ...['parameter states:startExecution.sync:2 Name', 'parameter states:startExecution.sync:2 Input'],
    ],
    machines: {
      child: () => ({ states: { Answer: { Type: 'Pass', Parameters: { 'got.$': '$.roll' }, End: true } } }),
      main: ({ child }) => ({
        states: {
          Run: runChild(child, { 'Name.$': '$.name', Input: { 'roll.$': '$.roll' } }, { ResultPath: '$.child', Next: 'Part' }),
          Part: part(),
        },
      }),
    },
    input: { name: 'child-that-succeeds', roll: { instanceId: 'i-1' } },
    must: [{ status: 'SUCCEEDED', output: { name: 'child-that-succeeds', status: 'SUCCEEDED', output: { got: { instanceId: 'i-1' } } } }],
  },
  {
    name: 'child-fails',
    fact: "When the child fails, the task fails with States.TaskFailed, not with the child's error; the Cause is JSON that has the child's Error, Cause and Status.",
    sources: [PAGES.errorNames, RECORDINGS.childFails],
    notOnPages:
      'The content of the Cause comes from a recording of startExecution.sync. The guide documents one difference between it and .sync:2: JSON instead of text.',
    covers: ['integration states:startExecution.sync:2', 'catch States.ALL'],
    machines: {
      child: () => ({ states: { Fail: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' } } }),
      main: ({ child }) => ({
        states: { Run: runChild(child, { 'Input.$': '$' }, { Catch: CATCH_ALL }), Caught: { Type: 'Succeed', OutputPath: '$.error' } },
      }),
    },
    input: { error: { Error: 'BakeFailed', Cause: 'why' } },
    observe: ({ output }) => caughtChild(output),
    must: [{ caught: 'States.TaskFailed', Status: 'FAILED', Error: 'BakeFailed', Cause: 'why' }],
  },
  {
    name: 'child-out-of-time',
    fact: 'When the child runs out of its own time, the task fails with States.TaskFailed; the Cause has the Status TIMED_OUT.',
    sources: [PAGES.errorNames, RECORDINGS.childFails, RECORDINGS.machineOutOfTime],
    notOnPages:
      'The page documents States.TaskFailed. The Cause follows from two recordings: the Cause of a failed child is its description, and the description of an execution out of time has the status and no error.',
    covers: ['integration states:startExecution.sync:2'],
    slow: true,
    machines: {
      child: () => ({ states: { Wait: wait(5) }, timeoutSeconds: 1 }),
      main: ({ child }) => ({
        states: { Run: runChild(child, { Input: {} }, { Catch: CATCH_ALL }), Caught: { Type: 'Succeed', OutputPath: '$.error' } },
      }),
    },
    input: {},
    observe: ({ output }) => caughtChild(output),
    must: [{ caught: 'States.TaskFailed', Status: 'TIMED_OUT' }],
  },
  {
    name: 'child-of-a-used-name',
    fact: "A child whose name an execution has had is refused, by a name of Step Functions' own: how a child failed never has it.",
    sources: [PAGES.start, RECORDINGS.refusedStart],
    notOnPages: 'No page names the error of a task whose child is refused. The recording has the name for a machine that does not exist.',
    covers: ['catch StepFunctions.ExecutionAlreadyExists', 'catch StepFunctions.ExecutionAlreadyExistsException'],
    machines: {
      child: () => ({ states: { Done: { Type: 'Succeed' } } }),
      main: ({ child }) => {
        const named = { Name: 'child-of-a-used-name', Input: {} };
        const Catch = [{ ErrorEquals: REFUSED_CHILD, ResultPath: '$.error', Next: 'Caught' }];
        return { states: { First: runChild(child, named, { Next: 'Second' }), Second: runChild(child, named, { Catch }), ...CAUGHT } };
      },
    },
    input: {},
    must: REFUSED_CHILD.map((caught) => ({ status: 'SUCCEEDED', output: { caught } })).reverse(),
    readings: READINGS_OF_NAMES,
  },
  {
    name: 'parent-stopped',
    fact: 'When the parent is stopped, Step Functions also stops the child that it waits for, at best.',
    sources: [PAGES.sync],
    covers: ['integration states:startExecution.sync:2'],
    slow: true,
    machines: {
      child: () => ({ states: { First: wait(4, { Next: 'Second' }), Second: wait(1) } }),
      main: ({ child }) => ({ states: { Run: runChild(child, { Name: 'child-of-the-stopped', Input: {} }) } }),
    },
    input: {},
    during: async ({ cloud, arns, executionArn }) => {
      await cloud.sleep(2);
      await cloud.stop(executionArn, 'Aborted', 'by hand');
      const child = `${(arns['child'] as string).replace(':stateMachine:', ':execution:')}:child-of-the-stopped`;
      return { child: (await cloud.ended(child)).status };
    },
    observe: ({ status }, _, during) => ({ status, ...(during as object) }),
    must: [
      { status: 'ABORTED', child: 'ABORTED' },
      { status: 'ABORTED', child: 'SUCCEEDED' },
    ],
    readings:
      'AWS promises an attempt. The clean-up of a deploy therefore reads from the records which target a child was at, and waits for it.',
  },
  {
    name: 'child-started',
    fact: 'startExecution without .sync goes on once the child has begun, and the child runs on when its parent has ended.',
    sources: [PAGES.sync, PAGES.start],
    covers: [
      'integration states:startExecution',
      'parameter states:startExecution Input',
      'parameter states:startExecution Name',
      'parameter states:startExecution StateMachineArn',
    ],
    slow: true,
    machines: {
      child: () => ({ states: { First: wait(3, { Next: 'Second' }), Second: { Type: 'Succeed', OutputPath: '$.roll' } } }),
      main: ({ child }) => ({
        states: { Start: startChild(child, { 'Name.$': '$.name', Input: { 'roll.$': '$.roll' } }, { ResultPath: null }) },
      }),
    },
    input: { name: 'child-started', roll: { instanceId: 'i-1' } },
    during: async ({ cloud, arns, executionArn }) => {
      const parent = await cloud.ended(executionArn);
      const child = await cloud.ended(`${(arns['child'] as string).replace(':stateMachine:', ':execution:')}:child-started`);
      return { parentFirst: secondsOf(parent) < secondsOf(child), child: child.output as Json };
    },
    observe: ({ status }, _, during) => ({ status, ...(during as object) }),
    must: [{ status: 'SUCCEEDED', parentFirst: true, child: { instanceId: 'i-1' } }],
  },
  {
    name: 'child-started-twice',
    fact: 'A second start under the name of a child that runs with another input, or has ended, is refused by the same name as with .sync:2.',
    sources: [PAGES.start, RECORDINGS.refusedStart],
    notOnPages: 'No page names the error of a task whose child is refused. The recording has the name for a machine that does not exist.',
    covers: ['catch StepFunctions.ExecutionAlreadyExists', 'catch StepFunctions.ExecutionAlreadyExistsException'],
    machines: {
      child: () => ({ states: { Work: wait(2) } }),
      main: ({ child }) => {
        const named = (n: number) => ({ Name: 'child-started-twice', Input: { n } });
        const Catch = [{ ErrorEquals: REFUSED_CHILD, ResultPath: '$.error', Next: 'Caught' }];
        return {
          states: { First: startChild(child, named(1), { Next: 'Second' }), Second: startChild(child, named(2), { Catch }), ...CAUGHT },
        };
      },
    },
    input: {},
    must: REFUSED_CHILD.map((caught) => ({ status: 'SUCCEEDED', output: { caught } })).reverse(),
    readings: READINGS_OF_NAMES,
  },
];

/** The part of a child's description that definitions read. */
function part(): object {
  return { Type: 'Pass', Parameters: { 'name.$': '$.child.Name', 'status.$': '$.child.Status', 'output.$': '$.child.Output' }, End: true };
}

function caughtChild(output: Json | undefined): Json {
  const { Error: caught = null, Cause: text = '{}' } = (output ?? {}) as Record<string, string>;
  const { Status, Error: error, Cause } = JSON.parse(text) as Record<string, string>;
  return { caught, ...(Status && { Status }), ...(error && { Error: error }), ...(Cause && { Cause }) };
}
