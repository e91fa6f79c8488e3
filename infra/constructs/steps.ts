/** Building blocks of Holdfast's state machines: a step that calls a function, a check that is repeated, a procedure in order. */
import {
  Duration,
  aws_events as events,
  type aws_logs as logs,
  aws_stepfunctions as sfn,
  aws_sqs as sqs,
  aws_events_targets as targets,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DEPLOY_ERRORS, RETRYABLE_ERRORS } from '../../functions/deploy/errors.ts';
import type { Verdict } from '../../functions/shared/verdict.ts';
import { acknowledge } from './acknowledge.ts';
import type { HoldfastFunction } from './holdfast-function.ts';

/** What a Lambda function can fail with before our code runs, by Step Functions' names; safe to repeat, every step is idempotent. */
const SERVICE_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  // Lambda takes the network interface from a function in the VPC that was not called for weeks, and creates it again at the next call.
  // These four are the errors until then: of the first call, of those while the interface is pending, and of any function whose code has to
  // be fetched again. @see https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html, https://github.com/aws/aws-cdk/issues/20123
  'Lambda.ResourceNotReadyException',
  'Lambda.ENINotReadyException',
  'Lambda.ResourceConflictException',
  'Lambda.CodeArtifactUserPendingException',
  'Lambda.EC2ThrottledException',
  'Lambda.EC2UnexpectedException',
  'Lambda.Unknown',
  'Runtime.ExitError',
  'Sandbox.Timedout',
];

/**
 * 1 + 2 + 4 + 8 + 16 + 30 = 61 s of waiting: a minute of throttling passes, well within the lease. No jitter: with it
 * the waiting might add up to nothing. Targets that are rolled at the same time begin at different moments by themselves.
 */
export const FOR_A_MINUTE = { interval: Duration.seconds(1), backoffRate: 2, maxAttempts: 6, maxDelay: Duration.seconds(30) };

/** A task's time-out is this much longer than its function's, so that a function that is still at work is not called again. */
const BEYOND_FUNCTION = Duration.seconds(30);

interface MachineProps extends Omit<sfn.StateMachineProps, 'definitionBody' | 'tracingEnabled' | 'logs'> {
  readonly body: sfn.IChainable;
  readonly logGroup: logs.ILogGroup;
  /** Whether its log has inputs and outputs. @default true */
  readonly logsData?: boolean;
}

/** A state machine that is traced, and whose log has every event. */
export const createMachine = (
  scope: Construct,
  id: string,
  { body, logGroup, logsData = true, ...props }: MachineProps,
): sfn.StateMachine =>
  new sfn.StateMachine(scope, id, {
    ...props,
    definitionBody: sfn.DefinitionBody.fromChainable(body),
    tracingEnabled: true,
    logs: { destination: logGroup, level: sfn.LogLevel.ALL, ...(!logsData && { includeExecutionData: false }) },
  });

/**
 * A queue of what started nothing, for two weeks. It has no name of its own: SQS refuses the name of a queue that was deleted less than a
 * minute ago.
 */
export function createDeadLetters(scope: Construct, id = 'DeadLetters'): sqs.Queue {
  acknowledge(scope, { 'AwsSolutions-SQS3': 'This queue is itself a dead-letter queue.' });
  return new sqs.Queue(scope, id, { enforceSSL: true, retentionPeriod: Duration.days(14) });
}

/** Has an event start the machine, tried for an hour. @param input @default the event */
export const startedByEvent = (machine: sfn.IStateMachine, deadLetterQueue: sqs.IQueue, input?: object): targets.SfnStateMachine =>
  new targets.SfnStateMachine(machine, {
    ...(input && { input: events.RuleTargetInput.fromObject(input) }),
    ...{ deadLetterQueue, retryAttempts: 5, maxEventAge: Duration.hours(1) },
  });

/** A stretch of a procedure: its first state, and how it goes on. */
export interface Stretch {
  readonly start: sfn.State;
  goOn(next: sfn.State): void;
}

export type Step = sfn.State & sfn.INextable;

/** Links stretches in the order given, and returns the first state. A state is a stretch by itself. */
export function inOrder(...procedure: readonly (Stretch | Step | sfn.Succeed)[]): sfn.State {
  const stretches = procedure.map((part) => ('goOn' in part ? part : stretchOf(part)));
  stretches.forEach((stretch, index) => {
    const next = stretches[index + 1];
    if (next) stretch.goOn(next.start);
  });
  return (stretches[0] as Stretch).start;
}

function stretchOf(state: sfn.State): Stretch {
  return { start: state, goOn: (next) => void (state as Step).next(next) };
}

/**
 * A task that calls `fn` with `payload` and puts its reply at `resultPath`. It names the version that was published with the
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
    taskTimeout: sfn.Timeout.duration(fn.timeout.plus(BEYOND_FUNCTION)),
  });
}

/** Repeats a task that Lambda refused, or did not answer, before our code ran. For tasks whose other errors are answers. */
export function repeatRefused(task: sfn.TaskStateBase): void {
  task.addRetry({ errors: [...SERVICE_ERRORS], ...FOR_A_MINUTE });
}

export interface Loop {
  readonly start?: Step;
  readonly check: Step;
  readonly verdictPath: string;
  readonly pollSeconds?: number;
  readonly fromStart?: boolean;
  readonly onRegister?: sfn.State;
}

export interface StepFactoryProps {
  /** Our errors that can be repeated, by name. */
  readonly transientErrors: readonly string[];
  /** Our errors that are never repeated, by name. */
  readonly verdicts: readonly string[];
  /** Where every error leads in the end. */
  readonly onError: sfn.IChainable;
  /** Where the error's details are. @default $.error */
  readonly errorPath?: string;
}

export const REPEATING = { transientErrors: RETRYABLE_ERRORS, verdicts: DEPLOY_ERRORS } as const;

/** Makes the steps of one state machine, all with the same Retry and Catch. */
export class StepFactory {
  private readonly scope: Construct;
  private readonly props: StepFactoryProps;

  constructor(scope: Construct, props: StepFactoryProps) {
    this.scope = scope;
    this.props = props;
  }

  catching(onError: sfn.IChainable, errorPath?: string): StepFactory {
    return new StepFactory(this.scope, { ...this.props, onError, ...(errorPath && { errorPath }) });
  }

  /** Calls `fn` for `step` with `data` and puts its reply at `resultPath`. */
  call(id: string, fn: HoldfastFunction, step: string, data: object, resultPath: string = sfn.JsonPath.DISCARD): tasks.LambdaInvoke {
    const task = callFunction(this.scope, id, fn, { step, ...data }, resultPath);
    // Repeating the step does not change these.
    task.addRetry({ errors: [...this.props.verdicts], maxAttempts: 0 });
    task.addRetry({ errors: [...this.props.transientErrors, ...SERVICE_ERRORS], ...FOR_A_MINUTE });
    // 1 + 2 + 4 = 7 s for a fault that has no name of ours: every step is idempotent, and a whole deploy depends on it.
    task.addRetry({ errors: ['States.ALL'], interval: Duration.seconds(1), backoffRate: 2, maxAttempts: 3 });
    task.addCatch(sfn.Chain.start(this.props.onError), { errors: ['States.ALL'], resultPath: this.props.errorPath ?? '$.error' });
    return task;
  }

  /**
   * Checks, and goes on by the verdict: WAIT checks again (with `fromStart` from `start`), REPEAT starts again from `start`, DONE goes on. A
   * check that reports WAIT polls for some seconds by itself; one that does not is given `pollSeconds` between two checks. `onRegister`: where a
   * check that reports REGISTER leads.
   */
  untilDone(id: string, parts: Loop): Stretch {
    const { check, verdictPath, pollSeconds, fromStart = false, onRegister } = parts;
    const start = parts.start ?? check;
    const again = fromStart ? start : check;
    parts.start?.next(check);
    const done = new sfn.Choice(this.scope, `${id}: done?`);
    check.next(done);
    return {
      start,
      goOn: (next) => {
        done.when(verdictIs(verdictPath, 'DONE'), next);
        done.when(verdictIs(verdictPath, 'REPEAT'), start);
        if (onRegister) done.when(verdictIs(verdictPath, 'REGISTER'), onRegister);
        done.otherwise(pollSeconds === undefined ? again : waitThen(this.scope, `${id}: wait`, pollSeconds, again));
      },
    };
  }
}

/** A stretch that is left out where `condition` holds. */
export function unless(scope: Construct, id: string, condition: sfn.Condition, { start, goOn }: Stretch): Stretch {
  const choice = new sfn.Choice(scope, id);
  choice.otherwise(start);
  return {
    start: choice,
    goOn: (next) => {
      choice.when(condition, next);
      goOn(next);
    },
  };
}

export function waitThen(scope: Construct, id: string, seconds: number, next: sfn.State): sfn.Wait {
  const wait = new sfn.Wait(scope, id, { time: sfn.WaitTime.duration(Duration.seconds(seconds)) });
  wait.next(next);
  return wait;
}

export function verdictIs(verdictPath: string, verdict: Verdict): sfn.Condition {
  return sfn.Condition.stringEquals(verdictPath, verdict);
}

/** On the verdict given it goes on, on any other to `otherwise`. */
export function whenVerdict(scope: Construct, id: string, verdictPath: string, verdict: Verdict, otherwise: sfn.State): Stretch {
  const choice = new sfn.Choice(scope, id);
  return { start: choice, goOn: (next) => void choice.when(verdictIs(verdictPath, verdict), next).otherwise(otherwise) };
}
