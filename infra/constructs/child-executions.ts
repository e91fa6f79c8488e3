/** How a state machine starts another one, and waits for its end or for one of several. */
import { Duration, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Verdict } from '../../functions/shared/verdict.ts';
import { FOR_A_MINUTE, type Step, verdictIs } from './steps.ts';

/**
 * What starting a child execution, or watching it, can fail with, by Step Functions' names. The guide shows
 * `ExecutionLimitExceeded`, users report the same names with `Exception`, and an error that the API's model does not list, such
 * as throttling, has the name of the SDK's base class: all readings are here. None of them is how a child failed, which is
 * `States.TaskFailed`, and none is in {@link CHILD_HAS_ENDED}. `States.TaskFailed` and `States.ALL` match every error, so that a
 * Retry on either would start a child again that has failed.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const START_ERRORS = [
  'ExecutionLimitExceeded',
  'Throttling',
  'KmsThrottling',
  'TooManyRequests',
  'ServiceUnavailable',
  'InternalFailure',
  'InternalServerError',
  'RequestTimeout',
]
  .flatMap((error) => [`StepFunctions.${error}`, `StepFunctions.${error}Exception`])
  .concat(['AWSStepFunctionsException', 'SfnException', 'SdkClientException', 'Unknown'].map((error) => `StepFunctions.${error}`));

/**
 * What starting a child again fails with once the child has ended: the answer to the first start was lost, or the connection that
 * watched it. How it ended is on record.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const CHILD_HAS_ENDED = ['StepFunctions.ExecutionAlreadyExists', 'StepFunctions.ExecutionAlreadyExistsException'];

export interface ChildProps {
  readonly stateMachine: sfn.IStateMachine;
  /**
   * Path to the child's name in the state's input. Each attempt uses the same name, so that a repeated start finds the child of the first.
   */
  readonly name: string;
  readonly input: object;
}

export interface AwaitedChildProps extends ChildProps {
  readonly resultPath: string;
  /** Above the child's own limit. */
  readonly limit: Duration;
}

/**
 * A task that runs another state machine and waits for its end. Step Functions starts an execution with a name and an input once:
 * a repeated start returns the one that is running, and fails with {@link CHILD_HAS_ENDED} after its end. The console does not link it.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export function runChild(scope: Construct, id: string, { limit, resultPath, ...child }: AwaitedChildProps): Child {
  const waits = { integrationPattern: sfn.IntegrationPattern.RUN_JOB, associateWithParent: false, resultPath };
  return newChild(scope, id, child, { ...waits, taskTimeout: sfn.Timeout.duration(limit) });
}

/** Step Functions answers a start within seconds. */
const LONGEST_START = Duration.seconds(60);

/**
 * A task that starts another state machine and goes on at once: several can run at the same time, and their ends are on record. A repeated
 * start returns the one that is running, and fails with {@link CHILD_HAS_ENDED} after its end, or where its input differs.
 */
export function startChild(scope: Construct, id: string, child: ChildProps): Child {
  const goesOn = {
    integrationPattern: sfn.IntegrationPattern.REQUEST_RESPONSE,
    associateWithParent: true,
    resultPath: sfn.JsonPath.DISCARD,
  };
  return newChild(scope, id, child, { ...goesOn, taskTimeout: sfn.Timeout.duration(LONGEST_START) });
}

type Child = tasks.StepFunctionsStartExecution;

function newChild(
  scope: Construct,
  id: string,
  { stateMachine, name, input }: ChildProps,
  how: Pick<tasks.StepFunctionsStartExecutionProps, 'integrationPattern' | 'associateWithParent' | 'resultPath' | 'taskTimeout'>,
): Child {
  const given = { stateMachine, name, input: sfn.TaskInput.fromObject(input as Record<string, unknown>) };
  const task = new tasks.StepFunctionsStartExecution(scope, id, { ...given, ...how });
  task.addRetry({ errors: START_ERRORS, ...FOR_A_MINUTE });
  return task;
}

export interface AwaitedProps {
  readonly awaiting: Step;
  readonly another: sfn.State;
  /** What the reply to `awaiting` leads to, by its verdict, other than DONE, REPEAT and WAIT. */
  readonly otherwise?: Partial<Record<Verdict, sfn.State>>;
}

/** Looks at what is at work until one has ended, with the pauses that the reply at `$.next` asks for. */
export function awaitOne(scope: Construct, { awaiting, another, otherwise = {} }: AwaitedProps): void {
  const wait = new sfn.Wait(scope, 'Wait for targets', { time: sfn.WaitTime.secondsPath('$.next.waitSeconds') });
  wait.next(awaiting);
  const ended = new sfn.Choice(scope, 'Has one ended?').when(verdictIs('$.next.verdict', 'DONE'), another);
  for (const [verdict, next] of Object.entries(otherwise)) ended.when(verdictIs('$.next.verdict', verdict as Verdict), next);
  ended.when(verdictIs('$.next.verdict', 'WAIT'), wait).otherwise(awaiting);
  awaiting.next(ended);
}
