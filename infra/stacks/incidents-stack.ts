import {
  Duration,
  aws_events as events,
  aws_iam as iam,
  aws_scheduler as scheduler,
  type aws_sns as sns,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { OLDEST_EVENT_MS, TEND_MINUTES } from '../../functions/incidents/contract/environment.ts';
import { INCIDENTS_PART } from '../../functions/shared/naming.ts';
import { writePartContract } from '../constructs/deployed-installation.ts';
import { fleetsEnvironment } from '../constructs/incidents/incident-fleets.ts';
import { type IncidentFunctions, incidentFunctions } from '../constructs/incidents/incident-functions.ts';
import { createReadLogsDocument } from '../constructs/incidents/read-logs-document.ts';
import { Runbook } from '../constructs/incidents/runbook.ts';
import { mitigationAlarm, UnhandledEvents } from '../constructs/incidents/unhandled-events.ts';
import { changeMachinesLast } from '../constructs/machines-last.ts';
import type { Network, Part } from '../constructs/network.ts';
import type { StoreEndpoint } from '../constructs/store/store-endpoint.ts';
import { HoldfastStack, type HoldfastStackProps } from './holdfast-stack.ts';
import type { ReleasesStack } from './releases-stack.ts';
import type { WebTierStack } from './web-tier-stack.ts';

export interface IncidentsStackProps extends HoldfastStackProps {
  readonly network: Part<Network>;
  readonly store: Part<StoreEndpoint>;
  readonly releases: ReleasesStack;
  readonly webTiers: Readonly<Record<string, WebTierStack>>;
  readonly alarmsTopic: sns.ITopic;
}

/** The function passes over what is older. */
const OLDEST_ALARM = Duration.millis(OLDEST_EVENT_MS);

/** What an installation's alarms start: runbooks that find out what is wrong, and do what they may about it. */
export class IncidentsStack extends HoldfastStack {
  constructor(scope: Construct, id: string, props: IncidentsStackProps) {
    super(scope, id, props);
    const { config } = props;
    const { installation } = config;
    const fleets = fleetsEnvironment(this, config, props.webTiers);
    const store = props.store(this);
    const documents = Object.keys(config.fleets).length > 0 ? createReadLogsDocument(this, installation) : {};
    const functions = incidentFunctions(new Construct(this, 'Functions'), {
      ...props,
      network: props.network(this),
      store,
      collectEnvironment: { ...fleets, ...documents },
    });
    new Runbook(this, 'Runbook', { installation, functions });
    const unhandled = new UnhandledEvents(this, 'Unhandled', { installation, topic: props.alarmsTopic });
    mitigationAlarm(this, { installation, topic: props.alarmsTopic });
    this.onAlarms(installation, functions, unhandled);
    this.tend(installation, functions, unhandled);
    changeMachinesLast(this);
    writePartContract(this, installation, INCIDENTS_PART);
  }

  /**
   * Every alarm of the installation; the function knows which of them concern a runbook. Its name is matched by its beginning, since a
   * list of a large installation's alarms is longer than a pattern may be.
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
   */
  private onAlarms(installation: string, { alarm }: IncidentFunctions, unhandled: UnhandledEvents): void {
    const target = { deadLetterQueue: unhandled.queue, retryAttempts: 5, maxEventAge: OLDEST_ALARM };
    new events.Rule(this, 'OnAlarm', {
      description: `Alarms of ${installation} that change their state`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: [{ prefix: `${installation}-` }] },
      },
      targets: [new targets.LambdaFunction(alarm.alias, target)],
    });
    unhandled.keepFrom(alarm, OLDEST_ALARM);
  }

  private tend(installation: string, { tend }: IncidentFunctions, unhandled: UnhandledEvents): void {
    const role = new iam.Role(this, 'ScheduleRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
      description: `Closes incidents of ${installation}, and ends what runbooks left`,
    });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [tend.alias.functionArn] }));
    role.addToPolicy(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [unhandled.queue.queueArn] }));
    // The next one does the same.
    const longest = Duration.minutes(TEND_MINUTES);
    unhandled.keepFrom(tend, longest);
    new scheduler.CfnSchedule(this, 'Tend', {
      name: `${installation}-incidents-tend`,
      description: `Closes incidents of ${installation}, and ends what runbooks left`,
      scheduleExpression: `rate(${TEND_MINUTES} minutes)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: tend.alias.functionArn,
        roleArn: role.roleArn,
        input: '{"step":"tend","watches":true}',
        retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: longest.toSeconds() },
        deadLetterConfig: { arn: unhandled.queue.queueArn },
      },
    });
  }
}
