import { createPublishLine } from '../shared/metrics.ts';
import { STORE_DIMENSION } from './contract.ts';
import type { PublishedValue } from './select-metrics.ts';

/**
 * Publishes one reading's metrics. `logFields` are in the same log line, but are not metrics and cost nothing.
 * @param atMs of the reading, since the epoch
 */
export type PublishReading = (values: readonly PublishedValue[], logFields: Readonly<Record<string, number | null>>, atMs: number) => void;

/** One log line per reading, and one for each later minute in which one of its values holds: CloudWatch takes two hours ahead. */
export function createStoreMetrics(installation: string): PublishReading {
  const publish = createPublishLine(STORE_DIMENSION, installation);
  return (values, logFields, atMs) => {
    publish((metrics) => {
      for (const { name, unit, value } of values) metrics.addMetric(name, unit, value);
      for (const [name, value] of Object.entries(logFields)) if (value !== null) metrics.addMetadata(name, String(value));
    });
    for (let minute = 1; values.some(({ minutes = 1 }) => minutes > minute); minute += 1)
      publish((metrics) => {
        metrics.setTimestamp(atMs + minute * 60_000);
        for (const { name, unit, value, minutes = 1 } of values) if (minutes > minute) metrics.addMetric(name, unit, value);
      });
  };
}
