/** Every alarm of the account and Region, as CloudWatch lists them. */
import { type CloudWatchClient, DescribeAlarmsCommand, type DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch';
import type { AlarmStatus } from './attention-words.ts';

/** The most pages that one call reads: 100 × 100 alarms, 100 × 100,800 values. */
const MAX_PAGES = 100;

/** Names that one call may have. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
const MOST_NAMES = 100;

/** The alarms of these names; those that do not exist are missing. */
export async function readAlarms(cloudWatch: CloudWatchClient, names: readonly string[]): Promise<readonly AlarmStatus[]> {
  const found: AlarmStatus[] = [];
  for (let at = 0; at < names.length; at += MOST_NAMES)
    found.push(...(await listAlarms(cloudWatch, { AlarmNames: names.slice(at, at + MOST_NAMES) })));
  return found;
}

/** @param chosen by at most 100 names, or by what their names begin with @default every alarm */
export function listAlarms(
  cloudWatch: CloudWatchClient,
  chosen: Pick<DescribeAlarmsCommandInput, 'AlarmNames' | 'AlarmNamePrefix' | 'StateValue'> = {},
): Promise<readonly AlarmStatus[]> {
  return readPages(async (NextToken) => {
    const request = new DescribeAlarmsCommand({ ...chosen, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100, NextToken });
    const { MetricAlarms = [], CompositeAlarms = [], NextToken: next } = await cloudWatch.send(request);
    const items = [...MetricAlarms, ...CompositeAlarms].map((alarm) => ({
      arn: alarm.AlarmArn ?? '',
      name: alarm.AlarmName ?? '',
      state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
      reason: alarm.StateReason ?? '',
      sinceMs: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime(),
      description: alarm.AlarmDescription ?? '',
    }));
    return { items, next };
  });
}

/** @throws Error after {@link MAX_PAGES} pages */
export async function readPages<T>(
  page: (token: string | undefined) => Promise<{ items: readonly T[]; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const { items, next } = await page(token);
    all.push(...items);
    if (next === undefined) return all;
    token = next;
  }
  throw new Error(`CloudWatch returned more than ${MAX_PAGES} pages`);
}
