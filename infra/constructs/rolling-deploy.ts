import {
  Duration,
  aws_iam as iam,
  type aws_logs as logs,
  RemovalPolicy,
  Stack,
  aws_stepfunctions as sfn,
  type aws_sqs as sqs,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deployStateMachineName, rollTargetStateMachineName } from '../../functions/shared/naming.ts';
import { acknowledge, NO_NARROWER_RESOURCE, wildcard } from './acknowledge.ts';
import { type CleanUpFunctions, DeployCleanUp } from './deploy-clean-up.ts';
import type { HoldfastFunction } from './holdfast-function.ts';
import { inOrder, REPEATING, StepFactory, type Stretch, waitThen, whenVerdict } from './steps.ts';
import { settleUnlessStoreFailedOver, unlessStoreFailedOver, untilStoreIsReady } from './store-steps.ts';

/** The deploy's functions, by what they may touch. */
export interface DeployFunctions extends CleanUpFunctions {
  readonly assess: HoldfastFunction;
  readonly storeCheck: HoldfastFunction;
  readonly command: HoldfastFunction;
}

export interface RollingDeployProps {
  readonly installation: string;
  readonly fleet: string;
  readonly functions: DeployFunctions;
  /** Between two looks at an instance that starts, or at the alarms while the deploy settles. */
  readonly pollSeconds: number;
  /** Whether the fleet's servers ran before Holdfast came, and are prepared before each install. */
  readonly prepares: boolean;
  /** Between two looks for deploys that ended without their clean-up. */
  readonly reconcileMinutes: number;
  readonly logGroup: logs.ILogGroup;
}

const deploy = sfn.JsonPath.objectAt('$.deploy');
const lease = sfn.JsonPath.objectAt('$.lease');
const roll = sfn.JsonPath.objectAt('$.step.roll');
/** What every step after the lock is told. */
const held = { deploy, lease };

/** What Validate is told. */
const START = {
  input: sfn.JsonPath.objectAt('$.input'),
  executionName: sfn.JsonPath.stringAt('$$.Execution.Name'),
  executionArn: sfn.JsonPath.stringAt('$$.Execution.Id'),
  startTime: sfn.JsonPath.stringAt('$$.Execution.StartTime'),
};

/**
 * The rolling deploy, one target at a time: the procedure, top to bottom. Each target is a child execution, because a
 * history ends at 25,000 events and one target takes some 30 of the parent's.
 */
export class RollingDeploy extends Construct {
  readonly stateMachine: sfn.StateMachine;
  private readonly rollTarget: sfn.StateMachine;
  /** The child that belongs to this parent; one that was published before stays for the parents that run. */
  private readonly rollTargetVersion: sfn.CfnStateMachineVersion;
  readonly cleanUp: DeployCleanUp;
  /** Ends of deploys that no clean-up could be started for. */
  readonly deadLetters: sqs.IQueue;

  constructor(scope: Construct, id: string, props: RollingDeployProps) {
    super(scope, id);
    this.rollTarget = new sfn.StateMachine(this, 'RollTarget', {
      stateMachineName: rollTargetStateMachineName(props.installation, props.fleet),
      comment: 'Prepare, drain, install, health gate, register, bake: one target',
      definitionBody: sfn.DefinitionBody.fromChainable(this.rollOneTarget(props)),
      timeout: Duration.hours(3), // the longest drain and install that settings allow
      tracingEnabled: true,
      logs: { destination: props.logGroup, level: sfn.LogLevel.ALL },
    });
    this.rollTargetVersion = new sfn.CfnStateMachineVersion(this, 'RollTargetVersion', {
      stateMachineArn: this.rollTarget.stateMachineArn,
      stateMachineRevisionId: this.rollTarget.stateMachineRevisionId,
    });
    this.rollTargetVersion.applyRemovalPolicy(RemovalPolicy.RETAIN);
    // Rolling back takes the newest child; what a parent that runs began, it ends with its own.
    const rollTarget = sfn.StateMachine.fromStateMachineArn(this, 'RollBackAtVersion', this.rollTargetVersion.ref);
    this.cleanUp = new DeployCleanUp(this, 'CleanUp', { ...props, rollTarget });
    this.stateMachine = new sfn.StateMachine(this, 'Deploy', {
      stateMachineName: deployStateMachineName(props.installation, props.fleet),
      comment: 'Rolls a release through a fleet without losing a session',
      definitionBody: sfn.DefinitionBody.fromChainable(this.rollFleet(props)),
      timeout: Duration.days(2),
      tracingEnabled: true,
      logs: { destination: props.logGroup, level: sfn.LogLevel.ALL },
    });
    // Starting a version is authorized by the machine's own ARN: auth-version-alias in Step Functions' guide.
    for (const parent of [this.stateMachine, this.cleanUp.stateMachine]) {
      parent.addToRolePolicy(new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [this.rollTarget.stateMachineArn] }));
    }
    const { control, assess, storeCheck, traffic, command, scaling } = props.functions;
    for (const fn of [traffic, command, storeCheck]) fn.grantInvokeVersions(this.rollTarget);
    for (const fn of [control, assess, storeCheck, scaling]) fn.grantInvokeVersions(this.stateMachine);
    this.deadLetters = this.cleanUp.watch(this.stateMachine);
    const stack = Stack.of(this);
    acknowledge(this, { 'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE });
    for (const child of [this.rollTargetVersion, this.cleanUp.stateMachine.node.defaultChild as sfn.CfnStateMachine]) {
      const id = stack.getLogicalId(child);
      acknowledge(this, {
        [wildcard(stack, 'states', `execution:{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${id}"}]}]}*`)]:
          'A parent watches its child executions, whose names are not known beforehand: the wildcard stands for them, under the one child state machine; log delivery and X-Ray know no narrower resource.',
      });
    }
  }

  /** The deploy: read it from here, top to bottom. */
  private rollFleet({ functions, pollSeconds }: RollingDeployProps): sfn.IChainable {
    const { control, assess, storeCheck, scaling } = functions;
    const refuse = new sfn.Fail(this, 'Refused', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const refusing = new StepFactory(this, { ...REPEATING, onError: refuse });
    const cleanUp = this.cleanUp.after(this);
    const rolling = new StepFactory(this, { ...REPEATING, onError: cleanUp });
    const suspend = rolling.call('Suspend Auto Scaling', scaling, 'suspend', held, '$.suspension');

    return inOrder(
      new sfn.Pass(this, 'Take input', { parameters: { input: sfn.JsonPath.entirePayload } }),
      refusing.call('Validate', control, 'validate', START, '$.deploy'),
      refusing.call('Acquire lock', control, 'acquireLock', { deploy }, '$.lease'),
      rolling.call('Pin documents', assess, 'pinDocuments', held, '$.deploy.documents'),
      rolling.call('Plan', assess, 'plan', held, '$.plan'),
      rolling.call('Preflight', assess, 'preflight', { ...held, plan: sfn.JsonPath.objectAt('$.plan') }),
      rolling.call('Preflight: session store', storeCheck, 'checkStore', { deploy }, '$.store'),
      suspend,
      this.forEachTarget(rolling, cleanUp, functions, pollSeconds),
      rolling.call('Resume Auto Scaling', scaling, 'resume', { ...held, suspension: sfn.JsonPath.objectAt('$.suspension') }),
      this.begin('Begin settling', '$.settle', { verdict: 'WAIT', settleStartedAtMs: 0 }),
      rolling.untilDone('Settle', { look: this.lookAtAlarms(cleanUp, functions), verdictPath: '$.settle.verdict', pollSeconds }),
      rolling.call('Promote release', control, 'promote', held),
      // A newcomer that launched while the deploy settled has the old release: it is rolled as well.
      rolling.call('Look for newcomers', assess, 'nextTarget', { ...held, waitingSinceMs: 0 }, '$.next'),
      whenVerdict(this, 'Newcomers?', '$.next.verdict', 'DONE', suspend),
      rolling.call('Release lock', control, 'releaseLock', held),
      rolling.call('Report', control, 'report', { deploy }, '$.report'),
      new sfn.Succeed(this, 'Deployed'),
    );
  }

  /** One target: read it from here, top to bottom. */
  private rollOneTarget({ functions, pollSeconds, prepares }: RollingDeployProps): sfn.IChainable {
    const { traffic, command, storeCheck } = functions;
    const scope = new Construct(this, 'Target');
    const fail = new sfn.Fail(scope, 'Target failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    // Its own failure must not hide why the target failed.
    const puttingBack = new StepFactory(scope, { ...REPEATING, onError: fail, errorPath: '$.putBackError' });
    const putBack = puttingBack.call('Put back', traffic, 'putBack', { ...held, roll, error: sfn.JsonPath.objectAt('$.error') });
    putBack.next(fail);
    const steps = new StepFactory(scope, { ...REPEATING, onError: putBack });
    const step = (id: string, fn: HoldfastFunction, name: string) => steps.call(id, fn, name, { ...held, roll }, '$.step');
    const onInstance = (id: string, send: string, check: string) =>
      steps.untilDone(id, { start: step(id, command, send), look: step(`${id}: look`, command, check), verdictPath: '$.step.verdict' });

    const bakeAnew = step('Bake anew', command, 'bakeAnew');
    const onError = unlessStoreFailedOver(scope, { storeCheck, roll, putBack, bakeAnew, pollSeconds });
    const baking = new StepFactory(scope, { ...REPEATING, onError });
    const sendBake = baking.call('Bake', command, 'sendBake', { ...held, roll }, '$.step');
    const lookAtBake = baking.call('Bake: look', command, 'checkBake', { ...held, roll }, '$.step');
    bakeAnew.next(sendBake);

    return inOrder(
      ...(prepares ? [steps.untilDone('Prepare', { look: step('Prepare', command, 'prepare'), verdictPath: '$.step.verdict' })] : []),
      step('Deregister', traffic, 'deregister'),
      onInstance('Drain', 'sendWaitIdle', 'checkWaitIdle'),
      onInstance('Install', 'sendInstall', 'checkInstall'),
      onInstance('Health gate', 'sendGate', 'checkGate'),
      step('Register', traffic, 'register'),
      steps.untilDone('Wait healthy', { look: step('Wait healthy', traffic, 'checkHealthy'), verdictPath: '$.step.verdict' }),
      baking.untilDone('Bake', { start: sendBake, look: lookAtBake, verdictPath: '$.step.verdict' }),
      new sfn.Succeed(scope, 'Target done'),
    );
  }

  private lookAtAlarms(cleanUp: sfn.State, { assess, storeCheck }: DeployFunctions): sfn.State & sfn.INextable {
    const settleStartedAtMs = sfn.JsonPath.numberAt('$.settle.settleStartedAtMs');
    const storeFailedOver = sfn.JsonPath.objectAt('$.store.failedOver');
    return settleUnlessStoreFailedOver(this, {
      storeCheck,
      cleanUp,
      lookAtAlarms: (steps) => steps.call('Settle', assess, 'settle', { ...held, settleStartedAtMs, storeFailedOver }, '$.settle'),
    });
  }

  /** Asks for the next target and rolls it, until every member of the fleet has the release; waits for those that start. */
  private forEachTarget(rolling: StepFactory, cleanUp: sfn.State, functions: DeployFunctions, pollSeconds: number): Stretch {
    const start = this.begin('Begin rolling', '$.next', { verdict: 'AGAIN', waitingSinceMs: 0 });
    const asked = { ...held, waitingSinceMs: sfn.JsonPath.numberAt('$.next.waitingSinceMs') };
    const nextTarget = rolling.call('Next target', functions.assess, 'nextTarget', asked, '$.next');
    const rollTarget = new tasks.StepFunctionsStartExecution(this, 'Roll target', {
      stateMachine: sfn.StateMachine.fromStateMachineArn(this, 'RollTargetAtVersion', this.rollTargetVersion.ref),
      integrationPattern: sfn.IntegrationPattern.RUN_JOB,
      associateWithParent: true,
      name: sfn.JsonPath.stringAt('$.next.roll.executionName'),
      input: sfn.TaskInput.fromObject({
        ...held,
        store: sfn.JsonPath.objectAt('$.store'),
        step: { verdict: 'DONE', roll: sfn.JsonPath.objectAt('$.next.roll') },
      }),
      resultPath: sfn.JsonPath.DISCARD,
      taskTimeout: sfn.Timeout.duration(Duration.hours(4)),
    });
    rollTarget.addCatch(cleanUp, { errors: ['States.ALL'], resultPath: '$.error' });
    const which = new sfn.Choice(this, 'Which target?');
    const store = untilStoreIsReady(this, rolling, functions);
    start.next(store.start);
    store.goOn(nextTarget);
    nextTarget.next(which);
    rollTarget.next(store.start);
    which.when(sfn.Condition.stringEquals('$.next.verdict', 'AGAIN'), rollTarget);
    which.when(sfn.Condition.stringEquals('$.next.verdict', 'WAIT'), waitThen(this, 'Wait for newcomer', pollSeconds, nextTarget));
    return { start, goOn: (next) => void which.otherwise(next) };
  }

  /** Puts the first value of a loop where its looks leave theirs. */
  private begin(id: string, resultPath: string, value: Record<string, unknown>): sfn.Pass {
    return new sfn.Pass(this, id, { result: sfn.Result.fromObject(value), resultPath });
  }
}
