import type { Duration, aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { INCIDENT_METRICS, LONG_IN_EFFECT_MINUTES, TEND_MINUTES } from '../../../functions/incidents/contract/environment.ts';
import { mitigationAlarmName, unhandledEventsAlarmName } from '../../../functions/shared/naming.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { createDeadLetters } from '../steps.ts';
import { storeMetric } from '../store/store-alarms.ts';
import { minuteOf, watchAlarm } from '../watch-alarm.ts';

/** In ALARM while a mitigation bridges an outage for long: nobody replaces a server meanwhile, or users see the page. */
export const mitigationAlarm = (scope: Construct, { installation, topic }: { readonly installation: string; readonly topic: sns.ITopic }) =>
  watchAlarm(scope, 'MitigationInEffect', {
    alarmName: mitigationAlarmName(installation),
    heading: 'incidents-mitigation-in-effect',
    severity: 'medium',
    sentence: `A mitigation of an outage has been in effect for ${LONG_IN_EFFECT_MINUTES} minutes`,
    // CloudWatch evaluates the last minutes, every minute: one check's data puts it into ALARM at once. While nothing is published it keeps
    // looking at up to three periods, so that a lost check changes nothing; a longer period would hide the end of one outage from the next.
    // @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    metric: storeMetric(installation, INCIDENT_METRICS.mitigationInEffect, 'Maximum', TEND_MINUTES + 1),
    threshold: 1,
    topic,
  });

/** The most that Lambda repeats: after a minute, and after two more. @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const MOST_REPEATS = 2;

/** Events that were not delivered to a function of incidents, and those that it failed at: in a queue for two weeks, with an alarm. */
export class UnhandledEvents extends Construct {
  readonly queue: sqs.Queue;

  constructor(scope: Construct, id: string, { installation, topic }: { readonly installation: string; readonly topic: sns.ITopic }) {
    super(scope, id);
    this.queue = createDeadLetters(this, 'Queue');
    watchAlarm(this, 'Lie', {
      alarmName: unhandledEventsAlarmName(installation),
      heading: 'incidents-dead-letters',
      severity: 'high',
      sentence: 'What starts or tends incidents failed, and its event is in a dead-letter queue',
      metric: this.queue.metricApproximateNumberOfMessagesVisible(minuteOf('Maximum')),
      threshold: 1,
      topic,
    });
  }

  /**
   * Keeps what `fn` fails at: nobody waits for its answer.
   * @param longest after which the event is worth nothing: 1 minute to 6 hours, which is the default of Lambda
   */
  keepFrom(fn: HoldfastFunction, longest: Duration): void {
    // The destination of CDK would also let it read the queue's attributes.
    fn.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    const onFailure = { bind: () => ({ destination: this.queue.queueArn }) };
    fn.alias.configureAsyncInvoke({ retryAttempts: MOST_REPEATS, maxEventAge: longest, onFailure });
  }
}
