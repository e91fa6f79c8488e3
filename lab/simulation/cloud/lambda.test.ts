import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

interface Result {
  readonly answers: readonly { readonly answer?: object; readonly errorType?: string; readonly cause?: string }[];
  readonly effects: readonly string[];
  readonly suspended: number;
  readonly taken: readonly string[];
  readonly virtualMs: number;
  readonly hash: string;
  /** The name of the error that ended the run. */
  readonly ended?: string;
  readonly message?: string;
}

/** What the scaling function does to suspend processes, one call after the other. */
const CALLS = ['UpdateItem', 'DescribeAutoScalingGroups', 'GetItem', 'UpdateItem', 'SuspendProcesses', 'GetItem'];

const CASES = {
  calm: {},
  again: {},
  'crash after an effect': { invocation: { kind: 'crash', atCall: 4, after: true } },
  'crash before an effect': { invocation: { kind: 'crash', atCall: 4, after: false } },
  'crash at the end': { invocation: { kind: 'crash', atCall: 10, after: false } },
  overrun: { invocation: { kind: 'overrun', atCall: 5 } },
  'not started': { invocation: { kind: 'notStarted', error: 'Lambda.TooManyRequestsException' } },
  'answer replaced': { invocation: { kind: 'answerReplaced', error: 'Lambda.Unknown' } },
  twice: { invocation: { kind: 'twice', afterMs: 10 } },
  'answer lost': { call: { kind: 'answerLost' } },
  'refused once': { call: { kind: 'refused', code: 'ServiceUnavailable', status: 503 } },
  'refused for good': { call: { kind: 'refused', code: 'ThrottlingException', status: 400 }, attempts: 9 },
  'requests lost': { call: { kind: 'requestLost' }, attempts: 9 },
  'two at once': { atOnce: 2 },
  'sleeps for real': { sleeps: true },
  'unknown operation': { withoutAutoScaling: true },
} as const;

let results: Readonly<Record<string, Result>>;
const of = (name: keyof typeof CASES): Result => results[name] as Result;

beforeAll(() => {
  // Plain Node: the functions' modules are replaced as they are loaded.
  const script = path.join(import.meta.dirname, '../fakes/try-lambda.ts');
  const printed = execFileSync(process.execPath, [script, JSON.stringify(Object.values(CASES))], { encoding: 'utf8' });
  const found = JSON.parse(printed) as Result[];
  results = Object.fromEntries(Object.keys(CASES).map((name, index) => [name, found[index] as Result]));
});

describe('an invocation of a real handler', () => {
  it('makes its calls and returns its reply', () => {
    expect(of('calm')).toMatchObject({ answers: [{ answer: { autoScalingGroupName: 'group' } }], effects: CALLS, suspended: 7, taken: [] });
  });

  it('is the same in another run of the seed', () => {
    expect(of('again').hash).toBe(of('calm').hash);
  });

  it.each([
    ['crash after an effect', 4],
    ['crash before an effect', 3],
    ['crash at the end', CALLS.length],
  ] as const)('ends with Runtime.ExitError: %s', (name, effects) => {
    expect(of(name)).toMatchObject({ answers: [{ errorType: 'Runtime.ExitError' }], taken: ['invocation.crash'] });
    expect(of(name).effects).toEqual(CALLS.slice(0, effects));
  });

  it('is ended when its time is up', () => {
    expect(of('overrun')).toMatchObject({
      answers: [{ errorType: 'Sandbox.Timedout' }],
      effects: CALLS.slice(0, 4),
      taken: ['invocation.overrun'],
    });
    expect(of('overrun').virtualMs).toBeGreaterThan(60_000);
  });

  it('does nothing where Lambda does not start it', () => {
    expect(of('not started')).toMatchObject({ answers: [{ errorType: 'Lambda.TooManyRequestsException' }], effects: [] });
  });

  it('does everything where only its answer is lost', () => {
    expect(of('answer replaced')).toMatchObject({ answers: [{ errorType: 'Lambda.Unknown' }], effects: CALLS });
  });

  it('runs twice', () => {
    expect(of('twice').taken).toEqual(['invocation.twice']);
    expect(of('twice').effects.length).toBeGreaterThan(CALLS.length);
  });

  it('repeats a call whose answer was lost: its effect happens twice', () => {
    expect(of('answer lost')).toMatchObject({ answers: [{ answer: {} }], effects: ['UpdateItem', ...CALLS], taken: ['call.answerLost'] });
    expect(of('answer lost').virtualMs).toBeGreaterThan(10_000);
  });

  it('repeats a call that was refused', () => {
    expect(of('refused once')).toMatchObject({ answers: [{ answer: {} }], effects: CALLS });
  });

  it.each(['refused for good', 'requests lost'] as const)('throws TransientServiceError after three attempts: %s', (name) => {
    expect(of(name).answers[0]?.errorType).toBe('TransientServiceError');
    expect(JSON.parse(of(name).answers[0]?.cause ?? '')).toMatchObject({ errorType: 'TransientServiceError' });
    expect([of(name).taken.length, of(name).effects]).toEqual([3, []]);
  });

  it('has an environment of its own next to another', () => {
    expect(of('two at once').answers).toHaveLength(2);
    expect(of('two at once').effects).toHaveLength(2 * CALLS.length);
  });

  it('ends the run when it sleeps for real', () => {
    expect(of('sleeps for real')).toMatchObject({
      ended: 'RealWorldUsed',
      message: expect.stringContaining('the function scaling (step "suspend") used the global setTimeout'),
    });
  });

  it('ends the run when it calls what the simulation lacks', () => {
    expect(of('unknown operation').message).toBe('the simulation has no autoscaling DescribeAutoScalingGroups');
  });
});
