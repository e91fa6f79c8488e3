import {
  Duration,
  type aws_lambda as lambda,
  type aws_logs as logs,
  Stack,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { RETRYABLE_ERRORS } from '../../functions/deploy/errors.ts';
import { deployStateMachineName, rollTargetStateMachineName } from '../../functions/shared/naming.ts';
import { acknowledge, NO_NARROWER_RESOURCE, wildcard } from './acknowledge.ts';
import { StepFactory } from './steps.ts';

/** The deploy's functions, by what they may touch. */
export interface DeployFunctions {
  readonly control: lambda.IFunction;
  readonly assess: lambda.IFunction;
  readonly storeCheck: lambda.IFunction;
  readonly traffic: lambda.IFunction;
  readonly command: lambda.IFunction;
  readonly scaling: lambda.IFunction;
}

export interface RollingDeployProps {
  readonly installation: string;
  readonly fleet: string;
  readonly functions: DeployFunctions;
  /** Between two looks at a command or a target. */
  readonly pollSeconds: number;
  readonly logGroup: logs.ILogGroup;
}

const deploy = sfn.JsonPath.objectAt('$.deploy');
const lease = sfn.JsonPath.objectAt('$.lease');
const roll = sfn.JsonPath.objectAt('$.step.roll');

/**
 * The rolling deploy, one target at a time: the procedure, top to bottom. Each target is a child execution, because a
 * history ends at 25,000 events and one target takes some 30 of the parent's.
 */
export class RollingDeploy extends Construct {
  readonly stateMachine: sfn.StateMachine;
  readonly rollTarget: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: RollingDeployProps) {
    super(scope, id);
    this.rollTarget = new sfn.StateMachine(this, 'RollTarget', {
      stateMachineName: rollTargetStateMachineName(props.installation, props.fleet),
      comment: 'Drain, install, health gate, register, bake: one target',
      definitionBody: sfn.DefinitionBody.fromChainable(this.rollOneTarget(props)),
      timeout: Duration.hours(3), // the longest drain and install that settings allow
      tracingEnabled: true,
      logs: { destination: props.logGroup, level: sfn.LogLevel.ALL },
    });
    this.stateMachine = new sfn.StateMachine(this, 'Deploy', {
      stateMachineName: deployStateMachineName(props.installation, props.fleet),
      comment: 'Rolls a release through a fleet without losing a session',
      definitionBody: sfn.DefinitionBody.fromChainable(this.rollFleet(props)),
      timeout: Duration.days(2),
      tracingEnabled: true,
      logs: { destination: props.logGroup, level: sfn.LogLevel.ALL },
    });
    const stack = Stack.of(this);
    const child = this.rollTarget.node.defaultChild as sfn.CfnStateMachine;
    acknowledge(this, {
      'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE,
      [wildcard(stack, 'states', `execution:{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${stack.getLogicalId(child)}"}]}]}*`)]:
        'A parent watches its child executions, whose names AWS makes up: the wildcard stands for them, under the one child state machine; log delivery and X-Ray know no narrower resource.',
    });
  }

  private rollFleet({ functions, pollSeconds }: RollingDeployProps): sfn.IChainable {
    const { control, assess, storeCheck, scaling } = functions;
    const refuse = new sfn.Fail(this, 'Refused', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const refusing = new StepFactory(this, { transientErrors: RETRYABLE_ERRORS, onError: refuse });
    const rolling = new StepFactory(this, { transientErrors: RETRYABLE_ERRORS, onError: this.cleanUp(functions) });

    const takeInput = new sfn.Pass(this, 'Take input', { parameters: { input: sfn.JsonPath.entirePayload } });
    const validate = refusing.call(
      'Validate',
      control,
      {
        step: 'validate',
        input: sfn.JsonPath.objectAt('$.input'),
        executionName: sfn.JsonPath.stringAt('$$.Execution.Name'),
        executionArn: sfn.JsonPath.stringAt('$$.Execution.Id'),
        startTime: sfn.JsonPath.stringAt('$$.Execution.StartTime'),
      },
      '$.deploy',
    );
    const acquireLock = refusing.call('Acquire lock', control, { step: 'acquireLock', deploy }, '$.lease');

    const plan = rolling.call('Plan', assess, { step: 'plan', deploy, lease }, '$.plan');
    const preflight = rolling.call(
      'Preflight',
      assess,
      { step: 'preflight', deploy, lease, plan: sfn.JsonPath.objectAt('$.plan') },
      sfn.JsonPath.DISCARD,
    );
    const preflightStore = rolling.call('Preflight: session store', storeCheck, { step: 'checkStore', deploy }, sfn.JsonPath.DISCARD);

    const suspend = rolling.call('Suspend Auto Scaling', scaling, { step: 'suspend', deploy, lease }, '$.suspension');
    const beginRolling = new sfn.Pass(this, 'Begin rolling', {
      result: sfn.Result.fromObject({ verdict: 'AGAIN', waitingSinceMs: 0 }),
      resultPath: '$.next',
    });
    const nextTarget = rolling.call(
      'Next target',
      assess,
      { step: 'nextTarget', deploy, lease, waitingSinceMs: sfn.JsonPath.numberAt('$.next.waitingSinceMs') },
      '$.next',
    );
    const rollTarget = new tasks.StepFunctionsStartExecution(this, 'Roll target', {
      stateMachine: this.rollTarget,
      integrationPattern: sfn.IntegrationPattern.RUN_JOB,
      associateWithParent: true,
      input: sfn.TaskInput.fromObject({ deploy, lease, step: { verdict: 'DONE', roll: sfn.JsonPath.objectAt('$.next.roll') } }),
      resultPath: sfn.JsonPath.DISCARD,
      taskTimeout: sfn.Timeout.duration(Duration.hours(4)),
    });
    rollTarget.addCatch(this.cleanUp(functions), { errors: ['States.ALL'], resultPath: '$.error' });
    const waitForNewcomer = new sfn.Wait(this, 'Wait for newcomer', { time: sfn.WaitTime.duration(Duration.seconds(pollSeconds)) });

    const resume = rolling.call(
      'Resume Auto Scaling',
      scaling,
      { step: 'resume', deploy, lease, suspension: sfn.JsonPath.objectAt('$.suspension') },
      sfn.JsonPath.DISCARD,
    );
    const beginSettling = new sfn.Pass(this, 'Begin settling', {
      result: sfn.Result.fromObject({ verdict: 'WAIT', settleStartedAtMs: 0 }),
      resultPath: '$.settle',
    });
    const settle = rolling.call(
      'Settle',
      assess,
      { step: 'settle', deploy, lease, settleStartedAtMs: sfn.JsonPath.numberAt('$.settle.settleStartedAtMs') },
      '$.settle',
    );
    const promote = rolling.call('Promote release', control, { step: 'promote', deploy, lease }, sfn.JsonPath.DISCARD);
    const lookForNewcomers = rolling.call('Look for newcomers', assess, { step: 'nextTarget', deploy, lease, waitingSinceMs: 0 }, '$.next');

    const releaseLock = rolling.call('Release lock', control, { step: 'releaseLock', deploy, lease }, sfn.JsonPath.DISCARD);
    const report = rolling.call('Report', control, { step: 'report', deploy }, '$.report');

    takeInput
      .next(validate)
      .next(acquireLock)
      .next(plan)
      .next(preflight)
      .next(preflightStore)
      .next(suspend)
      .next(beginRolling)
      .next(nextTarget);
    nextTarget.next(
      new sfn.Choice(this, 'Which target?')
        .when(sfn.Condition.stringEquals('$.next.verdict', 'AGAIN'), rollTarget)
        .when(sfn.Condition.stringEquals('$.next.verdict', 'WAIT'), waitForNewcomer)
        .otherwise(resume),
    );
    rollTarget.next(nextTarget);
    waitForNewcomer.next(nextTarget);
    resume
      .next(beginSettling)
      .next(rolling.untilDone('Settle', { pollSeconds, look: settle, next: promote, verdictPath: '$.settle.verdict' }));
    promote.next(lookForNewcomers);
    // A newcomer that launched while the deploy settled has the old release: it is rolled as well.
    lookForNewcomers.next(
      new sfn.Choice(this, 'Newcomers?').when(sfn.Condition.stringEquals('$.next.verdict', 'DONE'), releaseLock).otherwise(suspend),
    );
    releaseLock.next(report).next(new sfn.Succeed(this, 'Deployed'));
    return takeInput;
  }

  /** Every failure after the lock: Auto Scaling as before, lock released, report written; then the execution fails with the cause. */
  private cleanUp({ control, scaling }: DeployFunctions): sfn.State {
    if (this.cleanUpStart) return this.cleanUpStart;
    // The report names the target's own error; a child execution's arrives here as States.TaskFailed.
    const failed = new sfn.Fail(this, 'Failed', { errorPath: '$.report.error.Error', causePath: '$.report.error.Cause' });
    const unreported = new sfn.Fail(this, 'Failed without a report', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const step = (
      id: string,
      fn: lambda.IFunction,
      payload: Record<string, unknown>,
      next: sfn.State,
      otherwise: sfn.State = next,
      resultPath: string = sfn.JsonPath.DISCARD,
    ) => {
      // A clean-up step that fails must not keep the next one from running; the first error stays the reported one.
      const task = new tasks.LambdaInvoke(this, id, {
        lambdaFunction: fn,
        payload: sfn.TaskInput.fromObject(payload),
        payloadResponseOnly: true,
        retryOnServiceExceptions: false,
        resultPath,
        taskTimeout: sfn.Timeout.duration(Duration.seconds(90)),
      });
      task.addRetry({ errors: ['States.ALL'], interval: Duration.seconds(1), backoffRate: 2, maxAttempts: 4 });
      task.addCatch(otherwise, { errors: ['States.ALL'], resultPath: '$.cleanUpError' });
      task.next(next);
      return task;
    };
    const report = step(
      'Report failure',
      control,
      { step: 'report', deploy, error: sfn.JsonPath.objectAt('$.error') },
      failed,
      unreported,
      '$.report',
    );
    const release = step('Release lock after failure', control, { step: 'releaseLock', deploy, lease }, report);
    const resume = step(
      'Resume Auto Scaling after failure',
      scaling,
      { step: 'resume', deploy, lease, suspension: sfn.JsonPath.objectAt('$.suspension') },
      release,
    );
    this.cleanUpStart = new sfn.Choice(this, 'Was Auto Scaling suspended?')
      .when(sfn.Condition.isPresent('$.suspension'), resume)
      .otherwise(release);
    return this.cleanUpStart;
  }
  private cleanUpStart?: sfn.Choice;

  private rollOneTarget({ functions }: RollingDeployProps): sfn.IChainable {
    const { traffic, command } = functions;
    const scope = new Construct(this, 'Target');
    const fail = new sfn.Fail(scope, 'Target failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    // Its own failure must not hide why the target failed.
    const putBack = new StepFactory(scope, { transientErrors: RETRYABLE_ERRORS, onError: fail, errorPath: '$.putBackError' }).call(
      'Put back',
      traffic,
      { step: 'putBack', deploy, lease, roll, error: sfn.JsonPath.objectAt('$.error') },
      sfn.JsonPath.DISCARD,
    );
    putBack.next(fail);
    const steps = new StepFactory(scope, { transientErrors: RETRYABLE_ERRORS, onError: putBack });
    const step = (id: string, fn: lambda.IFunction, name: string) => steps.call(id, fn, { step: name, deploy, lease, roll }, '$.step');
    const untilDone = (id: string, start: sfn.State & sfn.INextable, look: sfn.State & sfn.INextable, next: sfn.IChainable) =>
      steps.untilDone(id, { start, look, next, verdictPath: '$.step.verdict' });

    // Read from here: Deregister → Drain → Install → Health gate → Register → Wait healthy → Bake → done.
    const deregister = step('Deregister', traffic, 'deregister');
    const register = step('Register', traffic, 'register');
    const done = new sfn.Succeed(scope, 'Target done');
    const bake = untilDone('Bake', step('Bake', command, 'sendBake'), step('Bake: look', command, 'checkBake'), done);
    const healthy = steps.untilDone('Wait healthy', {
      look: step('Wait healthy', traffic, 'checkHealthy'),
      next: bake,
      verdictPath: '$.step.verdict',
    });
    const gate = untilDone(
      'Health gate',
      step('Health gate', command, 'sendGate'),
      step('Health gate: look', command, 'checkGate'),
      register,
    );
    const install = untilDone('Install', step('Install', command, 'sendInstall'), step('Install: look', command, 'checkInstall'), gate);
    const drain = untilDone('Drain', step('Drain', command, 'sendWaitIdle'), step('Drain: look', command, 'checkWaitIdle'), install);
    register.next(healthy);
    return deregister.next(drain);
  }
}
