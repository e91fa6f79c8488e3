import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS } from '../deploy/contract.ts';
import { STORE_DIMENSION } from './contract.ts';
import type { PublishedValue } from './tell-trouble.ts';

/** Publishes one reading's metrics. `notes` are beside them in the log, as numbers that are no metrics and cost none. */
export type PublishReading = (values: readonly PublishedValue[], notes: Readonly<Record<string, number | null>>) => void;

/** One EMF line a reading, so that the function in the VPC needs no endpoint of CloudWatch's. */
export function createStoreMetrics(installation: string): PublishReading {
  const metrics = new Metrics({ namespace: METRICS.namespace, serviceName: installation });
  return (values, notes) => {
    // Powertools adds a `service` dimension of its own, which would be a second series of every metric.
    metrics.clearDefaultDimensions();
    metrics.addDimension(STORE_DIMENSION, installation);
    for (const { name, unit, value } of values) metrics.addMetric(name, unit, value);
    for (const [name, value] of Object.entries(notes)) if (value !== null) metrics.addMetadata(name, String(value));
    metrics.publishStoredMetrics();
  };
}
