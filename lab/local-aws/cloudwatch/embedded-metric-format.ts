/**
 * Reads the embedded metric format from log lines.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { z } from 'zod';
import { UNITS } from './input.ts';
import type { StoredDatum } from './metric-store.ts';
import { aggregateOf } from './statistics.ts';

const MAX_METRICS = 100;
const MAX_VALUES = 100;
const MAX_DIMENSIONS = 30;

const directive = z.object({
  Namespace: z.string().min(1).max(1024),
  Dimensions: z.array(z.array(z.string().min(1)).max(MAX_DIMENSIONS)),
  Metrics: z
    .array(
      z.object({
        Name: z.string().min(1).max(1024),
        Unit: z.enum(UNITS).optional(),
        StorageResolution: z.union([z.literal(1), z.literal(60)]).optional(),
      }),
    )
    .max(MAX_METRICS),
});
const envelope = z.looseObject({ _aws: z.object({ Timestamp: z.number().optional(), CloudWatchMetrics: z.array(directive) }) });
const observations = z.union([z.number().transform((value) => [value]), z.array(z.number()).min(1).max(MAX_VALUES)]);

export type LineReading =
  /** An ordinary log line. */
  | { readonly kind: 'text' }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'metrics'; readonly data: readonly StoredDatum[] };

/** `receivedAtMs` is used for a line without a timestamp. */
export function readLogLine(message: string, receivedAtMs: number): LineReading {
  if (!message.trimStart().startsWith('{') || !message.includes('"_aws"')) return { kind: 'text' };
  let body: unknown;
  try {
    body = JSON.parse(message);
  } catch {
    return { kind: 'malformed', reason: 'it is not valid JSON' };
  }
  const parsed = envelope.safeParse(body);
  if (!parsed.success) return { kind: 'malformed', reason: parsed.error.issues[0]?.path.join('.') || 'not an object' };
  const { _aws: header, ...members } = parsed.data;
  const timestampMs = header.Timestamp ?? receivedAtMs;
  const data: StoredDatum[] = [];
  for (const { Namespace, Dimensions, Metrics } of header.CloudWatchMetrics) {
    // A directive with no dimension set gives the metric without dimensions.
    for (const names of Dimensions.length === 0 ? [[]] : Dimensions) {
      const pairs = names.map((name) => [name, members[name]] as const);
      const missing = pairs.find(([, value]) => typeof value !== 'string');
      if (missing !== undefined) return { kind: 'malformed', reason: `dimension ${missing[0]} has no text` };
      for (const metric of Metrics) {
        const values = observations.safeParse(members[metric.Name]);
        if (!values.success) return { kind: 'malformed', reason: `metric ${metric.Name} has no numbers` };
        data.push({
          namespace: Namespace,
          name: metric.Name,
          dimensions: Object.fromEntries(pairs.map(([name, value]) => [name, String(value)])),
          unit: metric.Unit ?? 'None',
          timestampMs,
          aggregate: aggregateOf(values.data),
          resolutionSeconds: metric.StorageResolution ?? 60,
        });
      }
    }
  }
  return { kind: 'metrics', data };
}
