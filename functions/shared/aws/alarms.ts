import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';

/** CloudWatch alarms, metric and composite. */
export interface Alarms {
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA` by name; names without an alarm are missing. */
  states(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
}

export function createAlarms(client: CloudWatchClient): Alarms {
  return {
    async states(names) {
      if (names.length === 0) return {};
      const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
        new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 }),
      );
      return Object.fromEntries(
        [...MetricAlarms, ...CompositeAlarms].map((alarm) => [alarm.AlarmName ?? '', alarm.StateValue ?? 'INSUFFICIENT_DATA']),
      );
    },
  };
}
