import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';

/** CloudWatch alarms, metric and composite. Names without an alarm are missing in the replies. */
export interface Alarms {
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA` by name. */
  states(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  read(names: readonly string[]): Promise<Readonly<Record<string, AlarmReading>>>;
}

export interface AlarmReading {
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  /** End of the newest data that put it into its state, in ms since 1970. Undefined: no data did, or it is unknown. */
  readonly dataUntilMs?: number;
}

export function createAlarms(client: CloudWatchClient): Alarms {
  const read: Alarms['read'] = async (names) => {
    if (names.length === 0) return {};
    const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
      new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 }),
    );
    return Object.fromEntries([
      ...MetricAlarms.map((alarm) => [alarm.AlarmName ?? '', readingOf(alarm.StateValue, alarm.StateReasonData)]),
      ...CompositeAlarms.map((alarm) => [alarm.AlarmName ?? '', readingOf(alarm.StateValue)]),
    ]);
  };
  return {
    read,
    states: async (names) => Object.fromEntries(Object.entries(await read(names)).map(([name, { state }]) => [name, state])),
  };
}

function readingOf(state = 'INSUFFICIENT_DATA', reasonData?: string): AlarmReading {
  const dataUntilMs = reasonData === undefined ? undefined : endOfData(reasonData);
  return { state, ...(dataUntilMs !== undefined && { dataUntilMs }) };
}

/**
 * CloudWatch documents the JSON of StateReasonData by examples only, so anything else counts as unknown.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
function endOfData(reasonData: string): number | undefined {
  try {
    const { period, evaluatedDatapoints } = JSON.parse(reasonData) as { period: number; evaluatedDatapoints: { timestamp: string }[] };
    const newestMs = Math.max(...evaluatedDatapoints.map(({ timestamp }) => Date.parse(timestamp)));
    return Number.isFinite(newestMs + period) ? newestMs + period * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
