import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { StoreRecord } from '../../../functions/collect/contract.ts';
import type { StoreRecords } from '../../../functions/collect/store-records.ts';
import { alarmsTopicName } from '../../../functions/shared/naming.ts';
import { alarmsTopicArn } from '../../installation/alarms-topic.ts';
import type { AlarmStatus } from '../../installation/attention/alarm-view.ts';
import { readAlarms } from '../../installation/attention/list-alarms.ts';
import { aboutResource, type Lookup, lookUp } from '../lookup.ts';
import type { StoreScope, Subject } from '../subject.ts';

/** Subscriptions to the topic of the alarms. */
export interface Subscriptions {
  readonly confirmed: number;
  readonly pending: number;
}

/** What is looked up of alarms. */
export interface AlarmLookups {
  /** By name; alarms that do not exist are missing. */
  readonly alarms: Lookup<Readonly<Record<string, Pick<AlarmStatus, 'state' | 'description'>>>>;
  /** What alarms that compare with earlier readings have of them. */
  readonly baseline?: Lookup<Partial<Pick<StoreRecord, 'lookups' | 'days' | 'sweep'>>>;
  readonly alarmSubscriptions: Lookup<Subscriptions>;
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

/** Who hears of them by their topic. */
export function gatherAlarmSubscriptions(
  sns: Pick<SNSClient, 'send'>,
  scope: Pick<StoreScope, 'installation' | 'account' | 'region'>,
): Promise<AlarmLookups['alarmSubscriptions']> {
  const about = aboutResource('topic', alarmsTopicName(scope.installation), 'sns:GetTopicAttributes', { absentOn: ['NotFoundException'] });
  return lookUp(about, async () => {
    const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn: alarmsTopicArn(scope) }));
    return { confirmed: countOf(Attributes, 'SubscriptionsConfirmed'), pending: countOf(Attributes, 'SubscriptionsPending') };
  });
}

/** SNS has every attribute as text. An answer without it is none: it does not mean that nobody is subscribed. */
function countOf(attributes: Readonly<Record<string, string>>, name: string): number {
  const text = attributes[name] ?? '';
  if (!/^\d+$/.test(text)) throw new Error(`the answer has no ${name}`);
  return Number(text);
}
