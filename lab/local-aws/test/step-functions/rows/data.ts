import { about, type Row, secondsOf } from '../row.ts';
import { PAGES, SPECIFICATION } from '../sources.ts';
import { call, pass, runChild, SUCCEED, wait } from './parts.ts';

/** What states read and hand on. */
export const DATA_ROWS: readonly Row[] = [
  {
    name: 'parameters',
    fact: "Keys that end in .$ take their value from a path: of the input, all of it, or the execution's own; the others are as written. The function gets exactly this.",
    sources: [PAGES.parameters, PAGES.context],
    covers: [
      ...['field Task.Parameters', 'Parameters $', 'Parameters $.a', 'Parameters $.a.b', 'Parameters literal'],
      ...['Parameters $$.Execution.Id', 'Parameters $$.Execution.Name', 'Parameters $$.Execution.StartTime', 'integration lambda'],
    ],
    functions: { work: { answers: [{ returnsPayload: true }] } },
    machines: {
      main: ({ work }) => ({
        states: {
          Work: call(work, {
            Parameters: {
              step: 'begin',
              nested: { 'deploy.$': '$.deploy' },
              'lease.$': '$.deploy.lease',
              'input.$': '$',
              'executionArn.$': '$$.Execution.Id',
              'executionName.$': '$$.Execution.Name',
              'startTime.$': '$$.Execution.StartTime',
            },
          }),
        },
      }),
    },
    input: { deploy: { lease: 3 } },
    executionName: 'named-by-hand',
    observe: ({ output, startedAtMs }, { executionArn }) => {
      const { executionArn: arn, startTime, ...rest } = output as Record<string, string>;
      const asText = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/.test(String(startTime));
      // DescribeExecution and the context may round in other ways.
      return { ...rest, isArn: arn === executionArn, isStart: asText && Math.abs(Date.parse(String(startTime)) - startedAtMs) < 1_000 };
    },
    must: [
      {
        step: 'begin',
        nested: { deploy: { lease: 3 } },
        lease: 3,
        input: { deploy: { lease: 3 } },
        executionName: 'named-by-hand',
        isArn: true,
        isStart: true,
      },
    ],
  },
  {
    name: 'result-replaces-input',
    fact: "Without ResultPath, the function's reply is the state's output.",
    sources: [PAGES.resultReplaces, PAGES.lambda],
    covers: ['field Task.Next', 'integration lambda'],
    functions: { work: { answers: [{ returns: { verdict: 'DONE' } }] } },
    machines: { main: ({ work }) => ({ states: { Work: call(work, { Next: 'Done' }), Done: SUCCEED } }) },
    input: { kept: false },
    must: [{ status: 'SUCCEEDED', output: { verdict: 'DONE' } }],
  },
  {
    name: 'result-into-input',
    fact: 'ResultPath puts the reply into the input, and creates the objects on the way.',
    sources: [PAGES.resultAdded, SPECIFICATION.paths],
    covers: ['field Task.ResultPath', 'ResultPath $.a', 'ResultPath $.a.b'],
    functions: { work: { answers: [{ returns: 1 }] } },
    machines: {
      main: ({ work }) => ({
        states: { Work: call(work, { ResultPath: '$.step', Next: 'More' }), More: call(work, { ResultPath: '$.deploy.documents' }) },
      }),
    },
    input: { kept: true },
    must: [{ status: 'SUCCEEDED', output: { kept: true, step: 1, deploy: { documents: 1 } } }],
  },
  {
    name: 'result-dropped',
    fact: 'ResultPath null drops the reply: the output is the input.',
    sources: [PAGES.resultDropped],
    covers: ['ResultPath null'],
    functions: { work: { answers: [{ returns: { dropped: true } }] } },
    machines: { main: ({ work }) => ({ states: { Work: call(work, { ResultPath: null }) } }) },
    input: { kept: true },
    must: [{ status: 'SUCCEEDED', output: { kept: true } }],
  },
  {
    name: 'pass',
    fact: 'The result of a Pass state is its Result, or what its Parameters give; ResultPath puts it next to the input.',
    sources: [PAGES.pass],
    covers: ['state Pass', 'field Pass.Result', 'field Pass.ResultPath', 'field Pass.Parameters', 'field Pass.Next', 'field Pass.End'],
    machines: {
      main: () => ({
        states: {
          First: pass({ Result: { verdict: 'NONE' }, ResultPath: '$.store', Next: 'Second' }),
          Second: pass({ Parameters: { 'input.$': '$.input', error: { 'verdict.$': '$.store.verdict' } } }),
        },
      }),
    },
    input: { input: 1 },
    must: [{ status: 'SUCCEEDED', output: { input: 1, error: { verdict: 'NONE' } } }],
  },
  {
    name: 'intrinsic-format',
    fact: 'States.Format puts values into a text.',
    sources: [PAGES.format],
    covers: ['Parameters States.Format'],
    machines: {
      main: () => ({ states: { Gap: pass({ Parameters: { 'gap.$': "States.Format('it could not be collected: {}', $.error.Error)" } }) } }),
    },
    input: { error: { Error: 'States.Timeout' } },
    must: [{ status: 'SUCCEEDED', output: { gap: 'it could not be collected: States.Timeout' } }],
  },
  {
    name: 'succeed-with-a-part',
    fact: "OutputPath of Succeed is the part of the input that is the execution's output.",
    sources: [PAGES.succeed, PAGES.commonFields, SPECIFICATION.succeed],
    covers: ['state Succeed', 'field Succeed.OutputPath', 'OutputPath $.a'],
    machines: {
      inner: () => ({ states: { Done: { ...SUCCEED, OutputPath: '$.begun' } } }),
      main: ({ inner }) => ({
        states: { Run: runChild(inner, { 'Input.$': '$' }, { Next: 'Done' }), Done: { ...SUCCEED, OutputPath: '$.Output.plan' } },
      }),
    },
    input: { begun: { plan: [1] }, dropped: true },
    must: [{ status: 'SUCCEEDED', output: [1] }],
  },
  {
    name: 'fail-with-found-error',
    fact: 'ErrorPath and CausePath of Fail take the error and its cause from the input.',
    sources: [PAGES.fail],
    covers: ['state Fail', 'field Fail.ErrorPath', 'field Fail.CausePath', 'ErrorPath $.a.b', 'CausePath $.a.b'],
    machines: { main: () => ({ states: { Failed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' } } }) },
    input: { error: { Error: 'BakeFailed', Cause: 'too many errors' } },
    observe: ({ status, error = null, cause = null }) => ({ status, error, cause }),
    must: [{ status: 'FAILED', error: 'BakeFailed', cause: 'too many errors' }],
  },
  {
    name: 'wait',
    fact: 'Wait takes whole seconds, as written or from the input, and hands its input on.',
    sources: [PAGES.wait],
    covers: ['state Wait', 'field Wait.Seconds', 'field Wait.SecondsPath', 'field Wait.Next', 'SecondsPath $.a.b'],
    slow: true,
    machines: {
      main: () => ({
        states: { First: wait(1, { Next: 'Second' }), Second: { Type: 'Wait', SecondsPath: '$.begun.waitSeconds', End: true } },
      }),
    },
    input: { begun: { waitSeconds: 2 } },
    observe: (ended) => ({ output: ended.output ?? null, seconds: about(secondsOf(ended), 3) }),
    must: [{ output: { begun: { waitSeconds: 2 } }, seconds: 3 }],
  },
];
