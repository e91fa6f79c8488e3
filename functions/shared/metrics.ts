import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE } from './naming.ts';

/** Where a core counts what it did; the adapter adds the dimension. */
export interface MetricSink {
  /** @param value @default 1 */
  count(name: string, value?: number): void;
  seconds(name: string, value: number): void;
}

/** Writes one EMF log line with the metrics that `add` adds to it: a function in a VPC needs no CloudWatch endpoint. */
export type PublishLine = (add: (metrics: Metrics) => void) => void;

export function createPublishLine(dimension: string, owner: string): PublishLine {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: owner });
  return (add) => {
    // Powertools adds a `service` dimension by default, which would make a second series of every metric.
    metrics.clearDefaultDimensions();
    metrics.addDimension(dimension, owner);
    add(metrics);
    metrics.publishStoredMetrics();
  };
}

/** Writes each value at once, on a line of its own. See {@link createPublishLine}. */
export function createMetrics(dimension: string, owner: string): MetricSink {
  const publish = createPublishLine(dimension, owner);
  return {
    count: (name, value = 1) => publish((metrics) => metrics.addMetric(name, MetricUnit.Count, value)),
    seconds: (name, value) => publish((metrics) => metrics.addMetric(name, MetricUnit.Seconds, value)),
  };
}
