/** Building blocks of Holdfast's state machines: a step that calls a function, a look that is repeated, a procedure in order. */
import { Duration, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DEPLOY_ERRORS, RETRYABLE_ERRORS } from '../../functions/deploy/errors.ts';
import type { HoldfastFunction } from './holdfast-function.ts';

/** What a Lambda function can fail with before our code runs, by Step Functions' names; safe to repeat, every step is idempotent. */
const SERVICE_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Runtime.ExitError',
  'Sandbox.Timedout',
];

/** Above every function's own limit of 60 s. */
const TASK_TIMEOUT = Duration.seconds(90);

/** A stretch of a procedure: where it begins, and what goes on after it. */
export interface Stretch {
  readonly start: sfn.State;
  goOn(next: sfn.State): void;
}

/** Links stretches in the order given, and gives the first state. A state stands for a stretch of its own. */
export function inOrder(...procedure: readonly (Stretch | (sfn.State & sfn.INextable) | sfn.Succeed)[]): sfn.State {
  const stretches = procedure.map((part) => ('goOn' in part ? part : stretchOf(part)));
  stretches.forEach((stretch, index) => {
    const next = stretches[index + 1];
    if (next) stretch.goOn(next.start);
  });
  return (stretches[0] as Stretch).start;
}

function stretchOf(state: sfn.State): Stretch {
  return { start: state, goOn: (next) => void (state as sfn.State & sfn.INextable).next(next) };
}

/**
 * A task that calls `fn` with `payload`; its reply lies at `resultPath`. It names the version that was published with the
 * definition: a running execution keeps its definition, and so its functions.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
 */
export function callFunction(scope: Construct, id: string, fn: HoldfastFunction, payload: object, resultPath: string): tasks.LambdaInvoke {
  return new tasks.LambdaInvoke(scope, id, {
    lambdaFunction: fn.version,
    payload: sfn.TaskInput.fromObject(payload as Record<string, unknown>),
    payloadResponseOnly: true,
    retryOnServiceExceptions: false,
    resultPath,
    taskTimeout: sfn.Timeout.duration(TASK_TIMEOUT),
  });
}

export interface StepFactoryProps {
  /** Error names of ours that may be repeated. */
  readonly transientErrors: readonly string[];
  /** Error names of ours that are never repeated. */
  readonly verdicts: readonly string[];
  /** Where any error goes in the end. */
  readonly onError: sfn.IChainable;
  /** Where the error's details lie. @default $.error */
  readonly errorPath?: string;
}

/** Which errors of our functions are repeated. */
export const REPEATING = { transientErrors: RETRYABLE_ERRORS, verdicts: DEPLOY_ERRORS } as const;

/** Makes the steps of one state machine, all with the same Retry and Catch. */
export class StepFactory {
  private readonly scope: Construct;
  private readonly props: StepFactoryProps;

  constructor(scope: Construct, props: StepFactoryProps) {
    this.scope = scope;
    this.props = props;
  }

  /** Asks `fn` for `step` with `data`; the reply lies at `resultPath`. */
  call(id: string, fn: HoldfastFunction, step: string, data: object, resultPath: string = sfn.JsonPath.DISCARD): tasks.LambdaInvoke {
    const task = callFunction(this.scope, id, fn, { step, ...data }, resultPath);
    // A verdict stays one, however often it is asked for.
    task.addRetry({ errors: [...this.props.verdicts], maxAttempts: 0 });
    // 1 + 2 + 4 + 8 + 16 + 30 = 61 s of waiting: a minute that is throttled passes, well within the lease. No jitter: nobody
    // else calls in step with a deploy, and with it the waiting might add up to nothing.
    task.addRetry({
      errors: [...this.props.transientErrors, ...SERVICE_ERRORS],
      interval: Duration.seconds(1),
      backoffRate: 2,
      maxAttempts: 6,
      maxDelay: Duration.seconds(30),
    });
    // 1 + 2 + 4 = 7 s for a fault that nobody has named: every step is idempotent, and a whole deploy hangs on it.
    task.addRetry({ errors: ['States.ALL'], interval: Duration.seconds(1), backoffRate: 2, maxAttempts: 3 });
    task.addCatch(sfn.Chain.start(this.props.onError), { errors: ['States.ALL'], resultPath: this.props.errorPath ?? '$.error' });
    return task;
  }

  /**
   * Looks, and goes on by the verdict: WAIT looks again, AGAIN starts anew, DONE goes on. A look takes some seconds by
   * itself while it is answered with WAIT; one that does not is given `pollSeconds` between two looks.
   */
  untilDone(
    id: string,
    parts: { start?: sfn.State & sfn.INextable; look: sfn.State & sfn.INextable; verdictPath: string; pollSeconds?: number },
  ): Stretch {
    const { look, pollSeconds } = parts;
    const start = parts.start ?? look;
    parts.start?.next(look);
    const done = new sfn.Choice(this.scope, `${id}: done?`);
    look.next(done);
    return {
      start,
      goOn: (next) => {
        done.when(sfn.Condition.stringEquals(parts.verdictPath, 'DONE'), next);
        done.when(sfn.Condition.stringEquals(parts.verdictPath, 'AGAIN'), start);
        done.otherwise(pollSeconds === undefined ? look : waitThen(this.scope, `${id}: wait`, pollSeconds, look));
      },
    };
  }
}

/** Waits, and goes on to `next`. */
export function waitThen(scope: Construct, id: string, seconds: number, next: sfn.State): sfn.Wait {
  const wait = new sfn.Wait(scope, id, { time: sfn.WaitTime.duration(Duration.seconds(seconds)) });
  wait.next(next);
  return wait;
}

/** Goes one way on the verdict given and the other on any other; the stretch ends where the first way leads. */
export function whenVerdict(scope: Construct, id: string, verdictPath: string, verdict: string, otherwise: sfn.State): Stretch {
  const choice = new sfn.Choice(scope, id);
  return { start: choice, goOn: (next) => void choice.when(sfn.Condition.stringEquals(verdictPath, verdict), next).otherwise(otherwise) };
}
