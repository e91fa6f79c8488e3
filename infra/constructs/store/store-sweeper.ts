import {
  type aws_cloudwatch as cloudwatch,
  Duration,
  aws_events as events,
  aws_iam as iam,
  Stack,
  aws_scheduler as scheduler,
  aws_stepfunctions as sfn,
} from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import {
  releasesBucketName,
  SWEEP_REPORTS_PREFIX,
  storeAlarmName,
  storeFunctionName,
  sweepStateMachineName,
} from '../../../functions/shared/naming.ts';
import { LONGEST_SWEEP_HOURS, SWEEP_ENV } from '../../../functions/sweep/contract/environment.ts';
import { DEFAULT_SWEEP_SETTINGS, type Policy, type SweepSettings } from '../../../functions/sweep/contract/settings.ts';
import type { SweepInput } from '../../../functions/sweep/contract/steps.ts';
import { applicationPrefixes, namedSessions } from '../../config/session-groups.ts';
import type { HoldfastConfig } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import { accountOf, acknowledge, NO_NARROWER_RESOURCE, wildcard } from '../acknowledge.ts';
import { createLogGroup, HoldfastFunction } from '../holdfast-function.ts';
import type { Network } from '../network.ts';
import { sweepRecords } from '../records-table.ts';
import { createDeadLetters, createMachine, startedByEvent } from '../steps.ts';
import { storeClient } from './store-client.ts';
import type { StoreEndpoint } from './store-endpoint.ts';
import { sweepProcedure } from './sweep-procedure.ts';

/**
 * Memory of the sweep's function, which decides its share of a core: 0.58 of one. A sweep that reads from a replica at full speed
 * is limited by the function at 512 MB and by the store at 1,024 MB; up to there it costs the same, since half the share takes
 * twice the time (`npm run bench:sweep -- --cases holdfast-acl-tls,holdfast-lambda-share`, docs/internals/benchmarks.md).
 */
export const SWEEPER_MEMORY_MEGABYTES = 1_024;

export interface StoreSweeperProps {
  readonly config: HoldfastConfig;
  readonly network: Network;
  readonly store: StoreEndpoint;
  readonly releases: ReleasesStack;
}

/** Sweeps the session store: a schedule, a state machine that also commands and alarms start, and one function. */
export class StoreSweeper extends Construct {
  /** By its name: an update changes the machine after the rule that starts it. */
  readonly stateMachine: sfn.IStateMachine;
  /** What starts the machine by itself, and therefore comes after it. */
  readonly schedules: readonly IConstruct[];
  private readonly props: StoreSweeperProps;

  constructor(scope: Construct, id: string, props: StoreSweeperProps) {
    super(scope, id);
    this.props = props;
    const { installation } = props.config;
    const sweeper = this.sweeper();
    const stateMachineName = sweepStateMachineName(installation);
    this.stateMachine = sfn.StateMachine.fromStateMachineName(this, 'ByName', stateMachineName);
    const stateMachine = createMachine(this, 'StateMachine', {
      stateMachineName,
      comment: 'Goes through every primary of the session store, and repairs keys that never expire',
      body: sweepProcedure(this, sweeper, props.config.store.databases.length),
      timeout: Duration.hours(LONGEST_SWEEP_HOURS),
      logGroup: createLogGroup(this, 'Logs', `/aws/vendedlogs/states/${stateMachineName}`),
    });
    sweeper.grantInvokeVersions(stateMachine);
    this.schedules = this.schedule(stateMachine);
    acknowledge(this, { 'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE });
  }

  /**
   * Starts a sweep whenever the alarm fires. EventBridge delivers the event of a changed alarm at least once, without charge;
   * the sweep itself detects a duplicate. An event that starts nothing stays in a queue for two weeks, and has a visible
   * effect: if no sweep runs for keys without a TTL, `sweep-overdue` fires.
   * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-cloudwatch.html
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
   */
  startOn(alarm: cloudwatch.IAlarm): void {
    const { installation } = this.props.config;
    const input = { requestedBy: `alarm ${storeAlarmName(installation, 'keys-without-ttl')}`, alarmAt: events.EventField.time };
    new events.Rule(this, 'OnAlarm', {
      description: `Starts a sweep of the session store of ${installation} when it contains too many keys without a TTL`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: [alarm.alarmArn],
        detail: { state: { value: ['ALARM'] } },
      },
      targets: [startedByEvent(this.stateMachine, createDeadLetters(this), input)],
    });
  }

  /** Inside the VPC: it connects only to the store, DynamoDB and S3. */
  private sweeper(): HoldfastFunction {
    const { config, network, store, releases } = this.props;
    const { installation } = config;
    const client = storeClient(this, {
      network,
      store,
      user: 'sweep',
      name: 'Sweeper',
      description: 'The sweeper scans the session store',
      usesGatewayEndpoints: true,
    });
    const fn = new HoldfastFunction(this, 'Sweeper', {
      functionName: storeFunctionName(installation, 'sweep'),
      description: `Session store of ${installation}: repairs keys that never expire`,
      entry: 'functions/sweep/handler.ts',
      environment: {
        ...client.environment,
        [SWEEP_ENV.installation]: installation,
        [RECORDS_ENV.recordsTable]: releases.records.tableName,
        [SWEEP_ENV.reportsBucket]: releases.bucket.bucketName,
        [SWEEP_ENV.settings]: JSON.stringify(sweepSettingsOf(config)),
      },
      timeout: Duration.seconds(60),
      memoryMegabytes: SWEEPER_MEMORY_MEGABYTES,
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

  private schedule(stateMachine: sfn.IStateMachine): readonly IConstruct[] {
    const {
      installation,
      sweep: { everyHours, coolDownMinutes },
    } = this.props.config;
    const role = new iam.Role(this, 'ScheduleRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
      description: `Starts each scheduled sweep of the session store of ${installation}`,
    });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [this.stateMachine.stateMachineArn] }));
    const target = { arn: stateMachine.stateMachineArn, roleArn: role.roleArn };
    const sweeps = new scheduler.CfnSchedule(this, 'Schedule', {
      name: sweepStateMachineName(installation),
      description: `Starts each scheduled sweep of the session store of ${installation}`,
      scheduleExpression: `rate(${everyHours} hour${everyHours === 1 ? '' : 's'})`,
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 15 },
      target: {
        ...target,
        input: '{"requestedBy":"schedule"}',
        // A missed one makes `sweep-overdue` fire.
        retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 3_600 },
      },
    });
    // An alarm that stays in ALARM sends no second event: without this, keys that pile up meanwhile would wait for the schedule.
    const checks = new scheduler.CfnSchedule(this, 'CheckSchedule', {
      name: `${sweepStateMachineName(installation)}-check`,
      description: `Compares the counters of the session store of ${installation}, and starts a sweep where keys without a TTL pile up`,
      scheduleExpression: `rate(${coolDownMinutes} minute${coolDownMinutes === 1 ? '' : 's'})`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        ...target,
        input: JSON.stringify({ requestedBy: 'check', check: true } satisfies SweepInput),
        // The next one compares the same.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
    return [sweeps, checks];
  }
}

/** Where nobody has chosen one, sweeps of a store that others created change nothing. */
export const sweepPolicyOf = ({ sweep, store }: Pick<HoldfastConfig, 'sweep' | 'store'>): Policy =>
  sweep.policy ?? (store.existing ? 'report' : DEFAULT_SWEEP_SETTINGS.policy);

/** What functions that read the store's keys know of them. */
export function sweepSettingsOf(config: HoldfastConfig): SweepSettings {
  const { databases, applicationReadsReplicas } = config.store;
  return {
    ...config.sweep,
    policy: sweepPolicyOf(config),
    ...(config.sweep.policy === undefined && config.store.existing && { keepsPolicy: true }),
    keyPrefixes: applicationPrefixes(config),
    // Sessions are named where Holdfast is a guest in the store. A fleet that is added later widens nothing.
    ...(namedSessions(config).length > 0 && { onlyKeyPrefixes: true }),
    databases,
    applicationReadsReplicas,
  };
}
