/** What the interpreter does where no row of lab/local-aws/test/step-functions/rows can show it. */
import { expect, test } from 'vitest';
import { Kernel } from '../kernel/kernel.ts';
import { checkDefinition } from './check-definition.ts';
import { StateError } from './errors.ts';
import { interpret } from './interpret.ts';
import type { Outcome, Surroundings } from './surroundings.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:one:1';
const CHILD = 'arn:aws:states:eu-west-1:111122223333:stateMachine:child';

interface Ran {
  readonly outcome: Outcome | undefined;
  readonly states: readonly string[];
  /** Seconds at which the function was called. */
  readonly calledAt: readonly number[];
}

interface World {
  readonly input?: unknown;
  /** What a called function answers. @param call counts the calls from 1 */
  readonly answer?: (call: number, kernel: Kernel) => unknown;
  readonly stopAfterMs?: number;
  readonly forMs?: number;
}

/** Runs a definition with a function and no time between states. */
async function run(
  states: Readonly<Record<string, unknown>>,
  { input = {}, answer = () => ({}), stopAfterMs, forMs = 4e6 }: World = {},
): Promise<Ran> {
  const kernel = new Kernel(1);
  const definition = checkDefinition('machine', JSON.stringify({ StartAt: Object.keys(states)[0], States: states }), {
    isFunction: (arn) => arn === FUNCTION,
    isMachine: (arn) => arn === CHILD,
  });
  const begun = kernel.now();
  const seen = { states: [] as string[], calledAt: [] as number[] };
  let isOver = false;
  if (stopAfterMs !== undefined) {
    kernel.after(stopAfterMs, () => {
      isOver = true;
    });
  }
  const surroundings: Surroundings = {
    isOver: () => isOver,
    sleep: (ms) => kernel.sleep(ms),
    after: (ms, then) => kernel.after(ms, then),
    transitionMs: () => 0,
    entered: (state) => void seen.states.push(state),
    retried: () => {},
    caught: () => {},
    callFunction: async () => {
      seen.calledAt.push((kernel.now() - begun) / 1_000);
      return answer(seen.calledAt.length, kernel);
    },
    runChild: async () => answer(1, kernel),
    startChild: async () => answer(1, kernel),
    childGivenUp: () => {},
  };
  const context = { Execution: { Id: 'arn:of:one', Name: 'one', StartTime: '2030-01-01T00:00:00.000Z' } };
  let outcome: Outcome | undefined;
  interpret(definition, input, context, surroundings).then(
    (end) => {
      outcome = end;
    },
    (error: unknown) => kernel.fail(error),
  );
  await kernel.run(begun + forMs);
  return { outcome, ...seen };
}

const task = (more: object) => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more });
const CAUGHT = { Caught: { Type: 'Pass', End: true } };
const CATCH_ALL = [{ ErrorEquals: ['States.ALL'], Next: 'Caught', ResultPath: '$.error' }];

test('an answer that comes after the time-out changes nothing', async () => {
  const Retry = [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1 }];
  const answer = async (call: number, kernel: Kernel) => {
    await kernel.sleep(call === 1 ? 15_000 : 1_000);
    return call;
  };
  const { outcome } = await run({ One: task({ TimeoutSeconds: 10, Retry }) }, { answer });
  expect(outcome).toEqual({ status: 'SUCCEEDED', output: 2 });
});

test('fails where no rule is true and there is no Default', async () => {
  const Choices = [{ Variable: '$.a', StringEquals: 'A', Next: 'Yes' }];
  const { outcome } = await run({ Which: { Type: 'Choice', Choices }, Yes: { Type: 'Succeed' } }, { input: { a: 'B' } });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
});

test.each([500, 1_500])(
  'does nothing more once it is stopped, whether it waits for a function or for a Retry (%i ms)',
  async (stopAfterMs) => {
    const answer = async (_: number, kernel: Kernel) => {
      await kernel.sleep(1_000);
      throw new StateError('A');
    };
    const Retry = [{ ErrorEquals: ['A'], IntervalSeconds: 1 }];
    const { outcome, states, calledAt } = await run({ One: task({ Retry, Catch: CATCH_ALL }), ...CAUGHT }, { answer, stopAfterMs });
    expect({ outcome, states, calls: calledAt.length }).toEqual({ outcome: undefined, states: ['One'], calls: 1 });
  },
);

test('ends after 25,000 events, which no Catch takes', async () => {
  const One = { ...task({ Catch: CATCH_ALL }), End: undefined, Next: 'One' };
  const { outcome, calledAt } = await run({ One, ...CAUGHT });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime', cause: expect.stringContaining('25000') });
  expect(calledAt).toHaveLength(4_999);
});

test('an error that is none of Step Functions ends the run', async () => {
  const answer = () => {
    throw new TypeError('a mistake of a model');
  };
  await expect(run({ One: task({ Catch: CATCH_ALL }), ...CAUGHT }, { answer })).rejects.toThrow('a mistake of a model');
});
