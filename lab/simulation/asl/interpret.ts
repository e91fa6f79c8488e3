/** Runs one execution of a definition, as Step Functions runs a Standard workflow. */
import { jsonCopy } from '../kernel/json-copy.ts';
import { choose } from './choose.ts';
import type { Definition, FailState, PassState, State, TaskState, WaitState } from './definition.ts';
import { RUN_CHILD, START_CHILD } from './definition.ts';
import { matches, runtimeError, StateError } from './errors.ts';
import { type ExecutionContext, read, type Scope, withValueAt } from './paths.ts';
import { fill } from './payload-template.ts';
import { nextRetrySeconds, type RetryCounts } from './retry.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_EVENTS = 25_000;
/** UTF-8, of a state's input or output. */
const MOST_BYTES = 262_144;

/** Entries in the history, by what happens. */
const EVENTS = { execution: 2, state: 2, function: 3, child: 4, start: 3 } as const;

/** What an execution reaches outside itself. */
export interface Surroundings {
  /** Whether it was stopped or has run out of time: it then does nothing more. */
  isOver(): boolean;
  sleep(ms: number): Promise<void>;
  after(ms: number, run: () => void): { cancel(): void };
  /** How long Step Functions takes from one state to the next. */
  transitionMs(): number;
  entered(state: string): void;
  retried(state: string, error: string): void;
  caught(state: string, error: string): void;
  /**
   * Calls a function. Whatever becomes of the execution, the function runs on.
   * @throws StateError
   */
  callFunction(state: string, resource: string, payload: unknown): Promise<unknown>;
  /**
   * Starts an execution and waits for its end. @returns its description, with its output as JSON
   * @throws StateError
   */
  runChild(state: string, parameters: ChildParameters): Promise<unknown>;
  /**
   * Starts an execution. @returns its ARN and its beginning
   * @throws StateError
   */
  startChild(state: string, parameters: ChildParameters): Promise<unknown>;
  /** The task that waits for this state's child has run out of time. */
  childGivenUp(state: string): void;
}

/** Parameters of {@link RUN_CHILD} and {@link START_CHILD}. */
export interface ChildParameters {
  readonly StateMachineArn: string;
  readonly Name?: string;
  readonly Input?: unknown;
}

export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED'; readonly error?: string; readonly cause?: string };

/** @returns how it ended by itself; undefined when it was over before */
export async function interpret(
  definition: Definition,
  input: unknown,
  context: ExecutionContext,
  around: Surroundings,
): Promise<Outcome | undefined> {
  const execution = new Interpreter(context, around);
  let name = definition.StartAt;
  let data = input;
  try {
    for (;;) {
      await around.sleep(around.transitionMs());
      if (around.isOver()) return undefined;
      around.entered(name);
      // Whoever was told may have stopped it.
      if (around.isOver()) return undefined;
      const state = definition.States[name] as State;
      const step = await execution.run(name, state, data);
      if (step === undefined) return undefined;
      if ('status' in step) return step;
      name = step.next;
      data = step.output;
    }
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return around.isOver() ? undefined : { status: 'FAILED', error: error.error, ...(error.why !== undefined && { cause: error.why }) };
  }
}

type Step = Outcome | { readonly next: string; readonly output: unknown };

class Interpreter {
  private readonly context: ExecutionContext;
  private readonly around: Surroundings;
  private events: number = EVENTS.execution;

  constructor(context: ExecutionContext, around: Surroundings) {
    this.context = context;
    this.around = around;
  }

  /** @returns undefined when the execution is over */
  async run(name: string, state: State, input: unknown): Promise<Step | undefined> {
    this.count(EVENTS.state);
    const scope = { input, context: this.context };
    switch (state.Type) {
      case 'Choice':
        return { next: choose(state, scope), output: input };
      case 'Pass':
        return goOn(state, withResult(state.ResultPath, input, passed(state, scope)));
      case 'Wait':
        await this.around.sleep(waitSeconds(state, scope) * 1_000);
        return this.around.isOver() ? undefined : goOn(state, input);
      case 'Succeed':
        return { status: 'SUCCEEDED', output: state.OutputPath === undefined ? input : read(state.OutputPath, scope) };
      case 'Fail':
        return failed(state, scope);
      case 'Task':
        return this.task(name, state, scope);
    }
  }

  private async task(name: string, state: TaskState, scope: Scope): Promise<Step | undefined> {
    try {
      const result = await this.repeated(name, state, scope);
      if (this.around.isOver()) return undefined;
      return goOn(state, withResult(state.ResultPath, scope.input, result));
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      if (this.around.isOver()) return undefined;
      const catcher = state.Catch?.find(({ ErrorEquals }) => matches(ErrorEquals, error.error));
      if (!catcher) throw error;
      this.around.caught(name, error.error);
      return { next: catcher.Next, output: withResult(catcher.ResultPath, scope.input, { Error: error.error, Cause: error.why ?? '' }) };
    }
  }

  /** The task, until it succeeds or no retrier repeats it. */
  private async repeated(name: string, state: TaskState, scope: Scope): Promise<unknown> {
    const counts: RetryCounts = [];
    for (;;) {
      try {
        const result = await this.attempt(name, state, scope);
        // Even of one that ResultPath drops.
        checkSize(result ?? null);
        return result;
      } catch (error) {
        if (!(error instanceof StateError) || this.around.isOver()) throw error;
        const seconds = nextRetrySeconds(state.Retry ?? [], counts, error.error);
        if (seconds === undefined) throw error;
        this.around.retried(name, error.error);
        await this.around.sleep(seconds * 1_000);
        if (this.around.isOver()) throw error;
      }
    }
  }

  private attempt(name: string, state: TaskState, scope: Scope): Promise<unknown> {
    const { around } = this;
    const isChild = state.Resource === RUN_CHILD;
    const isStart = state.Resource === START_CHILD;
    this.count(isChild ? EVENTS.child : isStart ? EVENTS.start : EVENTS.function);
    // A copy, as through the wire: nobody can change what belongs to another.
    const filled = state.Parameters === undefined ? scope.input : fill(state.Parameters, scope);
    checkSize(filled);
    const payload = jsonCopy(filled);
    const done = isChild
      ? around.runChild(name, payload as ChildParameters)
      : isStart
        ? around.startChild(name, payload as ChildParameters)
        : around.callFunction(name, state.Resource, payload);
    if (state.TimeoutSeconds === undefined) return done;
    const limitMs = state.TimeoutSeconds * 1_000;
    return new Promise((resolve, reject) => {
      const limit = around.after(limitMs, () => {
        if (isChild && !around.isOver()) around.childGivenUp(name);
        reject(new StateError('States.Timeout'));
      });
      // After the limit these have no effect any more.
      done.then(resolve, reject).finally(() => limit.cancel());
    });
  }

  /** @throws StateError that nothing catches, when the history is full */
  private count(events: number): void {
    this.events += events;
    if (this.events > MOST_EVENTS) throw runtimeError(`The execution reached the maximum number of history events (${MOST_EVENTS}).`);
  }
}

function goOn({ Next }: { readonly Next?: string }, output: unknown): Step {
  return Next === undefined ? { status: 'SUCCEEDED', output } : { next: Next, output };
}

/** @throws StateError States.DataLimitExceeded, ResultPathMatchFailure */
function withResult(resultPath: string | null | undefined, input: unknown, result: unknown): unknown {
  if (resultPath === null) return input;
  const output = withValueAt(resultPath ?? '$', input, result);
  checkSize(output);
  return output;
}

/** @throws StateError States.DataLimitExceeded */
function checkSize(value: unknown): void {
  const text = JSON.stringify(value);
  // A character has three bytes at the most.
  if (text.length * 3 > MOST_BYTES && Buffer.byteLength(text) > MOST_BYTES)
    throw new StateError(
      'States.DataLimitExceeded',
      'The state/task returned a result with a size exceeding the maximum number of bytes service limit.',
    );
}

function passed(state: PassState, scope: Scope): unknown {
  if (state.Result !== undefined) return state.Result;
  return state.Parameters === undefined ? scope.input : fill(state.Parameters, scope);
}

function waitSeconds({ Seconds, SecondsPath }: WaitState, scope: Scope): number {
  if (SecondsPath === undefined) return Seconds as number;
  const seconds = read(SecondsPath, scope);
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 0)
    throw runtimeError(`The SecondsPath parameter '${SecondsPath}' is no whole number of seconds`);
  return seconds;
}

function failed({ Error: error, Cause, ErrorPath, CausePath }: FailState, scope: Scope): Outcome {
  const text = (path: string | undefined, value: string | undefined): string | undefined => {
    if (path === undefined) return value;
    const found = read(path, scope);
    if (typeof found !== 'string') throw runtimeError(`The path '${path}' of a Fail state is no text`);
    return found;
  };
  return { status: 'FAILED', error: text(ErrorPath, error), cause: text(CausePath, Cause) };
}
