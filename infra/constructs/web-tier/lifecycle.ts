import { aws_autoscaling as autoscaling, Duration, aws_events as events, aws_stepfunctions as sfn, type aws_sqs as sqs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { LIFECYCLE_EVENTS } from '../../../functions/lifecycle/contract.ts';
import { LIFECYCLE_HOOKS } from '../../../functions/shared/foreign-hooks.ts';
import { launchStateMachineName, terminateStateMachineName } from '../../../functions/shared/naming.ts';
import { isBundleFleet } from '../../config/app-kind.ts';
import { retainsServers } from '../../config/fleet.ts';
import { acknowledge, NO_NARROWER_RESOURCE } from '../acknowledge.ts';
import { createLogGroup, type HoldfastFunction } from '../holdfast-function.ts';
import {
  createDeadLetters,
  createMachine,
  inOrder,
  REPEATING,
  StepFactory,
  type Stretch,
  startedByEvent,
  verdictIs,
  waitThen,
  whenVerdict,
} from '../steps.ts';
import { type LifecycleProps, lifecycleFunction } from './lifecycle-function.ts';

const HOOKS = {
  launch: {
    lifecycleHookName: LIFECYCLE_HOOKS.launch,
    lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    // Each check of a launch prolongs it. Short, because an instance whose event was lost waits as long: well below the hour that
    // CloudFormation gives a group to come into service, and the twenty minutes of a newcomer.
    heartbeatTimeout: 600,
    defaultResult: 'ABANDON',
  },
  terminate: {
    lifecycleHookName: LIFECYCLE_HOOKS.terminate,
    lifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    heartbeatTimeout: 3600,
    defaultResult: 'CONTINUE',
  },
} as const;
const VERDICT = '$.step.verdict';

/**
 * The longest that each machine can take. A launch: 15 min for the agent, 20 for user data, 6 for the install and 6 to be ready,
 * and all but the agent once more when a deploy promotes another release meanwhile. A termination: its drain, by the settings. The scripts
 * of a bundle take six hours at most, twice.
 */
const LIMITS = { launch: Duration.hours(2), terminate: Duration.hours(12), bundles: Duration.hours(24) } as const;

/**
 * What happens to an instance before it serves and before it terminates: two lifecycle hooks, their events, and a small state
 * machine for each. A launching instance installs the fleet's current release, and serves at once where there is none; a
 * terminating one is held until it is idle.
 */
export class Lifecycle extends Construct {
  /** Events that no machine could be started for. */
  readonly deadLetters: sqs.Queue;
  private readonly props: LifecycleProps;
  /** The rules, and the machines that they start, each with the role that EventBridge takes to start it. */
  private readonly prerequisites: Construct[] = [];
  /** Empty before {@link attach}. */
  readonly hooks: Construct[] = [];

  constructor(scope: Construct, id: string, props: LifecycleProps) {
    super(scope, id);
    this.props = props;
    const { config, fleetName } = props;
    const handler = lifecycleFunction(this, props);
    this.deadLetters = createDeadLetters(this);
    const logGroup = createLogGroup(this, 'Logs', `/aws/vendedlogs/states/${config.installation}-${fleetName}-lifecycle`);
    const start = (name: 'launch' | 'terminate', body: sfn.IChainable) => {
      const id = name === 'launch' ? 'Launch' : 'Terminate';
      const nameOf = name === 'launch' ? launchStateMachineName : terminateStateMachineName;
      const stateMachineName = nameOf(config.installation, fleetName);
      // An update changes the machine after its rule.
      const named = sfn.StateMachine.fromStateMachineName(this, `${id}ByName`, stateMachineName);
      const timeout = isBundleFleet(props.fleet) ? LIMITS.bundles : LIMITS[name];
      const stateMachine = createMachine(this, id, { stateMachineName, body, timeout, logGroup });
      handler.grantInvokeVersions(stateMachine);
      this.prerequisites.push(
        stateMachine,
        named as sfn.IStateMachine & Construct,
        new events.Rule(this, `On${id}`, {
          description: `Instances of ${fleetName} that ${name}`,
          eventPattern: {
            source: ['aws.autoscaling'],
            detailType: [LIFECYCLE_EVENTS[name]],
            // An existing group can have hooks of its own: their events are not Holdfast's.
            detail: { AutoScalingGroupName: [props.autoScalingGroupName], LifecycleHookName: [HOOKS[name].lifecycleHookName] },
          },
          targets: [startedByEvent(named, this.deadLetters)],
        }),
      );
    };
    start('launch', this.launch(handler));
    start('terminate', this.terminate(handler));
    acknowledge(this, { 'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE });
  }

  /**
   * Gives the group its hooks, as resources of their own that come after it: they are skipped by a created group's first instances,
   * which CloudFormation waits for and for which there is no release yet; and deleting them leaves an existing group as it was.
   * EventBridge does not repeat an event that it was not allowed to deliver, so the machines and the permissions come before them.
   * @param group the created one
   * @see https://github.com/aws/aws-cdk/issues/16356
   */
  attach(group?: autoscaling.AutoScalingGroup): void {
    for (const [id, hook] of [['LaunchHook', HOOKS.launch] as const, ['TerminateHook', HOOKS.terminate] as const]) {
      // Auto Scaling terminates an instance on either result, unless the group retains it.
      const retains = id === 'TerminateHook' && retainsServers(this.props.fleet);
      const properties = { autoScalingGroupName: this.props.autoScalingGroupName, ...hook, ...(retains && { defaultResult: 'ABANDON' }) };
      const created = new autoscaling.CfnLifecycleHook(this, id, properties);
      created.node.addDependency(...this.prerequisites, ...(group ? [group] : []));
      this.hooks.push(created);
    }
  }

  private launch(handler: HoldfastFunction): sfn.IChainable {
    const scope = new Construct(this, 'LaunchSteps');
    const failed = new sfn.Fail(scope, 'Launch failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const launch = sfn.JsonPath.objectAt('$.step.launch');
    const abandoning = new StepFactory(scope, { ...REPEATING, onError: failed });
    const abandon = abandoning.call('Abandon', handler, 'abandon', { launch, error: sfn.JsonPath.objectAt('$.error') });
    abandon.next(failed);
    const steps = new StepFactory(scope, { ...REPEATING, onError: abandon });
    const step = (id: string, name: string) => steps.call(id, handler, name, { launch }, '$.step');
    const prepare = step('Prepare', 'prepare');
    const install = step('Install current release', 'sendInstall');
    const { launchPollSeconds } = this.props.fleet.deploy;
    const waitForAgent = waitThen(scope, 'Wait for the agent', launchPollSeconds, install);

    const complete = step('Complete launch', 'complete');
    const whetherSent = new sfn.Choice(scope, 'Sent?');
    const sent: Stretch = {
      start: whetherSent,
      // SKIP: no deploy has succeeded yet, so the instance keeps its placeholder, or, where servers ran before Holdfast, its own release.
      goOn: (next) =>
        void whetherSent.when(verdictIs(VERDICT, 'DONE'), next).when(verdictIs(VERDICT, 'SKIP'), complete).otherwise(waitForAgent),
    };

    return inOrder(
      this.takeEvent(scope, 'launch'),
      steps.untilDone('Prepare', { check: prepare, verdictPath: VERDICT, pollSeconds: launchPollSeconds }),
      install,
      sent,
      steps.untilDone('Installing', { check: step('Install: check', 'checkInstall'), verdictPath: VERDICT }),
      steps.untilDone('Readiness', {
        start: step('Readiness', 'sendReadiness'),
        check: step('Readiness: check', 'checkReadiness'),
        verdictPath: VERDICT,
      }),
      complete,
      whenVerdict(scope, 'Still current?', VERDICT, 'DONE', prepare),
      new sfn.Succeed(scope, 'Launched'),
    );
  }

  private terminate(handler: HoldfastFunction): sfn.IChainable {
    const scope = new Construct(this, 'TerminateSteps');
    const termination = sfn.JsonPath.objectAt('$.step.termination');
    const failed = new sfn.Fail(scope, 'Termination not completed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const completing = new StepFactory(scope, { ...REPEATING, onError: failed });
    const complete = completing.call('Complete termination', handler, 'completeTermination', { termination }, '$.step');
    const steps = new StepFactory(scope, { ...REPEATING, onError: complete });
    const step = (id: string, name: string) => steps.call(id, handler, name, { termination }, '$.step');

    const waitIdle = step('Wait idle', 'sendWaitIdle');
    const scripts = (id: string, name: string) =>
      isBundleFleet(this.props.fleet) ? [steps.untilDone(id, { check: step(id, name), verdictPath: VERDICT })] : [];

    return inOrder(
      this.takeEvent(scope, 'terminate', 'termination'),
      ...scripts('Before traffic is blocked', 'beforeBlockTraffic'),
      steps.untilDone('Idle', { start: waitIdle, check: step('Wait idle: check', 'checkWaitIdle'), verdictPath: VERDICT }),
      ...scripts('Stop the application', 'end'),
      complete,
      whenVerdict(scope, 'Still out of service?', VERDICT, 'DONE', waitIdle),
      new sfn.Succeed(scope, 'Terminated'),
    );
  }

  /** The lifecycle action of the event that started the machine, where the steps leave theirs. */
  private takeEvent(scope: Construct, name: 'launch' | 'terminate', key: string = name): sfn.Pass {
    const action = {
      autoScalingGroupName: sfn.JsonPath.stringAt('$.detail.AutoScalingGroupName'),
      lifecycleHookName: sfn.JsonPath.stringAt('$.detail.LifecycleHookName'),
      lifecycleActionToken: sfn.JsonPath.stringAt('$.detail.LifecycleActionToken'),
      instanceId: sfn.JsonPath.stringAt('$.detail.EC2InstanceId'),
      ...(name === 'terminate' && { event: sfn.JsonPath.objectAt('$.detail') }),
    };
    return new sfn.Pass(scope, `Take ${name} event`, { parameters: { step: { verdict: 'DONE', [key]: action } } });
  }
}
