import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { createPublishLine } from '../shared/metrics.ts';
import { SWEEP_METRICS } from './contract.ts';
import type { SweepMetrics } from './sweep.ts';

/** One line a sweep. */
export function createSweepMetrics(installation: string): SweepMetrics {
  const publish = createPublishLine(SWEEP_METRICS.installationDimension, installation);
  return {
    swept: ({ left, mended, storeP99Ms }) =>
      publish((metrics) => {
        metrics.addMetric(SWEEP_METRICS.left, MetricUnit.Count, left);
        metrics.addMetric(SWEEP_METRICS.mended, MetricUnit.Count, mended);
        metrics.addMetric(SWEEP_METRICS.storeP99Ms, MetricUnit.Milliseconds, storeP99Ms);
      }),
  };
}
