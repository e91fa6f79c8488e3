import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS } from '../deploy/contract.ts';

/** Where a core counts what it did; the dimension `Fleet` is the adapter's. */
export interface MetricSink {
  /** @param value 1 where one thing happened */
  count(name: string, value?: number): void;
  seconds(name: string, value: number): void;
}

/** Adds metrics to one EMF log line, which is then written: a function in a VPC needs no endpoint of CloudWatch's. */
export type PublishLine = (add: (metrics: Metrics) => void) => void;

/** Metrics of one series each: `dimension` has the one value `owner`. */
export function createPublishLine(dimension: string, owner: string): PublishLine {
  const metrics = new Metrics({ namespace: METRICS.namespace, serviceName: owner });
  return (add) => {
    // Powertools adds a `service` dimension of its own, which would be a second series of every metric.
    metrics.clearDefaultDimensions();
    metrics.addDimension(dimension, owner);
    add(metrics);
    metrics.publishStoredMetrics();
  };
}

/** Counts of one fleet; each is written at once. */
export function createMetrics(fleet: string): MetricSink {
  const publish = createPublishLine(METRICS.fleetDimension, fleet);
  return {
    count: (name, value = 1) => publish((metrics) => metrics.addMetric(name, MetricUnit.Count, value)),
    seconds: (name, value) => publish((metrics) => metrics.addMetric(name, MetricUnit.Seconds, value)),
  };
}
