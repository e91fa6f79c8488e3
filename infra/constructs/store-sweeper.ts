import {
  type aws_cloudwatch as cloudwatch,
  Duration,
  aws_events as events,
  aws_iam as iam,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
  aws_scheduler as scheduler,
  aws_stepfunctions as sfn,
  aws_sqs as sqs,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import {
  releasesBucketName,
  SWEEP_REPORTS_PREFIX,
  storeAlarmName,
  storeFunctionName,
  sweepStateMachineName,
} from '../../functions/shared/naming.ts';
import { SWEEP_ENV } from '../../functions/sweep/contract.ts';
import { RETRYABLE_SWEEP_ERRORS, SWEEP_ERRORS } from '../../functions/sweep/errors.ts';
import type { HoldfastConfig } from '../config.ts';
import type { ReleasesStack } from '../stacks/releases-stack.ts';
import { accountOf, acknowledge, NO_NARROWER_RESOURCE, wildcard } from './acknowledge.ts';
import { HoldfastFunction } from './holdfast-function.ts';
import type { Network } from './network.ts';
import { sweepRecords } from './own-records.ts';
import { inOrder, StepFactory, type Stretch, waitThen } from './steps.ts';
import { storeClient } from './store-client.ts';
import type { StoreEndpoint } from './store-endpoint.ts';

export interface StoreSweeperProps {
  readonly config: HoldfastConfig;
  readonly network: Network;
  readonly store: StoreEndpoint;
  readonly releases: ReleasesStack;
}

/**
 * The longest that a sweep goes on. An invocation goes through keys for 35 s and takes 12 events of the history's 25,000
 * (look 5, choice 2, and as many again for the branch): 2,000 of them are 19 hours.
 */
const LONGEST_SWEEP = Duration.hours(12);
/** Until the store is asked again that did not answer. */
const STORE_POLL_SECONDS = 5;

const sweep = sfn.JsonPath.objectAt('$.begun.sweep');
const shards = sfn.JsonPath.objectAt('$.begun.shards');

/** Sweeps the session store: a schedule, a state machine that also commands and alarms start, and one function. */
export class StoreSweeper extends Construct {
  readonly stateMachine: sfn.StateMachine;
  private readonly props: StoreSweeperProps;

  constructor(scope: Construct, id: string, props: StoreSweeperProps) {
    super(scope, id);
    this.props = props;
    const { installation, logRetentionDays } = props.config;
    const sweeper = this.sweeper();
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineName: sweepStateMachineName(installation),
      comment: 'Goes through every primary of the session store, and mends keys that never expire',
      definitionBody: sfn.DefinitionBody.fromChainable(this.sweep(sweeper)),
      timeout: LONGEST_SWEEP,
      tracingEnabled: true,
      logs: {
        destination: new logs.LogGroup(this, 'Logs', {
          logGroupName: `/aws/vendedlogs/states/${sweepStateMachineName(installation)}`,
          retention: logRetentionDays as logs.RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: sfn.LogLevel.ALL,
      },
    });
    sweeper.grantInvokeVersions(this.stateMachine);
    this.schedule();
    acknowledge(this, {
      'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE,
    });
  }

  /** A sweep: read it from here, top to bottom. */
  private sweep(sweeper: HoldfastFunction): sfn.IChainable {
    const repeating = { transientErrors: RETRYABLE_SWEEP_ERRORS, verdicts: SWEEP_ERRORS };
    const failed = new sfn.Fail(this, 'Sweep failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const refusing = new StepFactory(this, { ...repeating, onError: failed });
    const failing = new StepFactory(this, { ...repeating, onError: failed, errorPath: '$.failError' });
    const fail = failing.call('Record failure', sweeper, 'fail', { sweep, shards, error: sfn.JsonPath.objectAt('$.error') });
    fail.next(failed);
    const steps = new StepFactory(this, { ...repeating, onError: fail });
    const begin = { input: sfn.JsonPath.objectAt('$.input'), executionArn: sfn.JsonPath.stringAt('$$.Execution.Id') };

    const everyShard = new sfn.Map(this, 'Every shard', {
      itemsPath: '$.begun.shards',
      itemSelector: { sweep, shard: sfn.JsonPath.stringAt('$$.Map.Item.Value') },
      resultPath: sfn.JsonPath.DISCARD,
    });
    everyShard.itemProcessor(this.oneShard(sweeper, repeating));
    everyShard.addCatch(fail, { errors: ['States.ALL'], resultPath: '$.error' });
    return inOrder(
      new sfn.Pass(this, 'Take input', { parameters: { input: sfn.JsonPath.entirePayload } }),
      this.begin(refusing.call('Begin', sweeper, 'begin', begin, '$.begun')),
      everyShard,
      steps.call('Report', sweeper, 'report', { sweep, shards }, '$.summary'),
      new sfn.Succeed(this, 'Swept', { outputPath: '$.summary' }),
    );
  }

  /** An alarm's sweep waits until the last one has cooled down, and is none where another has begun since. */
  private begin(begin: sfn.State & sfn.INextable): Stretch {
    const verdictIs = (verdict: string) => sfn.Condition.stringEquals('$.begun.verdict', verdict);
    const coolDown = new sfn.Wait(this, 'Cool down', { time: sfn.WaitTime.secondsPath('$.begun.waitSeconds') });
    coolDown.next(begin);
    const covered = new sfn.Succeed(this, 'Swept already', { outputPath: '$.begun' });
    const choice = new sfn.Choice(this, 'Begins?');
    begin.next(choice);
    return {
      start: begin,
      goOn: (next) => void choice.when(verdictIs('SWEEP'), next).when(verdictIs('WAIT'), coolDown).otherwise(covered),
    };
  }

  /**
   * Starts a sweep whenever the alarm goes off. The event of a changed alarm is delivered for certain, at least once, and
   * costs nothing; the sweep itself tells one that comes twice. What cannot be started lies in a queue for two weeks, and
   * shows where it matters: keys without a TTL that no sweep has come for make `sweep-overdue` go off.
   * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-cloudwatch.html
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
   */
  startOn(alarm: cloudwatch.IAlarm): void {
    const { installation } = this.props.config;
    const deadLetterQueue = new sqs.Queue(this, 'DeadLetters', {
      queueName: `${sweepStateMachineName(installation)}-dead-letters`,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    new events.Rule(this, 'OnAlarm', {
      description: `Has the session store of ${installation} swept when keys without a TTL pile up`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: [alarm.alarmArn],
        detail: { state: { value: ['ALARM'] } },
      },
      targets: [
        new targets.SfnStateMachine(this.stateMachine, {
          input: events.RuleTargetInput.fromObject({
            requestedBy: `alarm ${storeAlarmName(installation, 'keys-without-ttl')}`,
            alarmAt: events.EventField.time,
          }),
          deadLetterQueue,
          retryAttempts: 5,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
    acknowledge(this, { 'AwsSolutions-SQS3': 'This queue is itself the dead-letter queue of the rule.' });
  }

  /** One primary: an invocation after the other, until the last page. */
  private oneShard(sweeper: HoldfastFunction, repeating: Pick<StepFactory['props'], 'transientErrors' | 'verdicts'>): sfn.IChainable {
    const scope = new Construct(this, 'Shard');
    const failed = new sfn.Fail(scope, 'Shard failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const steps = new StepFactory(scope, { ...repeating, onError: failed });
    const asked = { sweep: sfn.JsonPath.objectAt('$.sweep'), shard: sfn.JsonPath.stringAt('$.shard') };
    const look = steps.call('Sweep', sweeper, 'sweepShard', asked, '$.step');
    const verdictIs = (verdict: string) => sfn.Condition.stringEquals('$.step.verdict', verdict);
    look.next(
      new sfn.Choice(scope, 'Last page?')
        .when(verdictIs('DONE'), new sfn.Succeed(scope, 'Shard swept'))
        .when(verdictIs('AGAIN'), waitThen(scope, 'Wait for the store', STORE_POLL_SECONDS, look))
        .otherwise(look),
    );
    return look;
  }

  /** The one function inside the VPC: it calls nothing but the store, DynamoDB and S3. */
  private sweeper(): HoldfastFunction {
    const { config, network, store, releases } = this.props;
    const { installation } = config;
    const { everyHours: _everyHours, ...settings } = config.sweep;
    const client = storeClient(this, {
      network,
      store,
      user: 'sweep',
      securityGroupId: 'SecurityGroup',
      ingressId: 'StoreFromSweeper',
      description: 'The sweeper goes through the session store',
      ruleDescription: 'Sweeper',
      usesGatewayEndpoints: true,
    });
    const fn = new HoldfastFunction(this, 'Sweeper', {
      functionName: storeFunctionName(installation, 'sweep'),
      description: `Session store of ${installation}: mends keys that never expire`,
      entry: 'functions/sweep/handlers/sweep.ts',
      environment: {
        ...client.environment,
        [SWEEP_ENV.installation]: installation,
        [SWEEP_ENV.recordsTable]: releases.records.tableName,
        [SWEEP_ENV.reportsBucket]: releases.bucket.bucketName,
        [SWEEP_ENV.settings]: JSON.stringify(settings),
      },
      logRetentionDays: config.logRetentionDays as logs.RetentionDays,
      timeout: Duration.seconds(60),
      // A third of a core: more than it needs at a gentle pace, which goes by the store's own clock and not by the function's.
      memoryMegabytes: 512,
      vpc: client.vpc,
    });
    client.allow(fn);
    fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [releases.records.tableArn], sweepRecords());
    const stack = Stack.of(this);
    const bucket = `arn:${stack.partition}:s3:::${releasesBucketName(installation, stack.account, stack.region)}`;
    fn.allow(['s3:PutObject'], [`${bucket}/${SWEEP_REPORTS_PREFIX}*`]);
    acknowledge(fn, {
      [wildcard(stack, 's3', `${releasesBucketName(installation, accountOf(stack), stack.region)}/${SWEEP_REPORTS_PREFIX}*`)]:
        'Each sweep leaves a report of its own name.',
    });
    return fn;
  }

  private schedule(): void {
    const {
      installation,
      sweep: { everyHours },
    } = this.props.config;
    const role = new iam.Role(this, 'ScheduleRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
      description: `Has the session store of ${installation} swept`,
    });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [this.stateMachine.stateMachineArn] }));
    new scheduler.CfnSchedule(this, 'Schedule', {
      name: sweepStateMachineName(installation),
      description: `Has the session store of ${installation} swept`,
      scheduleExpression: `rate(${everyHours} hour${everyHours === 1 ? '' : 's'})`,
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 15 },
      target: {
        arn: this.stateMachine.stateMachineArn,
        roleArn: role.roleArn,
        input: '{"requestedBy":"schedule"}',
        // One that never came shows as a sweep that is overdue.
        retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 3_600 },
      },
    });
  }
}
