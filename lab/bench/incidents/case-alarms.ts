/** What the benchmark does about the metrics and states of alarms: the minutes before a case, and the end of the case before. */
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { Cloud } from '../../../cli/cloud.ts';
import { PROBLEM_METRICS, STORE_DIMENSION } from '../../../functions/collect/contract.ts';
import { METRICS } from '../../../functions/deploy/contract/common.ts';
import type { FaultControl } from '../../demo/fault-control.ts';
import type { CaseAlarm } from './alarms.ts';
import { balancerDimensions } from './plant-baseline.ts';

const MINUTE_MS = 60_000;
/** The alarms of the store look at ten minutes at most. */
const LOOKED_AT_MS = 15 * MINUTE_MS;

type Control = Pick<FaultControl, 'plantMetrics'>;

const ofStore = ({ installation }: Cloud) => ({ namespace: METRICS.namespace, dimensions: { [STORE_DIMENSION]: installation } });

/** Removes what the store's alarms watch, the running minute included. The collector publishes it again every minute. */
export async function removeStoreProblems(cloud: Cloud, control: Control): Promise<void> {
  const toMs = Date.now();
  const fromMs = Math.floor(toMs / MINUTE_MS) * MINUTE_MS - LOOKED_AT_MS;
  const metrics = Object.values(PROBLEM_METRICS).map((name) => ({ ...ofStore(cloud), name, perMinute: 0 }));
  await control.plantMetrics({ fromMs, usualUntilMs: fromMs, toMs, metrics });
}

/** The bad minutes before a case that its alarm wants besides the fault's own. */
export async function plantEarlierMinutes(cloud: Cloud, control: Control, alarm: CaseAlarm): Promise<void> {
  if (alarm.earlier === undefined) return;
  const toMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const where = alarm.of === 'store' ? ofStore(cloud) : { namespace: 'AWS/ApplicationELB', dimensions: await balancerDimensions(cloud) };
  const metrics = alarm.earlier.metrics.map((metric) => ({ ...where, ...metric }));
  await control.plantMetrics({ fromMs: toMs - alarm.earlier.minutes * MINUTE_MS, usualUntilMs: toMs, toMs, metrics });
}

/** Alarms of the installation that are in ALARM are set to OK: what they watch was removed, and their next evaluation finds the same. */
export async function endAlarms({ client, installation }: Cloud): Promise<void> {
  const cloudWatch = new CloudWatchClient(client);
  try {
    const { MetricAlarms = [] } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: `${installation}-`, StateValue: 'ALARM', MaxRecords: 100 }),
    );
    for (const { AlarmName } of MetricAlarms) {
      const StateReason = 'The fault of the case before is cleared.';
      await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason }));
    }
  } finally {
    cloudWatch.destroy();
  }
}
