import * as z from '../../shared/schema.ts';
import type { Sign } from '../contract/incident.ts';
import { withoutClients } from '../report/plain.ts';

/**
 * The event of an alarm's change of state. Fields that are not used are not checked: CloudWatch adds some.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
const event = z.object({
  source: z.literal('aws.cloudwatch'),
  'detail-type': z.literal('CloudWatch Alarm State Change'),
  time: z.string(),
  detail: z.object({
    alarmName: z.text(1, 255),
    state: z.object({
      value: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
      reason: z.optional(z.string()),
      timestamp: z.optional(z.string()),
    }),
  }),
});

const LONGEST_REASON = 300;

/** The change as a sign; a sentence when the event is not one. */
export function readAlarmEvent(value: unknown): Sign | { readonly malformed: string } {
  const parsed = event.safeParse(value);
  if (!parsed.success) return { malformed: z.prettifyError(parsed.error).replaceAll('\n', ' ') };
  const { time, detail } = parsed.data;
  const { value: state, timestamp, reason } = detail.state;
  // The alarm's own time has milliseconds; the event's has seconds.
  const atMs = timeOf(timestamp) ?? timeOf(time);
  if (atMs === undefined) return { malformed: `its time is not valid: ${JSON.stringify(time).slice(0, 60)}` };
  return { from: detail.alarmName, state, atMs, ...(reason !== undefined && { reason: withoutClients(reason).slice(0, LONGEST_REASON) }) };
}

/** CloudWatch writes the offset without a colon: `2026-11-21T23:00:00.123+0000`. */
function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse((text ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isFinite(ms) ? ms : undefined;
}
