import { describe, expect, test } from 'vitest';
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
  readonly retries: readonly string[];
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
  const seen = { states: [] as string[], retries: [] as string[], calledAt: [] as number[] };
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
    retried: (_, error) => void seen.retries.push(error),
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
const fails =
  (...errors: string[]) =>
  (call: number) => {
    const error = errors[call - 1];
    if (error !== undefined) throw new StateError(error, 'why');
    return 'answered';
  };
const CAUGHT = { Caught: { Type: 'Pass', End: true } };
const CATCH_ALL = [{ ErrorEquals: ['States.ALL'], Next: 'Caught', ResultPath: '$.error' }];

describe('retriers', () => {
  const RETRIERS = [
    { ErrorEquals: ['A', 'B'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
    { ErrorEquals: ['C'], IntervalSeconds: 5 },
  ];

  // The example of the developer guide.
  test('are taken in order, each with a count and a delay of its own', async () => {
    const { outcome, calledAt } = await run(
      { One: task({ Retry: RETRIERS, Catch: CATCH_ALL }), ...CAUGHT },
      { answer: fails('A', 'B', 'C', 'B') },
    );
    expect(calledAt).toEqual([0, 1, 3, 8]);
    expect(outcome).toEqual({ status: 'SUCCEEDED', output: { error: { Error: 'B', Cause: 'why' } } });
  });

  test('with no attempts keep later ones from repeating the error', async () => {
    const Retry = [{ ErrorEquals: ['A'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
    const { calledAt, outcome } = await run({ One: task({ Retry }) }, { answer: fails('A') });
    expect(calledAt).toHaveLength(1);
    expect(outcome).toEqual({ status: 'FAILED', error: 'A', cause: 'why' });
  });

  test('wait no longer than their longest delay', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 6, MaxDelaySeconds: 30 }];
    const { calledAt } = await run({ One: task({ Retry }) }, { answer: fails('A', 'A', 'A', 'A', 'A', 'A', 'A') });
    expect(calledAt).toEqual([0, 1, 3, 7, 15, 31, 61]);
  });

  test('count from the beginning when the state is entered again', async () => {
    const Retry = [{ ErrorEquals: ['A'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const again = { Again: { Type: 'Choice', Choices: [{ Variable: '$', StringEquals: 'answered', Next: 'End' }], Default: 'One' } };
    const end = { End: { Type: 'Succeed' } };
    const answer = (call: number) => (call === 2 ? 'once more' : fails('A', '', 'A')(call));
    const { outcome } = await run({ One: { ...task({ Retry }), End: undefined, Next: 'Again' }, ...again, ...end }, { answer });
    expect(outcome).toEqual({ status: 'SUCCEEDED', output: 'answered' });
  });
});

describe('States.ALL', () => {
  const catching = { One: task({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }], Catch: CATCH_ALL }), ...CAUGHT };

  test('takes the time-out of a task', async () => {
    const states = { ...catching, One: { ...catching.One, TimeoutSeconds: 90 } };
    const { outcome, calledAt, retries } = await run(states, { answer: () => new Promise(() => {}) });
    expect(calledAt).toEqual([0, 91]);
    expect(retries).toEqual(['States.Timeout']);
    expect(outcome).toEqual({ status: 'SUCCEEDED', output: { error: { Error: 'States.Timeout', Cause: '' } } });
  });

  test('does not take a path that leads nowhere', async () => {
    const { outcome, retries } = await run({ ...catching, One: { ...catching.One, Parameters: { 'a.$': '$.missing' } } });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(retries).toEqual([]);
  });

  test('does not take a result above 256 KiB', async () => {
    const { outcome } = await run(catching, { answer: () => 'x'.repeat(262_144) });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect((await run(catching, { answer: () => 'x'.repeat(262_142) })).outcome?.status).toBe('SUCCEEDED');
  });
});

test('an answer that comes after the time-out changes nothing', async () => {
  const Retry = [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1 }];
  const answer = async (call: number, kernel: Kernel) => {
    await kernel.sleep(call === 1 ? 15_000 : 1_000);
    return call;
  };
  const { outcome } = await run({ One: task({ TimeoutSeconds: 10, Retry }) }, { answer });
  expect(outcome).toEqual({ status: 'SUCCEEDED', output: 2 });
});

test.each([
  ['absent', undefined, 'result'],
  ['a path', '$.a.b', { old: 1, a: { b: 'result' } }],
  ['null', null, { old: 1 }],
])('puts a result where ResultPath says: %s', async (_, ResultPath, output) => {
  const { outcome } = await run({ One: task({ ResultPath }) }, { input: { old: 1 }, answer: () => 'result' });
  expect(outcome).toEqual({ status: 'SUCCEEDED', output });
});

test('fills in parameters from the input and the execution', async () => {
  const Parameters = { 'all.$': '$', 'inner.$': '$.a.b', fixed: { 'name.$': '$$.Execution.Name' }, list: [1] };
  const { outcome } = await run({ One: { Type: 'Pass', Parameters, End: true } }, { input: { a: { b: null } } });
  expect(outcome).toEqual({ status: 'SUCCEEDED', output: { all: { a: { b: null } }, inner: null, fixed: { name: 'one' }, list: [1] } });
});

describe('Choice', () => {
  const states = (rule: object) => ({
    Which: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Succeed' },
    No: { Type: 'Succeed' },
  });
  const isA = { Variable: '$.a', StringEquals: 'A' };
  test.each([
    [isA, { a: 'A' }, 'Yes'],
    [isA, { a: 1 }, 'No'],
    [{ Variable: '$.a', BooleanEquals: true }, { a: true }, 'Yes'],
    [{ Variable: '$.a', BooleanEquals: true }, { a: 'true' }, 'No'],
    [{ Variable: '$.a', IsPresent: true }, { a: null }, 'Yes'],
    [{ Variable: '$.a.b', IsPresent: true }, {}, 'No'],
    [{ Not: { Variable: '$.b', IsPresent: true } }, {}, 'Yes'],
    [{ And: [isA, { Not: isA }] }, { a: 'A' }, 'No'],
    [{ Or: [{ Not: isA }, isA] }, { a: 'A' }, 'Yes'],
    // Later conditions are not looked at.
    [{ And: [isA, { Variable: '$.missing', StringEquals: 'x' }] }, { a: 'B' }, 'No'],
  ])('%j of %j: %s', async (rule, input, expected) => {
    expect((await run(states(rule), { input })).states[1]).toBe(expected);
  });

  test('fails where the variable is missing', async () => {
    expect((await run(states(isA))).outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  test('fails where nothing matches and there is no Default', async () => {
    const { Which, ...others } = states(isA);
    const { outcome } = await run({ Which: { ...Which, Default: undefined }, ...others }, { input: { a: 'B' } });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });
});

test('waits for the seconds of the definition or of the input', async () => {
  const states = {
    First: { Type: 'Wait', Seconds: 60, Next: 'Second' },
    Second: { Type: 'Wait', SecondsPath: '$.seconds', Next: 'One' },
    One: task({}),
  };
  expect((await run(states, { input: { seconds: 5 } })).calledAt).toEqual([65]);
  expect((await run(states, { input: { seconds: '5' } })).outcome).toMatchObject({ error: 'States.Runtime' });
});

test('fails with the error of the input', async () => {
  const states = { Bad: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' } };
  expect((await run(states, { input: { error: { Error: 'E', Cause: 'C' } } })).outcome).toEqual({
    status: 'FAILED',
    error: 'E',
    cause: 'C',
  });
  expect((await run(states)).outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
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
