import { Duration, type aws_logs as logs, aws_stepfunctions as sfn, type aws_sqs as sqs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { cleanUpStateMachineName, deployStateMachineName, rollTargetStateMachineName } from '../../../functions/shared/naming.ts';
import { awaitOne, CHILD_HAS_ENDED, startChild } from '../child-executions.ts';
import { PUBLISHED } from '../holdfast-function.ts';
import type { MachineOrder } from '../machines-last.ts';
import { createMachine, inOrder, REPEATING, type Step, StepFactory, type Stretch, verdictIs, waitThen, whenVerdict } from '../steps.ts';
import { DeployCleanUp, stageAssets } from './deploy-clean-up.ts';
import type { DeployFunctions } from './deploy-functions.ts';
import { allowStateMachines } from './deploy-permissions.ts';
import { rollTarget } from './roll-target.ts';

export interface RollingDeployProps {
  readonly installation: string;
  readonly fleet: string;
  readonly functions: DeployFunctions;
  /** Between two checks of an instance that starts, or of the alarms while the deploy settles. */
  readonly pollSeconds: number;
  /** Between two checks for deploys that ended without their clean-up. */
  readonly reconcileMinutes: number;
  /** Drains may cut requests. */
  readonly cuts: boolean;
  /** Releases are CodeDeploy bundles. */
  readonly bundles: boolean;
  readonly logGroup: logs.ILogGroup;
}

/** Between two checks of a store that is not ready: a wait of 1,800 s at the longest takes 180 × 14 of the history's 25,000 events. */
const STORE_POLL_SECONDS = 10;

const deploy = sfn.JsonPath.objectAt('$.deploy');
/** The data of every step that holds the lock. */
const held = { deploy, lease: sfn.JsonPath.objectAt('$.lease') };
const store = sfn.JsonPath.objectAt('$.store');
const START = {
  input: sfn.JsonPath.objectAt('$.input'),
  executionName: sfn.JsonPath.stringAt('$$.Execution.Name'),
  executionArn: sfn.JsonPath.stringAt('$$.Execution.Id'),
  startTime: sfn.JsonPath.stringAt('$$.Execution.StartTime'),
};

/**
 * The rolling deploy. Each target is a child execution, for several can run at once, and a history ends at 25,000 events: one target
 * takes some 30 of the parent's, and each look at those at work 7 to 9 (functions/deploy/rolls/look-again.ts).
 */
export class RollingDeploy extends Construct {
  /** By its name: an update changes the machine after everything that refers to it. */
  readonly stateMachine: sfn.IStateMachine;
  /** An update changes the deploy's machine last: no other one that it changes can fail once deploys begin on its definition. */
  readonly order: MachineOrder;
  readonly cleanUp: DeployCleanUp;
  /** Ends of deploys that no clean-up could be started for. */
  readonly deadLetters: sqs.IQueue;
  /** The child that this version of the parent starts. Versions that were published earlier stay, for executions of earlier parents. */
  private readonly rollTargetVersion: sfn.CfnStateMachineVersion;

  constructor(scope: Construct, id: string, props: RollingDeployProps) {
    super(scope, id);
    const { installation, fleet, logGroup } = props;
    const child = createMachine(this, 'RollTarget', {
      stateMachineName: rollTargetStateMachineName(installation, fleet),
      comment: 'Prepare, drain, install, readiness check, register, bake: one target',
      body: rollTarget(new Construct(this, 'Target'), props),
      // The longest drain and install that settings allow; of a bundle, that its scripts may take.
      timeout: Duration.hours(props.bundles ? 24 : 3),
      logGroup,
    });
    this.rollTargetVersion = new sfn.CfnStateMachineVersion(this, 'RollTargetVersion', {
      stateMachineArn: child.stateMachineArn,
      stateMachineRevisionId: child.stateMachineRevisionId,
    });
    this.rollTargetVersion.applyRemovalPolicy(PUBLISHED);
    // A rollback uses the newest child; a parent that runs ends with the child that it began with.
    const rollBack = sfn.StateMachine.fromStateMachineArn(this, 'RollBackAtVersion', this.rollTargetVersion.ref);
    this.cleanUp = new DeployCleanUp(this, 'CleanUp', { ...props, rollTarget: rollBack });
    const stateMachineName = deployStateMachineName(installation, fleet);
    const stateMachine = createMachine(this, 'Deploy', {
      stateMachineName,
      comment: 'Rolls a release through a fleet without losing a session',
      body: this.rollFleet(props),
      timeout: Duration.days(2),
      logGroup,
    });
    this.stateMachine = sfn.StateMachine.fromStateMachineName(this, 'DeployByName', stateMachineName);
    this.order = { last: stateMachine, versioned: child };
    this.deadLetters = this.cleanUp.watch(this.stateMachine);
    const { cleanUp } = this;
    const cleanUpName = cleanUpStateMachineName(installation, fleet);
    allowStateMachines(this, { deploy: stateMachine, cleanUp: cleanUp.stateMachine, cleanUpName, rollTarget: child }, props.functions);
  }

  /** The deploy: read it from here, top to bottom; one target is in roll-target.ts. */
  private rollFleet({ functions, pollSeconds }: RollingDeployProps): sfn.IChainable {
    const { control, assess, storeCheck, scaling, command, sessions } = functions;
    const refuse = new sfn.Fail(this, 'Refused', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const refusing = new StepFactory(this, { ...REPEATING, onError: refuse });
    const cleanUp = this.cleanUp.after(this);
    const rolling = new StepFactory(this, { ...REPEATING, onError: cleanUp });
    const asked = { ...held, round: sfn.JsonPath.numberAt('$.suspension.round') };
    const suspend = rolling.call('Suspend Auto Scaling', scaling, 'suspend', asked, '$.suspension');

    return inOrder(
      new sfn.Pass(this, 'Take input', { parameters: { input: sfn.JsonPath.entirePayload, suspension: { round: 0 }, staging: {} } }),
      refusing.call('Validate', control, 'validate', START, '$.deploy'),
      refusing.call('Acquire lock', control, 'acquireLock', { deploy }, '$.lease'),
      rolling.call('Pin documents', assess, 'pinDocuments', held, '$.deploy.documents'),
      rolling.call('Plan', assess, 'plan', held, '$.plan'),
      rolling.call('Preflight', assess, 'preflight', { ...held, plan: sfn.JsonPath.objectAt('$.plan') }),
      rolling.call('Preflight: session store', storeCheck, 'checkStore', { deploy }, '$.store'),
      ...(sessions
        ? [
            // The second one tries the rule, which is a change: what can be refused without one comes first.
            rolling.call('Preflight: sessions', command, 'checkRoutes', held),
            rolling.call('Preflight: drain rule', sessions, 'checkFront', held),
          ]
        : []),
      stageAssets({ steps: rolling, command, held, ends: false }),
      suspend,
      this.forEachTarget(rolling, cleanUp, functions, pollSeconds),
      rolling.call('Resume Auto Scaling', scaling, 'resume', { ...held, suspension: sfn.JsonPath.objectAt('$.suspension') }),
      this.begin('Begin settling', '$.settle', { verdict: 'WAIT', settleStartedAtMs: 0 }),
      this.settle(rolling, cleanUp, functions, pollSeconds),
      rolling.call('Promote release', control, 'promote', held),
      // A newcomer that came into service while the deploy settled has the old release: it is rolled as well. One that is starting
      // installs the release by itself now that it is the fleet's, unless its launch was completed before.
      this.newcomers(
        rolling.call('Check for newcomers', assess, 'nextTarget', { ...held, waitingSinceMs: 0 }, '$.next'),
        suspend,
        pollSeconds,
      ),
      rolling.call('Release lock', control, 'releaseLock', held),
      rolling.call('Report', control, 'report', { deploy }, '$.report'),
      new sfn.Succeed(this, 'Deployed'),
    );
  }

  /**
   * Rolls targets, several at once where the settings allow it, until every member of the fleet has the release; waits for those that
   * start. Each is begun once the store is ready. After a failure nothing is begun, and what is at work ends. A deploy that stops after
   * its first targets looks at them, at the store and at the alarms until it is continued.
   */
  private forEachTarget(rolling: StepFactory, cleanUp: sfn.State, functions: DeployFunctions, pollSeconds: number): Stretch {
    const { assess, control } = functions;
    const begin = this.begin('Begin rolling', '$.next', { verdict: 'ROLL', waitingSinceMs: 0, atWork: [] });
    const failed = new sfn.Pass(this, 'What failed first', {
      parameters: { Error: sfn.JsonPath.stringAt('$.next.error.Error'), Cause: sfn.JsonPath.stringAt('$.next.error.Cause') },
      resultPath: '$.error',
    });
    failed.next(cleanUp);
    const atWork = sfn.JsonPath.listAt('$.next.atWork');
    const awaiting = rolling.call('Await targets', assess, 'awaitTargets', { ...held, atWork }, '$.next');
    // Its own failure must not hide the first one.
    const stopping = rolling.catching(cleanUp, '$.stopError');
    const beginNothing = stopping.call('Begin nothing more', assess, 'beginNothing', { ...held, error: sfn.JsonPath.objectAt('$.error') });
    beginNothing.next(awaiting);

    const beginning = rolling.catching(beginNothing);
    const storeReady = this.untilStoreIsReady(beginning, functions);
    const storeFailedOver = sfn.JsonPath.objectAt('$.store.failedOver');
    const asked = { ...held, waitingSinceMs: sfn.JsonPath.numberAt('$.next.waitingSinceMs'), storeFailedOver };
    const nextTarget = beginning.call('Next target', assess, 'nextTarget', asked, '$.next');
    const roll = startChild(this, 'Roll target', {
      stateMachine: sfn.StateMachine.fromStateMachineArn(this, 'RollTargetAtVersion', this.rollTargetVersion.ref),
      name: sfn.JsonPath.stringAt('$.next.executionName'),
      input: { ...held, store, step: { verdict: 'DONE', roll: sfn.JsonPath.objectAt('$.next.roll') } },
    });
    const room = new sfn.Choice(this, 'Room for another?')
      .when(sfn.Condition.booleanEquals('$.next.room', true), storeReady.start)
      .otherwise(awaiting);
    roll.addCatch(room, { errors: CHILD_HAS_ENDED, resultPath: '$.startedBefore' });
    roll.addCatch(beginNothing, { errors: ['States.ALL'], resultPath: '$.error' });
    roll.next(room);
    awaitOne(this, { awaiting, another: storeReady.start, otherwise: { FAILED: failed } });
    const announce = beginning.call('Announce pause', control, 'beginPause', held);
    const pause = new sfn.Wait(this, 'Wait to be continued', { time: sfn.WaitTime.secondsPath('$.next.waitSeconds') });
    announce.next(pause);
    pause.next(storeReady.start);
    const isPause = verdictIs('$.next.verdict', 'PAUSE');
    const which = new sfn.Choice(this, 'Which target?')
      .when(verdictIs('$.next.verdict', 'ROLL'), roll)
      .when(verdictIs('$.next.verdict', 'AWAIT'), awaiting)
      .when(verdictIs('$.next.verdict', 'FAILED'), failed)
      .when(sfn.Condition.and(isPause, sfn.Condition.isPresent('$.next.announces')), announce)
      .when(isPause, pause)
      .when(verdictIs('$.next.verdict', 'WAIT'), waitThen(this, 'Wait for newcomer', pollSeconds, nextTarget));
    inOrder(begin, storeReady, nextTarget);
    nextTarget.next(which);
    return { start: begin, goOn: (next) => void which.otherwise(next) };
  }

  /** Takes no target out until the store answers and has its replicas: a failover in mid-deploy is waited for. */
  private untilStoreIsReady(rolling: StepFactory, { storeCheck, control }: DeployFunctions): Stretch {
    const check = rolling.call('Session store', storeCheck, 'awaitStore', { deploy, store }, '$.store');
    const keepLock = rolling.call('Keep lock', control, 'keepLock', held);
    keepLock.next(check);
    const wait = waitThen(this, 'Wait for store', STORE_POLL_SECONDS, keepLock);
    const ready = whenVerdict(this, 'Is the store ready?', '$.store.verdict', 'DONE', wait);
    check.next(ready.start);
    return { start: check, goOn: ready.goOn };
  }

  /**
   * Checks the alarms until the settle time has passed. An alarm can fire because of a failover of the store that came
   * meanwhile: the store is checked before the release is blamed. Once it is known to have failed over, settling tolerates
   * more, and an alarm that ends it all the same is the release's.
   */
  private settle(rolling: StepFactory, cleanUp: sfn.State, { assess, storeCheck }: DeployFunctions, pollSeconds: number): Stretch {
    const asked = {
      ...held,
      settleStartedAtMs: sfn.JsonPath.numberAt('$.settle.settleStartedAtMs'),
      storeFailedOver: sfn.JsonPath.objectAt('$.store.failedOver'),
    };
    const failed = new sfn.Choice(this, 'Was it the store?');
    const check = rolling.catching(failed).call('Settle', assess, 'settle', asked, '$.settle');
    const settled = rolling.untilDone('Settle', { check, verdictPath: '$.settle.verdict', pollSeconds });

    // Its own failure must not hide the alarm.
    const asking = rolling.catching(cleanUp, '$.storeError');
    const checkStore = asking.call('Check store after alarm', storeCheck, 'awaitStore', { deploy, store }, '$.store');
    const isAlarm = sfn.Condition.stringEquals('$.error.Error', 'AlarmFired');
    const isKnown = sfn.Condition.booleanEquals('$.store.failedOver', true);
    failed.when(sfn.Condition.and(isAlarm, sfn.Condition.not(isKnown)), checkStore).otherwise(cleanUp);
    checkStore.next(new sfn.Choice(this, 'Failed over meanwhile?').when(isKnown, check).otherwise(cleanUp));
    return settled;
  }

  /** Goes on unless there is another target to roll; first waits for one that is about to be. */
  private newcomers(check: Step, roll: sfn.State, pollSeconds: number): Stretch {
    const verdict = '$.next.verdict';
    const choice = new sfn.Choice(this, 'Newcomers?');
    check.next(choice);
    const comesByItself = sfn.Condition.and(verdictIs(verdict, 'WAIT'), sfn.Condition.not(sfn.Condition.isPresent('$.next.comesOutdated')));
    const wait = waitThen(this, 'Wait for outdated newcomer', pollSeconds, check);
    return {
      start: check,
      goOn: (next) =>
        void choice
          .when(sfn.Condition.or(verdictIs(verdict, 'DONE'), comesByItself), next)
          .when(verdictIs(verdict, 'WAIT'), wait)
          .otherwise(roll),
    };
  }

  /** Sets the first value of a loop, at the path where the loop's checks put their results. */
  private begin(id: string, resultPath: string, value: Record<string, unknown>): sfn.Pass {
    return new sfn.Pass(this, id, { result: sfn.Result.fromObject(value), resultPath });
  }
}
