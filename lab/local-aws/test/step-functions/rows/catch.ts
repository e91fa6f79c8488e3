import type { Json } from '../json.ts';
import type { Row } from '../row.ts';
import { outcome } from '../row.ts';
import { PAGES, RECORDINGS } from '../sources.ts';
import { CATCH_ALL, CAUGHT, call, pass } from './parts.ts';

/** Above 256 KiB of UTF-8. */
const TOO_LARGE = 270_000;

/** AWS's guide and what AWS was seen to do are not the same. */
const LIMIT_READINGS =
  'The guide says that States.ALL does not catch it. Recordings of AWS by the makers of LocalStack (2024) show a Task of Lambda whose States.ALL did. Holdfast is right under both: an execution that fails is cleaned up after by the event of its end, one that catches it follows its own failure path, and functions reply with little.';
const LIMIT: readonly Json[] = [
  { status: 'FAILED', error: 'States.DataLimitExceeded' },
  { status: 'SUCCEEDED', output: { caught: 'States.DataLimitExceeded' } },
];

/** Catch: which errors, and what the next state gets. */
export const CATCH_ROWS: readonly Row[] = [
  {
    name: 'catch-by-name',
    fact: 'The first catcher that names the error decides. Its ResultPath says where Error and Cause are put in the input of the state.',
    sources: [PAGES.catchers, PAGES.resultOfCatch],
    covers: ['field Task.Catch', 'catcher ErrorEquals', 'catcher Next', 'catcher ResultPath', 'catcher ResultPath $.a'],
    functions: { work: { answers: [{ throws: 'LockTaken' }] } },
    machines: {
      main: ({ work }) => ({
        states: {
          Work: call(work, {
            Catch: [
              { ErrorEquals: ['Other'], Next: 'Wrong' },
              { ErrorEquals: ['LockTaken'], ResultPath: '$.error', Next: 'Taken' },
              ...CATCH_ALL,
            ],
          }),
          Wrong: pass({ Result: 'wrong' }),
          Taken: pass({ Parameters: { 'error.$': '$.error.Error', 'input.$': '$.input' } }),
          ...CAUGHT,
        },
      }),
    },
    input: { input: 7 },
    must: [{ status: 'SUCCEEDED', output: { error: 'LockTaken', input: 7 } }],
  },
  {
    name: 'cause-of-a-function',
    fact: "An error that a function throws has the function's name for it; its Cause is JSON with errorType and errorMessage.",
    sources: [PAGES.lambda, RECORDINGS.thrown],
    notOnPages: 'The page documents that the task fails. The name of the error and the content of its Cause come from the recording.',
    covers: ['integration lambda', 'field Task.Resource', 'state Task'],
    functions: { work: { answers: [{ throws: 'BakeFailed' }] } },
    machines: { main: ({ work }) => ({ states: { Work: call(work) } }) },
    observe: ({ status, error = null, cause = '{}' }) => {
      const { errorType, errorMessage } = JSON.parse(cause) as Record<string, string>;
      return { status, error, errorType: errorType ?? null, errorMessage: errorMessage ?? null };
    },
    must: [{ status: 'FAILED', error: 'BakeFailed', errorType: 'BakeFailed', errorMessage: 'on purpose' }],
  },
  {
    name: 'missing-path-not-caught',
    fact: 'A path in Parameters that leads nowhere is States.Runtime. States.ALL does not catch it: the execution fails.',
    sources: [PAGES.errorNames, RECORDINGS.noSuchPath, RECORDINGS.runtimeNotCaught],
    notOnPages:
      'The page describes States.Runtime, but does not list this path under it. The recordings show it for Parameters of a Pass, and for OutputPath of a Task whose Catch names States.Runtime and does not run. No recording has States.ParameterPathFailure, the name in the specification and in the guide of 2023.',
    emulatorAlone: 'the path gives null',
    covers: ['catch States.ALL', 'field Task.Parameters'],
    functions: { work: { answers: [{ returns: 'never called' }] } },
    machines: {
      main: ({ work }) => ({ states: { Work: call(work, { Parameters: { 'a.$': '$.nowhere' }, Catch: CATCH_ALL }), ...CAUGHT } }),
    },
    must: [{ status: 'FAILED', error: 'States.Runtime' }],
  },
  {
    name: 'result-too-large',
    fact: 'A result above 256 KiB is States.DataLimitExceeded.',
    sources: [PAGES.errorNames, PAGES.sizes, RECORDINGS.tooLargeCaught],
    emulatorAlone: 'there is no limit',
    covers: ['catch States.ALL'],
    reliedOnBy: 'functions/sweep/report/count-tally.ts',
    functions: { work: { answers: [{ returnsBytes: TOO_LARGE }] } },
    machines: { main: ({ work }) => ({ states: { Work: call(work, { Catch: CATCH_ALL }), ...CAUGHT } }) },
    input: {},
    must: LIMIT,
    readings: LIMIT_READINGS,
  },
  {
    name: 'dropped-result-too-large',
    fact: 'The limit is that of the result itself: ResultPath null, which drops it, does not help.',
    sources: [PAGES.errorNames, PAGES.sizes, RECORDINGS.tooLargeCaught],
    emulatorAlone: 'there is no limit',
    covers: ['ResultPath null'],
    functions: { work: { answers: [{ returnsBytes: TOO_LARGE }] } },
    machines: { main: ({ work }) => ({ states: { Work: call(work, { ResultPath: null, Catch: CATCH_ALL }), ...CAUGHT } }) },
    input: {},
    must: LIMIT,
    readings: LIMIT_READINGS,
  },
  {
    name: 'state-too-large',
    fact: 'What a state hands on is limited to 256 KiB as a whole, with what was there before.',
    sources: [PAGES.errorNames, PAGES.sizes],
    emulatorAlone: 'there is no limit',
    covers: ['ResultPath $.a'],
    functions: { work: { answers: [{ returnsBytes: 150_000 }] } },
    machines: {
      main: ({ work }) => ({
        states: { First: call(work, { ResultPath: '$.first', Next: 'Second' }), Second: call(work, { ResultPath: '$.second' }) },
      }),
    },
    input: {},
    observe: (ended) => (ended.status === 'SUCCEEDED' ? { status: ended.status } : outcome(ended)),
    must: [{ status: 'FAILED', error: 'States.DataLimitExceeded' }],
  },
  {
    name: 'killed-function',
    fact: 'A function whose process ends has failed with a name that Holdfast repeats.',
    sources: [PAGES.lambdaErrors, PAGES.runtimeExit, RECORDINGS.handlerExits, RECORDINGS.thrown],
    notOnPages:
      'Lambda’s reply has the errorType Runtime.ExitError. Step Functions names an error by its errorType; the recording shows that for a thrown error only.',
    covers: ['retry Runtime.ExitError', 'retry Lambda.Unknown'],
    functions: { work: { answers: [{ exits: true }] } },
    machines: {
      main: ({ work }) => ({
        states: { Work: call(work, { Retry: [{ ErrorEquals: ['Runtime.ExitError', 'Lambda.Unknown'], MaxAttempts: 0 }] }) },
      }),
    },
    must: [
      { status: 'FAILED', error: 'Runtime.ExitError' },
      { status: 'FAILED', error: 'Lambda.Unknown' },
    ],
    readings:
      'The guide names Lambda.Unknown for errors that no handler reports; Lambda replies to the call with Runtime.ExitError. Each retrier for one has the other too.',
  },
  {
    name: 'function-out-of-time',
    fact: 'A function that reaches its own limit has failed with a name that Holdfast repeats.',
    sources: [PAGES.lambdaErrors, PAGES.errorNames, RECORDINGS.functionOutOfTime],
    covers: ['retry Sandbox.Timedout', 'retry Lambda.Unknown'],
    slow: true,
    functions: { work: { answers: [{ returns: null, afterSeconds: 9 }], timeoutSeconds: 1 } },
    machines: {
      main: ({ work }) => ({
        states: { Work: call(work, { Retry: [{ ErrorEquals: ['Sandbox.Timedout', 'Lambda.Unknown'], MaxAttempts: 0 }] }) },
      }),
    },
    must: [
      { status: 'FAILED', error: 'Sandbox.Timedout' },
      { status: 'FAILED', error: 'Lambda.Unknown' },
    ],
    readings:
      'The guide names both: Lambda.Unknown of older runtimes, Sandbox.Timedout of newer ones. Each retrier for one has the other too.',
  },
];
