import { aws_cloudwatch as cloudwatch, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { fleetAlarmName } from '../../../functions/shared/naming.ts';
import { minuteOf, watchAlarm } from '../watch-alarm.ts';
import { RETAINED_METRIC } from './server-group.ts';

export interface RetainedServersAlarmProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly autoScalingGroupName: string;
  readonly topic: sns.ITopic;
}

/** A retained server costs as any other, and nobody but an operator ends it. */
export const retainedServersAlarm = (scope: Construct, props: RetainedServersAlarmProps): cloudwatch.Alarm =>
  watchAlarm(scope, 'RetainedServers', {
    alarmName: fleetAlarmName(props.installation, props.fleetName, 'retained-servers'),
    heading: 'retained-servers',
    severity: 'medium',
    sentence: `Auto Scaling retains servers of ${props.fleetName}, since their termination was not completed`,
    metric: new cloudwatch.Metric({
      namespace: 'AWS/AutoScaling',
      metricName: RETAINED_METRIC,
      dimensionsMap: { AutoScalingGroupName: props.autoScalingGroupName },
      ...minuteOf('Maximum'),
    }),
    threshold: 1,
    // Auto Scaling sends the number, zero too, each minute on a best-effort basis: a gap says nothing about a server that is retained.
    missing: cloudwatch.TreatMissingData.IGNORE,
    topic: props.topic,
  });
