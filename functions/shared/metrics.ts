import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS } from '../deploy/contract.ts';

/** Where a core counts what it did; the dimension `Fleet` is the adapter's. */
export interface MetricSink {
  count(name: string): void;
  seconds(name: string, value: number): void;
}

/** Metrics as EMF log lines, so that a function in a VPC needs no endpoint; each is written at once. */
export function createMetrics(fleet: string): MetricSink {
  const metrics = new Metrics({ namespace: METRICS.namespace, serviceName: fleet });
  const write = (name: string, unit: typeof MetricUnit.Count | typeof MetricUnit.Seconds, value: number): void => {
    // Powertools adds a `service` dimension of its own, which would be a second series of every metric.
    metrics.clearDefaultDimensions();
    metrics.addDimension(METRICS.fleetDimension, fleet);
    metrics.addMetric(name, unit, value);
    metrics.publishStoredMetrics();
  };
  return {
    count: (name) => write(name, MetricUnit.Count, 1),
    seconds: (name, value) => write(name, MetricUnit.Seconds, value),
  };
}
