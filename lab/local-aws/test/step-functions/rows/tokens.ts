import type { Json } from '../json.ts';
import { about, outcome, type Row, type Run, secondsOf } from '../row.ts';
import { PAGES, RECORDINGS } from '../sources.ts';
import { ask, CATCH_ALL, CAUGHT } from './parts.ts';

/** A machine with other work may take a minute to start a function. */
const TRIES = 40;
const PAUSE_SECONDS = 3;
/** Time limit of a task that is answered: longer than all tries together. */
const ANSWERED_WITHIN_SECONDS = 180;

/**
 * The tokens that the function was given, once there are `count`. Asks seldom: a function that is busy with an answer gets its
 * next call in another process, which has seen nothing.
 */
async function tokensOf({ cloud, arns }: Run, count: number): Promise<readonly string[]> {
  let tokens: readonly string[] = [];
  for (let tries = 0; tries < TRIES && tokens.length < count; tries += 1) {
    await cloud.sleep(PAUSE_SECONDS);
    const { payloads } = await cloud.seenBy(arns['ask'] as string);
    tokens = payloads.map((payload) => (payload as { token: string }).token);
  }
  if (tokens.length < count) throw new Error(`the function has got ${tokens.length} of ${count} tokens within ${TRIES * PAUSE_SECONDS} s`);
  return tokens;
}

/** A task that waits for its token, as an approval does. */
export const TOKEN_ROWS: readonly Row[] = [
  {
    name: 'token-answered',
    fact: 'A task that waits for its token has the answer to it as its result; what the function returned is dropped.',
    sources: [PAGES.callback, PAGES.sendTaskSuccess, PAGES.context],
    covers: [
      ...['integration lambda:invoke.waitForTaskToken', 'parameter lambda:invoke.waitForTaskToken FunctionName'],
      ...['parameter lambda:invoke.waitForTaskToken Payload', 'Parameters $$.Task.Token', 'ResultPath $.a'],
    ],
    slow: true,
    functions: { ask: { answers: [{ returns: 'dropped' }] } },
    machines: {
      main: (arns) => ({ states: { Ask: ask(arns['ask'], { ResultPath: '$.approval', TimeoutSeconds: ANSWERED_WITHIN_SECONDS }) } }),
    },
    input: { kept: true },
    during: async (run) => {
      const [token = ''] = await tokensOf(run, 1);
      await run.cloud.answer(token, { approved: true });
      return null;
    },
    must: [{ status: 'SUCCEEDED', output: { kept: true, approval: { approved: true } } }],
  },
  {
    name: 'token-never-answered',
    fact: 'Without an answer within TimeoutSeconds the task fails with States.Timeout, which States.ALL catches.',
    sources: [PAGES.task, PAGES.errorNames, RECORDINGS.tokenOutOfTime],
    covers: ['integration lambda:invoke.waitForTaskToken', 'field Task.TimeoutSeconds', 'catch States.ALL'],
    slow: true,
    functions: { ask: { answers: [{ returns: null }] } },
    machines: { main: (arns) => ({ states: { Ask: ask(arns['ask'], { TimeoutSeconds: 2, Catch: CATCH_ALL }), ...CAUGHT } }) },
    input: {},
    observe: (ended) => ({ ...(outcome(ended) as object), seconds: about(secondsOf(ended), 2) }),
    must: [{ status: 'SUCCEEDED', output: { caught: 'States.Timeout' }, seconds: 2 }],
  },
  {
    name: 'asking-fails',
    fact: 'When the function itself fails, so does the task, at once and with its error; a retrier repeats it.',
    sources: [PAGES.lambda, PAGES.callback],
    emulatorAlone: 'the task waits for an answer all the same',
    covers: ['integration lambda:invoke.waitForTaskToken', 'retry ERROR'],
    slow: true,
    functions: { ask: { answers: [{ throws: 'TransientServiceError' }, { returns: null }] } },
    machines: {
      main: (arns) => ({
        states: {
          Ask: ask(arns['ask'], {
            TimeoutSeconds: ANSWERED_WITHIN_SECONDS,
            Retry: [{ ErrorEquals: ['TransientServiceError'], IntervalSeconds: 2, MaxAttempts: 1 }],
          }),
        },
      }),
    },
    input: {},
    during: async (run) => {
      const [first, second = ''] = await tokensOf(run, 2);
      await run.cloud.answer(second, { approved: false });
      return { newToken: first !== second };
    },
    observe: (ended, _, during) => ({ ...(outcome(ended) as object), ...(during as object) }),
    must: [true, false].map((newToken) => ({ status: 'SUCCEEDED', output: { approved: false }, newToken })),
    readings:
      'The guide documents that the task fails with its function, and a new token after a time-out only. The function that asks keeps the last one.',
  },
  {
    name: 'token-of-the-past',
    fact: 'An answer to a task that has ended is refused, as TaskTimedOut.',
    sources: [PAGES.sendTaskSuccess],
    emulatorAlone: 'the answer is accepted',
    covers: ['Parameters $$.Task.Token'],
    reliedOnBy: 'functions/incidents/approve/handler.ts',
    slow: true,
    functions: { ask: { answers: [{ returns: null }] } },
    machines: { main: (arns) => ({ states: { Ask: ask(arns['ask'], { TimeoutSeconds: ANSWERED_WITHIN_SECONDS }) } }) },
    input: {},
    during: async (run): Promise<Json> => {
      const [token = ''] = await tokensOf(run, 1);
      await run.cloud.stop(run.executionArn, 'Aborted', 'by hand');
      await run.cloud.sleep(1);
      try {
        await run.cloud.answer(token, { approved: true });
        return 'accepted';
      } catch (error) {
        return (error as Error).name;
      }
    },
    observe: ({ status }, _, answered) => ({ status, answered }),
    must: [{ status: 'ABORTED', answered: 'TaskTimedOut' }],
  },
];
