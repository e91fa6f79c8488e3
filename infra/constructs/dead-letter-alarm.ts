import type { aws_cloudwatch as cloudwatch, aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type FleetAlarm, fleetAlarmName } from '../../functions/shared/naming.ts';
import { minuteOf, watchAlarm } from './watch-alarm.ts';

export interface DeadLetterAlarmProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly heading: Extract<FleetAlarm, `${string}-dead-letters`>;
  readonly queue: sqs.IQueue;
  readonly topic: sns.ITopic;
}

/** In ALARM while a dead-letter queue contains an event: what it should have started was not started. */
export function deadLetterAlarm(
  scope: Construct,
  { installation, fleetName, heading, queue, topic }: DeadLetterAlarmProps,
): cloudwatch.Alarm {
  return watchAlarm(scope, 'DeadLettersLie', {
    alarmName: fleetAlarmName(installation, fleetName, heading),
    heading,
    severity: 'high',
    sentence: `An event of ${fleetName} could not be delivered and is in a dead-letter queue`,
    metric: queue.metricApproximateNumberOfMessagesVisible(minuteOf('Maximum')),
    threshold: 1,
    topic,
  });
}
