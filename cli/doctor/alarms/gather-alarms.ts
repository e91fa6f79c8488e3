import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { StoreRecord } from '../../../functions/collect/contract.ts';
import type { StoreRecords } from '../../../functions/collect/store-records.ts';
import type { AlarmStatus } from '../../installation/attention/alarm-view.ts';
import { readAlarms } from '../../installation/attention/list-alarms.ts';
import { aboutResource, type Lookup, lookUp } from '../lookup.ts';
import type { StoreScope, Subject } from '../subject.ts';

/** What is looked up of alarms. */
export interface AlarmLookups {
  /** By name; alarms that do not exist are missing. */
  readonly alarms: Lookup<Readonly<Record<string, Pick<AlarmStatus, 'state' | 'description'>>>>;
  /** What alarms that compare with earlier readings have of them. */
  readonly baseline?: Lookup<Partial<Pick<StoreRecord, 'lookups' | 'days' | 'sweep'>>>;
}

/** The collector's own record. */
export function gatherBaseline(
  readings: Pick<StoreRecords, 'getStore'>,
  { recordsTable }: StoreScope,
): Promise<NonNullable<AlarmLookups['baseline']>> {
  const about = aboutResource('table', recordsTable, 'dynamodb:GetItem', { absentOn: ['ResourceNotFoundException'] });
  return lookUp(about, async () => (await readings.getStore()) ?? {});
}

/** The alarms of the fleet and its store. */
export function gatherAlarms(
  cloudWatch: CloudWatchClient,
  { fleet, alarmNames = [], storeAlarmNames, incidentAlarmNames }: StoreScope & Partial<Pick<Subject, 'fleet' | 'alarmNames'>>,
): Promise<AlarmLookups['alarms']> {
  const names = [...alarmNames, ...storeAlarmNames, ...incidentAlarmNames];
  const about = {
    what: fleet === undefined ? 'alarms of the store' : `alarms of ${fleet} and its store`,
    resource: names.join(', '),
    action: 'cloudwatch:DescribeAlarms',
  };
  return lookUp(about, async () => {
    const alarms = await readAlarms(cloudWatch, names);
    return Object.fromEntries(alarms.map(({ name, state, description }) => [name, { state, description }]));
  });
}
