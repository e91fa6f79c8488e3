import {
  ArnFormat,
  Duration,
  aws_events as events,
  type aws_logs as logs,
  Stack,
  aws_stepfunctions as sfn,
  type aws_sqs as sqs,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { resolveSettings } from '../../../functions/deploy/settings/read-settings.ts';
import type { DeploySettings } from '../../../functions/deploy/settings/settings.ts';
import { REFRESH_ERRORS } from '../../../functions/refresh/errors.ts';
import { refreshStateMachineName } from '../../../functions/shared/naming.ts';
import { acknowledge, NO_NARROWER_RESOURCE } from '../acknowledge.ts';
import { type HoldfastFunction, invokeEvery } from '../holdfast-function.ts';
import { inOrder, REPEATING, StepFactory, type Stretch, verdictIs, waitThen } from '../steps.ts';
import { type RefreshFunctionProps, refreshFunction } from './refresh-function.ts';

export interface FleetRefreshProps extends Omit<RefreshFunctionProps, 'stateMachineArn'> {
  readonly logGroup: logs.ILogGroup;
  /** Ends of refreshes that no execution could be started for. */
  readonly deadLetterQueue: sqs.IQueue;
}

/** Between two checks of the replacement of a server, and of a server that starts. */
const POLL_SECONDS = 10;

const refresh = sfn.JsonPath.objectAt('$.begun.refresh');
const held = { refresh, lease: sfn.JsonPath.objectAt('$.begun.lease') };
/** The data of every step on the server. */
const onServer = { ...held, server: sfn.JsonPath.objectAt('$.step.server') };
const STEP = '$.step';
const VERDICT = '$.step.verdict';
const START = {
  input: sfn.JsonPath.objectAt('$.input'),
  executionName: sfn.JsonPath.stringAt('$$.Execution.Name'),
  executionArn: sfn.JsonPath.stringAt('$$.Execution.Id'),
  startTime: sfn.JsonPath.stringAt('$$.Execution.StartTime'),
};

/**
 * Replaces servers that were launched from an outdated launch template or image, one at a time: out of the load balancer,
 * idle, terminated, and another one healthy in its place. Auto Scaling's own instance refresh knows no lock and no drain
 * that ends by the server's own counts, and terminates a server whose requests do not end.
 */
export class FleetRefresh extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: FleetRefreshProps) {
    super(scope, id);
    const { config, fleetName, fleet, logGroup } = props;
    const stateMachineName = refreshStateMachineName(config.installation, fleetName);
    const stateMachineArn = Stack.of(this).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: stateMachineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const handler = refreshFunction(this, { ...props, stateMachineArn });
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineName,
      comment: 'Replaces outdated servers one at a time without losing a session',
      definitionBody: sfn.DefinitionBody.fromChainable(this.procedure(handler, resolveSettings(fleet.deploy, fleetName))),
      timeout: Duration.days(2),
      tracingEnabled: true,
      logs: { destination: logGroup, level: sfn.LogLevel.ALL },
    });
    handler.grantInvokeVersions(this.stateMachine);
    acknowledge(this, { 'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE });
    this.watch(props, handler);
  }

  /** The refresh: read it from here, top to bottom. */
  private procedure(handler: HoldfastFunction, settings: DeploySettings): sfn.IChainable {
    const pollSeconds = Math.min(POLL_SECONDS, settings.pollSeconds);
    const failed = new sfn.Fail(this, 'Failed', { errorPath: '$.finished.error.Error', causePath: '$.finished.error.Cause' });
    const refused = new sfn.Fail(this, 'Refused', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const repeating = { ...REPEATING, verdicts: REFRESH_ERRORS };
    const refusing = new StepFactory(this, { ...repeating, onError: refused });
    const giveUp = refusing.call('Give up', handler, 'finish', { ...held, error: sfn.JsonPath.objectAt('$.error') }, '$.finished');
    giveUp.next(failed);
    const steps = new StepFactory(this, { ...repeating, onError: giveUp });
    const step = (id: string, name: string) => steps.call(id, handler, name, onServer, STEP);

    const nextServer = steps.call(
      'Next server',
      handler,
      'next',
      { ...held, waitingSinceMs: sfn.JsonPath.numberAt('$.step.waitingSinceMs') },
      STEP,
    );
    const beginLoop = new sfn.Pass(this, 'Begin replacing', { result: sfn.Result.fromObject({ waitingSinceMs: 0 }), resultPath: STEP });
    const again = new sfn.Pass(this, 'Replaced', { result: sfn.Result.fromObject({ waitingSinceMs: 0 }), resultPath: STEP });
    again.next(nextServer);
    const look = () =>
      steps.untilDone('Look', { start: step('Look', 'sendLook'), check: step('Look: check', 'checkLook'), verdictPath: VERDICT });
    const replaceOne = inOrder(
      ...(settings.onDrainTimeout === 'cut' ? [look()] : []),
      step('Deregister', 'deregister'),
      steps.untilDone('Drain', { start: step('Drain', 'sendDrain'), check: step('Drain: check', 'checkDrain'), verdictPath: VERDICT }),
      step('Terminate', 'terminate'),
      steps.untilDone('Replace', { check: step('Replace: check', 'checkReplaced'), verdictPath: VERDICT, pollSeconds }),
      again,
    );
    const which = new sfn.Choice(this, 'Which server?')
      .when(verdictIs(VERDICT, 'ROLL'), replaceOne)
      .when(verdictIs(VERDICT, 'WAIT'), waitThen(this, 'Wait for newcomer', pollSeconds, nextServer));
    const forEachServer: Stretch = { start: beginLoop, goOn: (next) => void which.otherwise(next) };
    beginLoop.next(nextServer);
    nextServer.next(which);

    return inOrder(
      new sfn.Pass(this, 'Take input', { parameters: { input: sfn.JsonPath.entirePayload } }),
      this.unlessEnded(handler, settings.strayCallSeconds),
      refusing.call('Begin', handler, 'begin', START, '$.begun'),
      this.unlessNothing(),
      forEachServer,
      refusing.call('Finish', handler, 'finish', held, '$.finished'),
      new sfn.Succeed(this, 'Refreshed', { outputPath: '$.begun.plan' }),
    );
  }

  /**
   * The way of an execution that was started because another one ended without its last step: it finishes that one, and does nothing else.
   * It never fails, because its own failure would start it again without end; what it cannot do is left to the schedule. It waits before it
   * registers a server again, since a function of the ended execution can still run and terminate that server.
   */
  private unlessEnded(handler: HoldfastFunction, strayCallSeconds: number): Stretch {
    const left = new sfn.Succeed(this, 'Left to the schedule');
    const steps = new StepFactory(this, { ...REPEATING, verdicts: REFRESH_ERRORS, onError: left });
    const tidy = steps.call('Tidy up', handler, 'tidy', { refreshId: sfn.JsonPath.stringAt('$.input.ended') }, '$.finished');
    tidy.next(new sfn.Succeed(this, 'Tidied up'));
    const wait = new sfn.Wait(this, 'Let stray calls end', { time: sfn.WaitTime.duration(Duration.seconds(strayCallSeconds)) });
    wait.next(tidy);
    const choice = new sfn.Choice(this, 'Has a refresh ended?').when(sfn.Condition.isPresent('$.input.ended'), wait);
    return { start: choice, goOn: (next) => void choice.otherwise(next) };
  }

  private unlessNothing(): Stretch {
    const nothing = new sfn.Succeed(this, 'Nothing to replace', { outputPath: '$.begun.plan' });
    const choice = new sfn.Choice(this, 'Anything to replace?');
    return { start: choice, goOn: (next) => void choice.when(verdictIs('$.begun.verdict', 'DONE'), next).otherwise(nothing) };
  }

  /** An abort or a time-out runs no Catch: an event starts what ends the refresh, and a schedule what the event did not. */
  private watch({ config, fleetName, fleet, deadLetterQueue }: FleetRefreshProps, handler: HoldfastFunction): void {
    const named = sfn.StateMachine.fromStateMachineName(this, 'ByName', refreshStateMachineName(config.installation, fleetName));
    new events.Rule(this, 'OnEnd', {
      description: `Refreshes of ${fleetName} that did not succeed`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [named.stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [
        new targets.SfnStateMachine(named, {
          input: events.RuleTargetInput.fromObject({ ended: events.EventField.fromPath('$.detail.name') }),
          deadLetterQueue,
          retryAttempts: 5,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
    invokeEvery(this, 'Check', {
      name: `${config.installation}-${fleetName}-refresh-check`,
      description: `Checks which servers of ${fleetName} are outdated, and for refreshes that ended without their last step`,
      minutes: fleet.deploy.reconcileMinutes ?? 5,
      fn: handler,
      step: 'check',
    });
  }
}
