/**
 * Baselines of rehearsals: what metrics had in the hours before, which nobody waits for. Only the cloud's owner can plant any, and
 * only in a time that is over, so that nothing that is measured then is touched.
 */
import { z } from 'zod';
import { AwsError } from '../service/service.ts';
import type { MetricStore } from './metric-store.ts';
import { aggregateOf } from './statistics.ts';

const MINUTE_MS = 60_000;
const LONGEST_MS = 3 * 3_600_000;

const plantedMetrics = z.strictObject({
  /** Everything of the metrics is removed from here on, and before `toMs`. */
  fromMs: z.number().int().positive(),
  toMs: z.number().int().positive(),
  /** Each minute from `fromMs` on and before this one gets its value; the rest stays without data. The same as `fromMs`: all of it. */
  usualUntilMs: z.number().int().positive(),
  metrics: z
    .array(z.strictObject({ namespace: z.string(), name: z.string(), dimensions: z.record(z.string(), z.string()), perMinute: z.number() }))
    .max(20),
});
export type PlantedMetrics = z.infer<typeof plantedMetrics>;

/** @throws ZodError, AwsError ValidationError; nothing is changed then */
export function plantMetrics(store: Pick<MetricStore, 'add' | 'remove'>, body: unknown, nowMs: number): { readonly minutes: number } {
  const { fromMs, toMs, usualUntilMs, metrics } = plantedMetrics.parse(body);
  const isValid = fromMs <= usualUntilMs && usualUntilMs <= toMs && toMs <= nowMs && toMs - fromMs <= LONGEST_MS;
  if (!isValid) {
    const range = [fromMs, usualUntilMs, toMs].map((ms) => new Date(ms).toISOString()).join(', ');
    throw new AwsError('ValidationError', `${range} are no times in this order, all over, within three hours: no metric was changed`);
  }
  let minutes = 0;
  for (const { perMinute, ...metric } of metrics) {
    store.remove(metric, fromMs, toMs);
    for (let timestampMs = fromMs; timestampMs < usualUntilMs; timestampMs += MINUTE_MS) {
      store.add({ ...metric, unit: 'Count', timestampMs, aggregate: aggregateOf([perMinute]), resolutionSeconds: 60 });
      minutes += 1;
    }
  }
  return { minutes };
}
