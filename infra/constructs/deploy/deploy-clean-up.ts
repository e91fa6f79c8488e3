import { Duration, aws_events as events, type aws_logs as logs, aws_stepfunctions as sfn, type aws_sqs as sqs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { cleanUpStateMachineName } from '../../../functions/shared/naming.ts';
import { runChild } from '../child-executions.ts';
import { type HoldfastFunction, invokeEvery } from '../holdfast-function.ts';
import {
  createDeadLetters,
  createMachine,
  inOrder,
  REPEATING,
  type Step,
  StepFactory,
  type Stretch,
  startedByEvent,
  verdictIs,
} from '../steps.ts';
import type { DeployFunctions } from './deploy-functions.ts';
import { rollTargetsBack } from './roll-target.ts';
import { LONGEST_LOOK_SECONDS } from './session-drain.ts';

export interface DeployCleanUpProps {
  readonly installation: string;
  readonly fleet: string;
  readonly functions: Pick<DeployFunctions, 'control' | 'traffic' | 'command' | 'scaling' | 'cleanUp' | 'reconcile' | 'sessions'>;
  /** Rolls one target; here, back. */
  readonly rollTarget: sfn.IStateMachine;
  /** Between two checks of targets that are not healthy yet, or of commands that are being cancelled. */
  readonly pollSeconds: number;
  readonly reconcileMinutes: number;
  readonly logGroup: logs.ILogGroup;
}

/** Above the clean-up's own limit of a day. */
const LONGEST_WAIT = Duration.hours(25);

const deploy = sfn.JsonPath.objectAt('$.task.deploy');
const lease = sfn.JsonPath.objectAt('$.task.lease');
const error = sfn.JsonPath.objectAt('$.task.error');
const waitingSinceMs = sfn.JsonPath.numberAt('$.next.waitingSinceMs');
const held = { deploy, lease };

/**
 * The one way out of a deploy that did not succeed, whatever ended it: a state machine that repairs what it left, and what
 * starts it. The deploy starts it itself where it can; an execution-status event does after an abort or a time-out,
 * which run no Catch; a schedule finds what neither reached.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export class DeployCleanUp extends Construct {
  readonly stateMachine: sfn.StateMachine;
  /** By its name: an update changes the machine after what starts or watches it. */
  readonly named: sfn.IStateMachine;
  private readonly props: DeployCleanUpProps;

  constructor(scope: Construct, id: string, props: DeployCleanUpProps) {
    super(scope, id);
    this.props = props;
    const stateMachineName = cleanUpStateMachineName(props.installation, props.fleet);
    this.named = sfn.StateMachine.fromStateMachineName(this, 'ByName', stateMachineName);
    this.stateMachine = createMachine(this, 'StateMachine', {
      stateMachineName,
      comment: 'Repairs what a deploy left that failed, was stopped, or died',
      body: this.cleanUp(),
      timeout: Duration.hours(24), // a rollback of eight targets at their longest; the reconciler starts the next
      logGroup: props.logGroup,
    });
    const { control, traffic, command, scaling, cleanUp, sessions } = props.functions;
    for (const fn of [control, traffic, command, scaling, cleanUp, sessions]) fn?.grantInvokeVersions(this.stateMachine);
  }

  /**
   * Where the deploy's machine goes with an error at `$.error`: waits for the clean-up, then fails with the error and with
   * what became of the fleet.
   */
  after(scope: Construct): sfn.State {
    const report = '$.cleanUp.Output.report.error';
    const failed = new sfn.Fail(scope, 'Failed', { errorPath: `${report}.Error`, causePath: `${report}.Cause` });
    // A clean-up that fails leaves the rest to the next one, which the reconciler starts.
    const unfinished = new sfn.Fail(scope, 'Failed, not cleaned up', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const deployId = sfn.JsonPath.stringAt('$$.Execution.Name');
    const run = runChild(scope, 'Clean up', {
      stateMachine: this.named,
      // Each machine has names of its own. A deploy's name is never used twice, and events and the schedule start unnamed ones.
      name: deployId,
      input: { deployId, error: sfn.JsonPath.objectAt('$.error') },
      resultPath: '$.cleanUp',
      limit: LONGEST_WAIT,
    });
    run.addCatch(unfinished, { errors: ['States.ALL'], resultPath: '$.cleanUpError' });
    const reported = new sfn.Choice(scope, 'Cleaned up?').when(sfn.Condition.isPresent(`${report}.Error`), failed).otherwise(unfinished);
    run.next(reported);
    return run;
  }

  /** Starts the clean-up of `deployMachine`'s executions that end without one. @returns the queue of the events that could not start it */
  watch(deployMachine: sfn.IStateMachine): sqs.Queue {
    const { installation, fleet, functions, reconcileMinutes } = this.props;
    const deadLetterQueue = createDeadLetters(this);
    new events.Rule(this, 'OnEnd', {
      description: `Deploys of ${fleet} that did not succeed`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [deployMachine.stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [startedByEvent(this.named, deadLetterQueue, { deployId: events.EventField.fromPath('$.detail.name') })],
    });
    invokeEvery(this, 'Reconcile', {
      name: `${installation}-${fleet}-reconcile`,
      description: `Checks for deploys of ${fleet} that ended without their clean-up`,
      minutes: reconcileMinutes,
      fn: functions.reconcile,
      step: 'reconcile',
    });
    return deadLetterQueue;
  }

  /** The clean-up: read it from here, top to bottom. */
  private cleanUp(): sfn.IChainable {
    const { control, command, scaling, cleanUp } = this.props.functions;
    const { pollSeconds } = this.props;
    const failed = new sfn.Fail(this, 'Clean-up failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const steps = new StepFactory(this, { ...REPEATING, onError: failed });
    const repair = rollTargetsBack(this, { ...this.props, steps, failed });
    const report = steps.call('Report', control, 'report', { deploy, error, endedAs: sfn.JsonPath.stringAt('$.task.endedAs') }, '$.report');

    return inOrder(
      new sfn.Pass(this, 'Take input', { parameters: { input: sfn.JsonPath.entirePayload, staging: {} } }),
      steps.call(
        'Claim the deploy',
        cleanUp,
        'claim',
        { input: sfn.JsonPath.objectAt('$.input'), executionArn: sfn.JsonPath.stringAt('$$.Execution.Id') },
        '$.task',
      ),
      this.unlessDone(report),
      steps.call('Stop executions', cleanUp, 'stopExecutions', held),
      this.cancelCommands(steps, 'Cancel commands', 'Release failed pin'),
      ...this.strayCalls(steps),
      // Cancelled a second time: a function of the stopped executions was possibly still running, and sent a command after the first time.
      this.cancelCommands(steps, 'Cancel stray commands', 'Release pin that failed since'),
      steps.call('Suspend Auto Scaling', scaling, 'suspend', { ...held, round: 0 }, '$.task.suspension'),
      new sfn.Pass(this, 'Begin repairing', {
        result: sfn.Result.fromObject({ verdict: 'WAIT', waitingSinceMs: 0 }),
        resultPath: '$.next',
      }),
      repair,
      steps.untilDone('Wait until serving', {
        check: steps.call('Wait until serving', cleanUp, 'checkServing', { ...held, waitingSinceMs }, '$.next'),
        verdictPath: '$.next.verdict',
        pollSeconds,
        onRegister: repair.start,
      }),
      stageAssets({ steps, command, held, ends: true }),
      steps.call('Resume Auto Scaling', scaling, 'resume', { ...held, suspension: sfn.JsonPath.objectAt('$.task.suspension') }),
      // The report comes before the lock: without it the next clean-up would find the deploy unfinished and the lock free.
      report,
      this.ifLockIsHeld(steps.call('Release lock', control, 'releaseLock', held)),
      new sfn.Succeed(this, 'Cleaned up'),
    );
  }

  /**
   * Before each look: a server that has failed while its sessions are pinned is released, because its users get errors until then. A
   * command of a server that died is shown as running for up to a quarter of an hour.
   */
  private cancelCommands(steps: StepFactory, name: string, release: string): Stretch {
    const { cleanUp, sessions } = this.props.functions;
    const { pollSeconds } = this.props;
    const check = steps.call(name, cleanUp, 'cancelCommands', held, '$.commands');
    const loop = { check, verdictPath: '$.commands.verdict' };
    if (!sessions) return steps.untilDone(name, { ...loop, pollSeconds });
    const start = steps.call(release, sessions, 'releaseFailed', held);
    return steps.untilDone(name, { ...loop, start, fromStart: true, pollSeconds: Math.min(pollSeconds, LONGEST_LOOK_SECONDS) });
  }

  /** A pinned server can fail in this time, too. */
  private strayCalls(steps: StepFactory): readonly (Stretch | Step)[] {
    const { functions, pollSeconds } = this.props;
    const id = 'Let stray calls end';
    const seconds = sfn.JsonPath.numberAt('$.task.strayCallSeconds');
    if (!functions.sessions) return [new sfn.Wait(this, id, { time: sfn.WaitTime.secondsPath('$.task.strayCallSeconds') })];
    const begun = sfn.Result.fromObject({ verdict: 'WAIT', sinceMs: 0 });
    const data = { ...held, seconds, sinceMs: sfn.JsonPath.numberAt('$.stray.sinceMs') };
    const check = steps.call(id, functions.sessions, 'releaseFailedFor', data, '$.stray');
    return [
      new sfn.Pass(this, 'Stray calls', { result: begun, resultPath: '$.stray' }),
      steps.untilDone(id, { check, verdictPath: '$.stray.verdict', pollSeconds: Math.min(pollSeconds, LONGEST_LOOK_SECONDS) }),
    ];
  }

  /** Ends at once where there is nothing to clean up, and only reports where another deploy has taken over. */
  private unlessDone(report: sfn.State): Stretch {
    const choice = new sfn.Choice(this, 'Anything to clean up?');
    const nothing = new sfn.Succeed(this, 'Nothing to clean up');
    return {
      start: choice,
      goOn: (next) =>
        void choice
          .when(verdictIs('$.task.verdict', 'DONE'), next)
          .when(verdictIs('$.task.verdict', 'OVERTAKEN'), report)
          .otherwise(nothing),
    };
  }

  /** A clean-up that was overtaken has no lock to release. */
  private ifLockIsHeld(release: Step): Stretch {
    const choice = new sfn.Choice(this, 'Is the lock held?').when(sfn.Condition.isPresent('$.task.lease'), release);
    return {
      start: choice,
      goOn: (next) => {
        release.next(next);
        choice.otherwise(next);
      },
    };
  }
}

interface StagingProps {
  readonly steps: StepFactory;
  readonly command: HoldfastFunction;
  readonly held: object;
  readonly ends: boolean;
}

/** Puts the assets of the releases onto the servers; where the deploy `ends` without success, takes away those of a release that none has. */
export function stageAssets({ steps, command, held, ends }: StagingProps): Stretch {
  const id = ends ? 'Take away assets' : 'Stage assets';
  const check = steps.call(id, command, 'stageAssets', { ...held, ends, staging: sfn.JsonPath.objectAt('$.staging') }, '$.staging');
  return steps.untilDone(id, { check, verdictPath: '$.staging.verdict' });
}
