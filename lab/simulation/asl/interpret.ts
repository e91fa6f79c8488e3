/** Runs one execution of a definition, as Step Functions runs a Standard workflow. */
import { jsonCopy } from '../kernel/json-copy.ts';
import { choose } from './choose.ts';
import type { Catcher, Definition, MapState, Part, State, TaskState } from './definition.ts';
import { RUN_CHILD, START_CHILD } from './definition.ts';
import { matches, runtimeError, StateError } from './errors.ts';
import { type ExecutionContext, read, type Scope } from './paths.ts';
import { fill } from './payload-template.ts';
import { nextRetrySeconds, type RetryCounts } from './retry.ts';
import { checkSize, failed, passed, waitSeconds, withResult } from './state-data.ts';
import type { ChildParameters, Outcome, Surroundings } from './surroundings.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_EVENTS = 25_000;
/** Entries in the history, by what happens. */
const EVENTS = { execution: 2, state: 2, function: 3, child: 4, start: 3 } as const;

/** @returns how it ended by itself; undefined when it was over before */
export async function interpret(
  definition: Definition,
  input: unknown,
  context: ExecutionContext,
  around: Surroundings,
): Promise<Outcome | undefined> {
  try {
    return await new Interpreter(context, around).runPart(definition, input);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return around.isOver() ? undefined : { status: 'FAILED', error: error.error, ...(error.why !== undefined && { cause: error.why }) };
  }
}

/** Without `next` it is the last one. */
type Step = Outcome | { readonly next: string | undefined; readonly output: unknown };

type Caught = Pick<TaskState, 'Next' | 'ResultPath'> & { readonly Catch?: readonly Catcher[] };

class Interpreter {
  private readonly context: ExecutionContext;
  private readonly around: Surroundings;
  private readonly history: { events: number };
  private readonly isStopped: () => boolean;

  constructor(
    context: ExecutionContext,
    around: Surroundings,
    history: { events: number } = { events: EVENTS.execution },
    isStopped: () => boolean = () => false,
  ) {
    this.context = context;
    this.around = around;
    this.history = history;
    this.isStopped = isStopped;
  }

  private isOver(): boolean {
    return this.isStopped() || this.around.isOver();
  }

  /**
   * From the first state on. @returns undefined when the execution is over, or another item has failed
   * @throws StateError
   */
  async runPart({ StartAt, States }: Part, input: unknown): Promise<Outcome | undefined> {
    let name = StartAt;
    let data = input;
    for (;;) {
      await this.around.sleep(this.around.transitionMs());
      if (this.isOver()) return undefined;
      this.around.entered(name);
      // Whoever was told may have stopped it.
      if (this.isOver()) return undefined;
      const step = await this.run(name, States[name] as State, data);
      if (step === undefined) return undefined;
      if ('status' in step) return step;
      if (step.next === undefined) return { status: 'SUCCEEDED', output: step.output };
      name = step.next;
      data = step.output;
    }
  }

  /** @returns undefined when the execution is over */
  private async run(name: string, state: State, input: unknown): Promise<Step | undefined> {
    this.count(EVENTS.state);
    const scope = { input, context: this.context };
    switch (state.Type) {
      case 'Choice':
        return { next: choose(state, scope), output: input };
      case 'Pass':
        return goOn(state, withResult(state.ResultPath, input, passed(state, scope)));
      case 'Wait':
        await this.around.sleep(waitSeconds(state, scope) * 1_000);
        return this.isOver() ? undefined : goOn(state, input);
      case 'Succeed':
        return { status: 'SUCCEEDED', output: state.OutputPath === undefined ? input : read(state.OutputPath, scope) };
      case 'Fail':
        return failed(state, scope);
      case 'Task':
        return this.caught(name, state, scope, () => this.repeated(name, state, scope));
      case 'Map':
        return this.caught(name, state, scope, () => this.items(state, scope));
    }
  }

  /** What a state comes to, or where its Catch leads. */
  private async caught(name: string, state: Caught, scope: Scope, work: () => Promise<unknown>): Promise<Step | undefined> {
    try {
      const result = await work();
      if (this.isOver()) return undefined;
      return goOn(state, withResult(state.ResultPath, scope.input, result));
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      if (this.isOver()) return undefined;
      const catcher = state.Catch?.find(({ ErrorEquals }) => matches(ErrorEquals, error.error));
      if (!catcher) throw error;
      this.around.caught(name, error.error);
      return { next: catcher.Next, output: withResult(catcher.ResultPath, scope.input, { Error: error.error, Cause: error.why ?? '' }) };
    }
  }

  private async items({ ItemsPath, ItemSelector, ItemProcessor, MaxConcurrency = 0 }: MapState, scope: Scope): Promise<unknown> {
    const items = read(ItemsPath, scope);
    if (!Array.isArray(items)) throw runtimeError(`Reference path "${ItemsPath}" must point to array.`);
    const inputs = items.map((Value) =>
      ItemSelector === undefined ? Value : fill(ItemSelector, { ...scope, context: { ...this.context, Map: { Item: { Value } } } }),
    );
    return this.together(
      inputs.map((input) => [ItemProcessor, jsonCopy(input)]),
      MaxConcurrency || inputs.length,
    );
  }

  /** The first that fails stops the others. @throws StateError what it failed with */
  private async together(parts: readonly (readonly [Part, unknown])[], atOnce: number): Promise<unknown> {
    const outputs: unknown[] = [];
    const left = [...parts.entries()];
    let isStopped = false;
    const child = new Interpreter(this.context, this.around, this.history, () => isStopped || this.isStopped());
    const runNext = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined && !this.isOver(); next = left.shift()) {
        const [index, [part, input]] = next;
        const outcome = await child.runPart(part, input);
        if (outcome?.status === 'FAILED') throw new StateError(outcome.error ?? 'States.TaskFailed', outcome.cause);
        outputs[index] = outcome?.output ?? null;
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(atOnce, parts.length) }, runNext));
    } catch (error) {
      isStopped = true;
      left.length = 0;
      throw error;
    }
    return outputs;
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
        if (!(error instanceof StateError) || this.isOver()) throw error;
        const seconds = nextRetrySeconds(state.Retry ?? [], counts, error.error);
        if (seconds === undefined) throw error;
        this.around.retried(name, error.error);
        await this.around.sleep(seconds * 1_000);
        if (this.isOver()) throw error;
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
        if (isChild && !this.isOver()) around.childGivenUp(name);
        reject(new StateError('States.Timeout'));
      });
      // After the limit these have no effect any more.
      done.then(resolve, reject).finally(() => limit.cancel());
    });
  }

  /** @throws StateError that nothing catches, when the history is full */
  private count(events: number): void {
    this.history.events += events;
    if (this.history.events > MOST_EVENTS)
      throw runtimeError(`The execution reached the maximum number of history events (${MOST_EVENTS}).`);
  }
}

const goOn = ({ Next }: { readonly Next?: string }, output: unknown): Step => ({ next: Next, output });
