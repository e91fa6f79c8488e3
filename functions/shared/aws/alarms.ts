import { type CloudWatchClient, type CompositeAlarm, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';

/** CloudWatch alarms, metric and composite. Names without an alarm are missing in the replies. */
export interface Alarms {
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA` by name. */
  states(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  read(names: readonly string[]): Promise<Readonly<Record<string, AlarmReading>>>;
}

export interface AlarmReading {
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  /** When it came into its state, in ms since 1970. */
  readonly changedAtMs?: number;
  /** CloudWatch's own sentence about the state. */
  readonly reason?: string;
  /** End of the newest data that put it into its state, in ms since 1970. Undefined: no data did, or it is unknown. */
  readonly dataUntilMs?: number;
}

/** Names that one call may have. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
const MOST_NAMES = 100;

export function createAlarms(client: CloudWatchClient): Alarms {
  const readSome = async (names: readonly string[]) => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
      new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: MOST_NAMES }),
    );
    return [
      ...MetricAlarms.map((alarm) => [alarm.AlarmName ?? '', readingOf(alarm, alarm.StateReasonData)] as const),
      ...CompositeAlarms.map((alarm) => [alarm.AlarmName ?? '', readingOf(alarm)] as const),
    ];
  };
  const read: Alarms['read'] = async (names) => {
    const found: (readonly [string, AlarmReading])[] = [];
    for (let at = 0; at < names.length; at += MOST_NAMES) found.push(...(await readSome(names.slice(at, at + MOST_NAMES))));
    return Object.fromEntries(found);
  };
  return {
    read,
    states: async (names) => Object.fromEntries(Object.entries(await read(names)).map(([name, { state }]) => [name, state])),
  };
}

function readingOf(
  { StateValue: state = 'INSUFFICIENT_DATA', StateReason: reason, StateTransitionedTimestamp: changedAt }: MetricAlarm | CompositeAlarm,
  reasonData?: string,
): AlarmReading {
  const dataUntilMs = reasonData === undefined ? undefined : endOfData(reasonData);
  return {
    state,
    ...(changedAt !== undefined && { changedAtMs: changedAt.getTime() }),
    ...(reason !== undefined && { reason }),
    ...(dataUntilMs !== undefined && { dataUntilMs }),
  };
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
