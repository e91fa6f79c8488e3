import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { createPublishLine } from '../../shared/metrics.ts';
import { SWEEP_METRICS } from '../contract/environment.ts';

export interface SweepMetrics {
  /** A dry run has the latency only. */
  swept(numbers: { readonly unrepaired?: number; readonly repaired?: number; readonly storeP99Ms: number }): void;
}

/** One log line per sweep. */
export function createSweepMetrics(installation: string): SweepMetrics {
  const publish = createPublishLine(SWEEP_METRICS.installationDimension, installation);
  return {
    swept: ({ unrepaired, repaired, storeP99Ms }) =>
      publish((metrics) => {
        if (unrepaired !== undefined) metrics.addMetric(SWEEP_METRICS.unrepaired, MetricUnit.Count, unrepaired);
        if (repaired !== undefined) metrics.addMetric(SWEEP_METRICS.repaired, MetricUnit.Count, repaired);
        metrics.addMetric(SWEEP_METRICS.storeP99Ms, MetricUnit.Milliseconds, storeP99Ms);
      }),
  };
}
