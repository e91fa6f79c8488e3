/** Alarms are charged for the metrics that they watch, by resolution. Pure. */
import { at, list, type Properties } from './template.ts';

export interface AlarmMetrics {
  readonly standard: number;
  readonly highResolution: number;
}

/** Metrics of an anomaly detection alarm: the one that is watched and the two edges of its band. */
const METRICS_OF_A_BAND = 3;
/** A shorter period than a minute makes an alarm a high-resolution one. */
const STANDARD_PERIOD_SECONDS = 60;

/**
 * Counts the metrics of one `AWS::CloudWatch::Alarm`: a metric-math alarm is charged for each metric in it, expressions
 * are free.
 */
export function countAlarmMetrics(properties: Properties): AlarmMetrics {
  const queries = list(properties['Metrics']);
  const periods = queries.length === 0 ? [properties['Period']] : queries.flatMap((query) => at(query, 'MetricStat', 'Period') ?? []);
  const isBand = queries.some((query) => String(at(query, 'Expression') ?? '').startsWith('ANOMALY_DETECTION_BAND'));
  const isHighResolution = periods.some((period) => Number(period) < STANDARD_PERIOD_SECONDS);
  const metrics = isBand ? METRICS_OF_A_BAND * periods.length : periods.length;
  return isHighResolution ? { standard: 0, highResolution: metrics } : { standard: metrics, highResolution: 0 };
}

export function addAlarmMetrics(alarms: readonly Properties[]): AlarmMetrics {
  return alarms.map(countAlarmMetrics).reduce(
    (sum, { standard, highResolution }) => ({
      standard: sum.standard + standard,
      highResolution: sum.highResolution + highResolution,
    }),
    { standard: 0, highResolution: 0 },
  );
}
