/** The widgets of the dashboards. */
import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import { METRICS } from '../../functions/deploy/contract/common.ts';

const WIDTH = 8;
const HEIGHT = 6;
/** Colours that mean the same on every dashboard. */
export const RED = '#d13212';
const GREY = '#879596';

export interface GraphProps {
  readonly title: string;
  readonly left: readonly cloudwatch.IMetric[];
  /** Unit of the left axis: `percent`, `s`, `sessions`. */
  readonly unit: string;
  readonly max?: number;
  /** The threshold of an alarm: a red line. */
  readonly threshold?: { readonly value: number; readonly label: string };
  readonly events?: readonly cloudwatch.IMetric[];
}

/** A third of the dashboard's width. The axis begins at zero, so that small changes look small. */
export const graph = ({ title, left, unit, max, threshold, events = [] }: GraphProps): cloudwatch.GraphWidget =>
  new cloudwatch.GraphWidget({
    title,
    left: [...left],
    leftYAxis: { min: 0, label: unit, showUnits: false, ...(max !== undefined && { max }) },
    ...(threshold && { leftAnnotations: [{ value: threshold.value, label: `alarm: ${threshold.label}`, color: RED }] }),
    ...(events.length > 0 && { right: [...events], rightYAxis: { min: 0, max: 1, label: 'deploys', showUnits: false } }),
    liveData: true,
    width: WIDTH,
    height: HEIGHT,
  });

export const numbers = (title: string, metrics: readonly cloudwatch.IMetric[], width = WIDTH * 3): cloudwatch.SingleValueWidget =>
  new cloudwatch.SingleValueWidget({ title, metrics: [...metrics], sparkline: true, width, height: 4 });

export const alarmStates = (title: string, alarms: readonly cloudwatch.IAlarm[]): cloudwatch.AlarmStatusWidget =>
  new cloudwatch.AlarmStatusWidget({ title, alarms: [...alarms], width: WIDTH * 3, height: 3 });

const idOf = ({ metricName }: cloudwatch.Metric): string => `${metricName.charAt(0).toLowerCase()}${metricName.slice(1)}`;

/**
 * A metric that has no data while there is no trouble. It shows as zero while `published` has data, which is in every reading: FILL alone
 * would show zeros while nothing is read, and these would look like those of now.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function filled(metric: cloudwatch.Metric, label: string, published: cloudwatch.Metric): cloudwatch.MathExpression {
  const [id, always] = [idOf(metric), idOf(published)];
  return new cloudwatch.MathExpression({
    expression: `FILL(${id}, 0) + 0 * ${always}`,
    usingMetrics: { [id]: metric, [always]: published },
    label,
    period: metric.period,
  });
}

/**
 * The ends of deploys, as marks at the upper edge: a value of 1 on an axis that ends there, without a line. CloudWatch's own vertical
 * annotations are times in the dashboard's body, which would have to be rewritten at each deploy. The console draws these metrics as such
 * annotations, with the releases' names.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function deployEnds(fleets: readonly string[]): cloudwatch.IMetric[] {
  const of = (fleet: string, metricName: string, label: string, color: string) =>
    new cloudwatch.Metric({
      namespace: METRICS.namespace,
      metricName,
      dimensionsMap: { [METRICS.fleetDimension]: fleet },
      statistic: 'Maximum',
      period: Duration.minutes(1),
      label: fleets.length > 1 ? `${label} (${fleet})` : label,
      color,
    });
  return fleets.flatMap((fleet) => [
    of(fleet, METRICS.deploySucceeded, 'deploy succeeded', GREY),
    of(fleet, METRICS.deployFailed, 'deploy failed', RED),
  ]);
}
