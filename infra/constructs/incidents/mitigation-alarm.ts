import type { aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { INCIDENT_METRICS, LONG_IN_EFFECT_MINUTES, TEND_MINUTES } from '../../../functions/incidents/contract/environment.ts';
import { mitigationAlarmName } from '../../../functions/shared/naming.ts';
import { storeMetric } from '../store/store-alarms.ts';
import { watchAlarm } from '../watch-alarm.ts';

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
