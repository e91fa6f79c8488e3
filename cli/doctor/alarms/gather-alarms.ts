import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { createAlarms } from '../../../functions/shared/aws/alarms.ts';
import { type Lookup, lookUp } from '../lookup.ts';
import type { Subject } from '../subject.ts';

/** What is looked up of alarms. */
export interface AlarmLookups {
  /** States by name; alarms that do not exist are missing. */
  readonly alarms: Lookup<Readonly<Record<string, string>>>;
}

/** States of the alarms of the fleet and its store. */
export function gatherAlarms(
  cloudWatch: CloudWatchClient,
  { fleet, alarmNames, storeAlarmNames, incidentAlarmNames }: Subject,
): Promise<AlarmLookups['alarms']> {
  const names = [...alarmNames, ...storeAlarmNames, ...incidentAlarmNames];
  const about = { what: `alarms of ${fleet} and its store`, resource: names.join(', '), action: 'cloudwatch:DescribeAlarms' };
  return lookUp(about, () => createAlarms(cloudWatch).states(names));
}
