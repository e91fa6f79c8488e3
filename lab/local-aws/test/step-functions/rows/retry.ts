import { pauses, type Row, secondsOf } from '../row.ts';
import { PAGES } from '../sources.ts';
import { CATCH_ALL, CAUGHT, call, SUCCEED } from './parts.ts';

const FOREVER = { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 9 };

/** Retry: which retrier, how often, after how long. */
export const RETRY_ROWS: readonly Row[] = [
  {
    name: 'retriers-in-order',
    fact: 'The first retrier that names the error decides, with a count and a growing delay of its own. When its attempts are used up, Catch follows, whatever other retriers have left.',
    sources: [PAGES.retriers],
    covers: [
      'field Task.Retry',
      'retrier ErrorEquals',
      'retrier IntervalSeconds',
      'retrier BackoffRate',
      'retrier MaxAttempts',
      'retry ERROR',
    ],
    slow: true,
    functions: { work: { answers: [{ throws: 'A' }, { throws: 'B' }, { throws: 'C' }, { throws: 'B' }] } },
    machines: {
      main: ({ work }) => ({
        states: {
          Work: call(work, {
            Retry: [
              { ErrorEquals: ['A', 'B'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
              { ErrorEquals: ['C'], IntervalSeconds: 1, MaxAttempts: 3 },
            ],
            Catch: CATCH_ALL,
          }),
          ...CAUGHT,
        },
      }),
    },
    observe: async ({ output }, { cloud, arns }) => ({
      output: output ?? null,
      pauses: pauses(await cloud.seenBy(arns['work'] as string), [1, 2, 1]),
    }),
    must: [{ output: { caught: 'B' }, pauses: [1, 2, 1] }],
  },
  {
    name: 'longest-delay',
    fact: 'A delay grows by BackoffRate, and no further than MaxDelaySeconds.',
    sources: [PAGES.retriers],
    emulatorAlone: 'it takes no notice of MaxDelaySeconds',
    covers: ['retrier MaxDelaySeconds', 'retrier BackoffRate', 'retry States.ALL'],
    slow: true,
    functions: { work: { answers: [{ throws: 'A' }, { throws: 'A' }, { throws: 'A' }, { returns: 'done' }] } },
    machines: {
      main: ({ work }) => ({
        states: { Work: call(work, { Retry: [{ ...FOREVER, BackoffRate: 10, MaxDelaySeconds: 2 }] }) },
      }),
    },
    observe: async ({ output }, { cloud, arns }) => ({
      output: output ?? null,
      pauses: pauses(await cloud.seenBy(arns['work'] as string), [1, 2, 2]),
    }),
    must: [{ output: 'done', pauses: [1, 2, 2] }],
  },
  {
    name: 'no-attempts',
    fact: 'A retrier with MaxAttempts 0 keeps its errors from the retriers after it.',
    sources: [PAGES.retriers],
    covers: ['retrier MaxAttempts', 'retry ERROR', 'retry States.ALL'],
    functions: { work: { answers: [{ throws: 'InvalidInput' }] } },
    machines: {
      main: ({ work }) => ({
        states: { Work: call(work, { Retry: [{ ErrorEquals: ['InvalidInput', 'LeaseLost'], MaxAttempts: 0 }, FOREVER] }) },
      }),
    },
    observe: async ({ status, error = null }, { cloud, arns }) => ({
      status,
      error,
      calls: (await cloud.seenBy(arns['work'] as string)).calledAtMs.length,
    }),
    must: [{ status: 'FAILED', error: 'InvalidInput', calls: 1 }],
  },
  {
    name: 'counts-begin-anew',
    fact: 'Retriers count within one visit of the state: when the machine comes back to it, all attempts are there again.',
    sources: [PAGES.retriers],
    covers: ['retrier MaxAttempts'],
    slow: true,
    functions: { work: { answers: [{ throws: 'A' }, { returns: 'again' }, { throws: 'A' }, { returns: 'done' }] } },
    machines: {
      main: ({ work }) => ({
        states: {
          Work: call(work, { Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 1, MaxAttempts: 1 }], ResultPath: '$.word', Next: 'Again?' }),
          'Again?': { Type: 'Choice', Choices: [{ Variable: '$.word', StringEquals: 'again', Next: 'Work' }], Default: 'Done' },
          Done: SUCCEED,
        },
      }),
    },
    must: [{ status: 'SUCCEEDED', output: { word: 'done' } }],
  },
  {
    name: 'time-out-repeated',
    fact: 'A retrier that names States.Timeout repeats a task that ran longer than its TimeoutSeconds.',
    sources: [PAGES.retriers, PAGES.task],
    covers: ['retry States.Timeout', 'field Task.TimeoutSeconds'],
    slow: true,
    functions: { work: { answers: [{ returns: null, afterSeconds: 6 }] } },
    machines: {
      main: ({ work }) => ({
        states: {
          Work: call(work, {
            TimeoutSeconds: 2,
            Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 1 }],
            Catch: CATCH_ALL,
          }),
          ...CAUGHT,
        },
      }),
    },
    // Two attempts of 2 s and 1 s between them; one attempt would be 2 s.
    observe: (ended) => ({ output: ended.output ?? null, twice: secondsOf(ended) >= 4.5 }),
    must: [{ output: { caught: 'States.Timeout' }, twice: true }],
  },
];
