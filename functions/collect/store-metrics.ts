import { createPublishLine } from '../shared/metrics.ts';
import { STORE_DIMENSION } from './contract.ts';
import type { PublishedValue } from './tell-trouble.ts';

/** Publishes one reading's metrics. `notes` are beside them in the log, as numbers that are no metrics and cost none. */
export type PublishReading = (values: readonly PublishedValue[], notes: Readonly<Record<string, number | null>>) => void;

/** One line a reading. */
export function createStoreMetrics(installation: string): PublishReading {
  const publish = createPublishLine(STORE_DIMENSION, installation);
  return (values, notes) =>
    publish((metrics) => {
      for (const { name, unit, value } of values) metrics.addMetric(name, unit, value);
      for (const [name, value] of Object.entries(notes)) if (value !== null) metrics.addMetadata(name, String(value));
    });
}
