import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CANARY_METRICS, CANARY_SECONDS } from '../../../functions/canary/contract/environment.ts';
import { METRIC_NAMESPACE } from '../../../functions/shared/naming.ts';
import { type FleetAlarmPlace, fleetAlarm } from '../watch-alarm.ts';

/**
 * During a run of all checks the canary publishes nothing, so the alarm waits for its longest duration, and as long again for a slow site.
 */
const SILENT_MINUTES = (2 * CANARY_SECONDS) / 60;

export interface CanaryMetric {
  readonly metricName: string;
  readonly statistic: string;
  readonly minutes: number;
  readonly label?: string;
}

export const canaryMetric = (fleetName: string, { metricName, statistic, minutes, label }: CanaryMetric): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [CANARY_METRICS.fleetDimension]: fleetName },
    statistic,
    period: Duration.minutes(minutes),
    ...(label !== undefined && { label }),
  });

export function canaryAlarms(scope: Construct, place: FleetAlarmPlace, everyMinutes: number): readonly cloudwatch.Alarm[] {
  const { fleetName } = place;
  const findings = fleetAlarm(scope, place, 'canary-findings', {
    severity: 'medium',
    sentence: `The sessions of ${fleetName} are weaker than its canary's recipe promises`,
    metric: canaryMetric(fleetName, { metricName: CANARY_METRICS.findings, statistic: 'Maximum', minutes: everyMinutes }),
    threshold: 1,
    // Without new data the alarm keeps its state: nothing shows that the weakness has gone.
    missing: cloudwatch.TreatMissingData.IGNORE,
  });
  const periods = Math.ceil(SILENT_MINUTES / everyMinutes);
  const silent = fleetAlarm(scope, place, 'canary-silent', {
    severity: 'low',
    sentence: `The canary of ${fleetName} has not worked for ${periods * everyMinutes} minutes`,
    metric: canaryMetric(fleetName, { metricName: CANARY_METRICS.ran, statistic: 'Sum', minutes: everyMinutes }),
    threshold: 0,
    when: 'atMost',
    periods: [periods, periods],
    missing: cloudwatch.TreatMissingData.BREACHING,
    warmUp: Duration.minutes(2 * SILENT_MINUTES),
  });
  return [findings, silent];
}
