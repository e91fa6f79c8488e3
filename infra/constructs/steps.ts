/** Building blocks of Holdfast's state machines: a step that calls a function, and a step that waits for work on an instance. */
import { Duration, type aws_lambda as lambda, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What a Lambda function can fail with before our code runs, by Step Functions' names; safe to repeat, every step is idempotent. */
const SERVICE_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
];

export interface StepFactoryProps {
  /** Error names of ours that may be repeated. */
  readonly transientErrors: readonly string[];
  /** Where any other error goes. */
  readonly onError: sfn.IChainable;
  /** Where the error's details lie. @default $.error */
  readonly errorPath?: string;
}

/** Makes the steps of one state machine, all with the same Retry and Catch. */
export class StepFactory {
  private readonly scope: Construct;
  private readonly props: StepFactoryProps;

  constructor(scope: Construct, props: StepFactoryProps) {
    this.scope = scope;
    this.props = props;
  }

  /** Calls `fn` with `payload`; its reply lies at `resultPath`. */
  call(
    id: string,
    fn: lambda.IFunction,
    payload: Record<string, unknown>,
    resultPath: string,
    outputs?: Record<string, unknown>,
  ): tasks.LambdaInvoke {
    const task = new tasks.LambdaInvoke(this.scope, id, {
      lambdaFunction: fn,
      payload: sfn.TaskInput.fromObject(payload),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      resultPath,
      taskTimeout: sfn.Timeout.duration(Duration.seconds(90)), // above every function's own limit
      ...(outputs && { resultSelector: outputs }),
    });
    // 1 + 2 + 4 + 8 + 16 = 31 s of waiting: longer than a throttled minute's worst burst, well within the lease.
    task.addRetry({
      errors: [...this.props.transientErrors, ...SERVICE_ERRORS],
      interval: Duration.seconds(1),
      backoffRate: 2,
      maxAttempts: 5,
      maxDelay: Duration.seconds(16),
      jitterStrategy: sfn.JitterType.FULL,
    });
    task.addCatch(sfn.Chain.start(this.props.onError), { errors: ['States.ALL'], resultPath: this.props.errorPath ?? '$.error' });
    return task;
  }

  /**
   * Looks, and goes on by the verdict: WAIT looks again, AGAIN starts anew, DONE goes on to `next`. A look takes some
   * seconds by itself while it is answered with WAIT; one that does not is given `pollSeconds` between two looks.
   */
  untilDone(
    id: string,
    parts: {
      start?: sfn.State & sfn.INextable;
      pollSeconds?: number;
      look: sfn.State & sfn.INextable;
      next: sfn.IChainable;
      verdictPath: string;
    },
  ): sfn.State {
    const { pollSeconds, look } = parts;
    const first = parts.start ?? look;
    const again =
      pollSeconds === undefined
        ? look
        : new sfn.Wait(this.scope, `${id}: wait`, { time: sfn.WaitTime.duration(Duration.seconds(pollSeconds)) });
    if (again instanceof sfn.Wait) again.next(look);
    parts.start?.next(look);
    look.next(
      new sfn.Choice(this.scope, `${id}: done?`)
        .when(sfn.Condition.stringEquals(parts.verdictPath, 'DONE'), parts.next)
        .when(sfn.Condition.stringEquals(parts.verdictPath, 'AGAIN'), first)
        .otherwise(again),
    );
    return first;
  }
}
