import type { Environment } from '../../../functions/shared/environment.ts';
import type { StepRequest } from '../../../functions/shared/step-handler.ts';
import type { Faults, InvocationFault } from '../faults/faults.ts';
import { jsonCopy } from '../kernel/json-copy.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CallingState, Invocation } from '../seam/call.ts';
import { currentInvocation } from '../seam/current-invocation.ts';
import { ExecutionEnvironments } from './execution-environments.ts';
import { endedByLambda, InvocationFailed, notStarted, thrownBy } from './lambda-errors.ts';
import type { NewHandler } from './lambda-functions.ts';

/** A function as the installation's templates define it. */
export interface FunctionSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}

export interface LambdaOptions {
  readonly kernel: Kernel;
  readonly faults: Pick<Faults, 'invocation' | 'took'>;
  /** By the name of {@link Invocation.functionName}. */
  readonly settings: ReadonlyMap<string, FunctionSettings>;
  /** The functions' code: {@link loadFunctions}. */
  readonly handlers: ReadonlyMap<string, NewHandler>;
  /** How far the clock of an environment that starts is ahead, in milliseconds. @default 0 */
  readonly clockSkewMs?: () => number;
}

export interface Lambda {
  /**
   * Runs a function as Step Functions invokes it.
   * @returns its reply, as JSON carries it
   * @throws InvocationFailed
   */
  invoke(functionName: string, payload: unknown, caller?: CallingState): Promise<unknown>;
  /** As a schedule does: nobody waits, and Lambda repeats what fails. */
  invokeLater(functionName: string, payload: unknown): void;
}

/** What Lambda sets in every environment. */
const RUNTIME_VARIABLES = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIASIMULATED',
  AWS_SECRET_ACCESS_KEY: 'simulated',
} as const;

/** Until the handler runs, and until the answer is back, milliseconds. */
const START = { warm: [2, 20], cold: [250, 900], answer: [1, 10] } as const;

/** When Lambda repeats an asynchronous invocation that failed: after one minute, and after two more. */
const RETRIES_AFTER_MS = [60_000, 120_000];

/** Errors of a wrong program: of the engine or of a model. They end the run. */
const WRONG_PROGRAM: readonly unknown[] = [TypeError, ReferenceError, RangeError, SyntaxError];

/** Lambda with the functions' own code. */
export function createLambda({ kernel, faults, settings, handlers, clockSkewMs = () => 0 }: LambdaOptions): Lambda {
  const random = kernel.random('Lambda');
  const delay = ([least, most]: readonly [number, number]) => kernel.sleep(random.whole(least, most));
  const byFunction = new Map<string, ExecutionEnvironments>();
  let invocations = 0;

  const environmentsOf = (functionName: string): ExecutionEnvironments => {
    const known = byFunction.get(functionName);
    if (known !== undefined) return known;
    const { environment } = demand(settings, functionName);
    const newHandler = demand(handlers, functionName);
    const variables: Environment = { ...RUNTIME_VARIABLES, ...environment };
    const made = new ExecutionEnvironments(kernel, () => ({ handler: newHandler(variables), clockSkewMs: clockSkewMs() }));
    byFunction.set(functionName, made);
    return made;
  };

  const begin = (functionName: string, payload: unknown, caller: CallingState | undefined): Invocation => {
    invocations += 1;
    const { step = '' } = (payload ?? {}) as Partial<StepRequest>;
    return { id: invocations, functionName, step, payload, ...(caller && { caller }), clockSkewMs: 0, calls: 0, ended: false };
  };

  async function run(asked: Invocation, fault: InvocationFault | undefined): Promise<unknown> {
    const { functionName } = asked;
    const environments = environmentsOf(functionName);
    const environment = environments.take();
    await delay(environment.isCold ? START.cold : START.warm);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const invocation: Invocation = { ...asked, clockSkewMs: environment.clockSkewMs, aroundCall };
    const { timeoutSeconds } = demand(settings, functionName);
    const limit = kernel.after(timeoutSeconds * 1000, () => {
      end();
      note(invocation, 'ran out of time');
      reject(endedByLambda('Sandbox.Timedout', asked.id, `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`));
    });
    const end = () => {
      invocation.ended = true;
      limit.cancel();
    };
    const exit = () => {
      end();
      faults.took('invocation.crash');
      reject(endedByLambda('Runtime.ExitError', asked.id, 'Runtime exited with error: exit status 1'));
    };
    const hang = () => {
      invocation.ended = true;
      faults.took('invocation.overrun');
    };
    function aroundCall(number: number, after: boolean) {
      if (invocation.ended) return;
      if (fault?.kind === 'crash' && number === fault.atCall && after === fault.after) exit();
      if (fault?.kind === 'overrun' && number === fault.atCall && !after) hang();
    }
    const finish = (settle: () => void) => {
      if (invocation.ended) return;
      // It made fewer calls than the fault waited for.
      if (fault?.kind === 'crash') return exit();
      if (fault?.kind === 'overrun') return hang();
      end();
      environments.giveBack(environment);
      settle();
    };
    currentInvocation
      .run(invocation, () => environment.handler(jsonCopy(invocation.payload) as StepRequest))
      .then(
        (reply) => finish(() => resolve(jsonCopy(reply ?? null))),
        (error: unknown) => {
          if (WRONG_PROGRAM.includes((error as Error | undefined)?.constructor) && !invocation.ended) return kernel.fail(error);
          finish(() => reject(thrownBy(error)));
        },
      );
    const answered = await promise.then(
      (reply) => ({ reply }),
      (failure: InvocationFailed) => ({ failure }),
    );
    await delay(START.answer);
    if (fault?.kind === 'answerReplaced') {
      faults.took('invocation.answerReplaced');
      throw endedByLambda(fault.error, asked.id, 'the answer was lost');
    }
    if ('failure' in answered) throw answered.failure;
    return answered.reply;
  }

  async function invoke(functionName: string, payload: unknown, caller?: CallingState): Promise<unknown> {
    const asked = begin(functionName, payload, caller);
    const fault = faults.invocation(asked);
    note(asked, fault === undefined ? 'is invoked' : `is invoked, with the fault ${fault.kind}`);
    if (fault?.kind === 'notStarted') {
      await delay(START.warm);
      faults.took('invocation.notStarted');
      throw notStarted(fault.error);
    }
    if (fault?.kind === 'twice') {
      kernel.after(fault.afterMs, () => {
        faults.took('invocation.twice');
        const again = begin(functionName, payload, caller);
        note(again, 'is invoked a second time');
        run(again, undefined).catch(ignore);
      });
    }
    try {
      return await run(asked, fault);
    } catch (error) {
      // Anything else is a fault of the simulation itself.
      if (!(error instanceof InvocationFailed)) kernel.fail(error);
      else note(asked, `failed: ${error.errorType}`);
      throw error;
    }
  }

  function note({ functionName, step, id, caller }: Invocation, what: string): void {
    kernel.note('function', `${functionName} ${step} #${id}${caller ? ` of ${caller.machine}/${caller.state}` : ''} ${what}`);
  }

  function invokeLater(functionName: string, payload: unknown, failures = 0): void {
    invoke(functionName, payload).catch(() => {
      const waitMs = RETRIES_AFTER_MS[failures];
      if (waitMs !== undefined) kernel.after(waitMs, () => invokeLater(functionName, payload, failures + 1));
    });
  }
  return { invoke, invokeLater: (functionName, payload) => invokeLater(functionName, payload) };
}

const ignore = () => {};

/** @throws Error naming what is missing */
function demand<T>(all: ReadonlyMap<string, T>, functionName: string): T {
  const found = all.get(functionName);
  if (found === undefined) throw new Error(`the simulation has no function ${functionName}`);
  return found;
}
