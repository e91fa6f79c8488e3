import { createPublishLine } from '../shared/metrics.ts';
import { STORE_DIMENSION } from './contract.ts';
import type { PublishedValue } from './select-metrics.ts';

/** Publishes one reading's metrics. `logFields` are in the same log line, but are not metrics and cost nothing. */
export type PublishReading = (values: readonly PublishedValue[], logFields: Readonly<Record<string, number | null>>) => void;

/** One log line per reading. */
export function createStoreMetrics(installation: string): PublishReading {
  const publish = createPublishLine(STORE_DIMENSION, installation);
  return (values, logFields) =>
    publish((metrics) => {
      for (const { name, unit, value } of values) metrics.addMetric(name, unit, value);
      for (const [name, value] of Object.entries(logFields)) if (value !== null) metrics.addMetadata(name, String(value));
    });
}
