import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SWEEP_METRICS } from './contract.ts';
import type { SweepMetrics } from './sweep.ts';

/** Metrics as an EMF log line, so that a function in a VPC needs no endpoint. */
export function createSweepMetrics(installation: string): SweepMetrics {
  const metrics = new Metrics({ namespace: SWEEP_METRICS.namespace, serviceName: installation });
  return {
    swept({ left, mended, storeP99Ms }) {
      // Powertools adds a `service` dimension of its own, which would be a second series of every metric.
      metrics.clearDefaultDimensions();
      metrics.addDimension(SWEEP_METRICS.installationDimension, installation);
      metrics.addMetric(SWEEP_METRICS.left, MetricUnit.Count, left);
      metrics.addMetric(SWEEP_METRICS.mended, MetricUnit.Count, mended);
      metrics.addMetric(SWEEP_METRICS.storeP99Ms, MetricUnit.Milliseconds, storeP99Ms);
      metrics.publishStoredMetrics();
    },
  };
}
