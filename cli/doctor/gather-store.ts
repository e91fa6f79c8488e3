/** The store, what sweeps left, and the alarms of all. */

import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
  type ElastiCacheClient,
  paginateDescribeCacheParameters,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache';
import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { ReplicationGroupFacts, StoreUserFacts } from '../../functions/checks/facts.ts';
import type { StoreScope, Subject } from '../../functions/checks/subject.ts';
import type { StoreRecords } from '../../functions/collect/store-records.ts';
import { alarmsTopicName } from '../../functions/shared/naming.ts';
import { alarmsTopicArn } from '../installation/alarms-topic.ts';
import { readAlarms } from '../installation/attention/list-alarms.ts';
import type { Clients } from './clients.ts';
import { aboutResource, allOf, andThen, type Lookup, type Lookups, lookUp, NotFound, part, SKIPPED } from './lookup.ts';

/** The replication group, its eviction policy, what it publishes about keys, and its users. Does not connect to the store. */
export async function gatherStore(
  elastiCache: ElastiCacheClient,
  { store: { replicationGroup } }: StoreScope,
): Promise<Pick<Lookups, 'store' | 'evictionPolicy' | 'keyspaceEvents' | 'storeUsers'>> {
  if (!replicationGroup) return { store: SKIPPED, evictionPolicy: SKIPPED, keyspaceEvents: SKIPPED, storeUsers: SKIPPED };
  const { id, named } = replicationGroup;
  const action = 'elasticache:DescribeReplicationGroups and elasticache:DescribeCacheClusters';
  const about = aboutResource('replication group', id, action, { named, absentOn: ['ReplicationGroupNotFoundFault'] });
  const store = await lookUp(about, async () => {
    const { ReplicationGroups } = await elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }));
    const group = ReplicationGroups?.[0];
    if (!group) throw new NotFound();
    const member = group.MemberClusters?.[0];
    const { CacheClusters = [] } = member
      ? await elastiCache.send(new DescribeCacheClustersCommand({ CacheClusterId: member }))
      : { CacheClusters: [] };
    return groupFacts(group, CacheClusters[0] ?? {});
  });
  const [parameters, storeUsers] = await Promise.all([
    andThen(store, ({ parameterGroup }) => readParameters(elastiCache, parameterGroup)),
    andThen(store, ({ userGroupIds }) => readUsers(elastiCache, userGroupIds)),
  ]);
  const evictionPolicy = part(parameters, (one) => one['maxmemory-policy'] ?? '');
  const keyspaceEvents = part(parameters, (one) => one['notify-keyspace-events'] ?? '');
  return { store, evictionPolicy, keyspaceEvents, storeUsers };
}

function groupFacts(group: ReplicationGroup, member: CacheCluster): ReplicationGroupFacts {
  const shards = group.NodeGroups ?? [];
  return {
    id: group.ReplicationGroupId ?? '',
    status: group.Status ?? '',
    engine: group.Engine ?? member.Engine ?? '',
    engineVersion: member.EngineVersion ?? '',
    tls: group.TransitEncryptionEnabled ?? false,
    authToken: group.AuthTokenEnabled ?? false,
    userGroupIds: group.UserGroupIds ?? [],
    automaticFailover: ['enabled', 'enabling'].includes(group.AutomaticFailover ?? ''),
    multiAz: group.MultiAZ === 'enabled',
    shards: shards.length,
    replicas: Math.min(...shards.map(({ NodeGroupMembers = [] }) => NodeGroupMembers.length - 1), Number.MAX_SAFE_INTEGER),
    snapshotRetentionDays: group.SnapshotRetentionLimit ?? 0,
    parameterGroup: member.CacheParameterGroup?.CacheParameterGroupName ?? '',
    securityGroupIds: (member.SecurityGroups ?? []).flatMap(({ SecurityGroupId }) => SecurityGroupId ?? []),
  };
}

/** The parameters of the group by their names; one without a value is undefined. */
function readParameters(
  elastiCache: ElastiCacheClient,
  parameterGroup: string,
): Promise<Lookup<Readonly<Record<string, string | undefined>>>> {
  const about = { named: true, absentOn: ['CacheParameterGroupNotFoundFault'] };
  return lookUp(aboutResource('parameter group', parameterGroup, 'elasticache:DescribeCacheParameters', about), async () => {
    const pages = paginateDescribeCacheParameters({ client: elastiCache }, { CacheParameterGroupName: parameterGroup });
    const values = (await allOf(pages, (page) => page.Parameters)).map(({ ParameterName = '', ParameterValue }) => [
      ParameterName,
      ParameterValue,
    ]);
    if (!values.some(([name]) => name === 'maxmemory-policy')) throw new NotFound();
    return Object.fromEntries(values);
  });
}

async function readUsers(elastiCache: ElastiCacheClient, userGroupIds: readonly string[]): Promise<Lookups['storeUsers']> {
  const [UserGroupId] = userGroupIds; // a replication group has at most one
  if (UserGroupId === undefined) return SKIPPED;
  const action = 'elasticache:DescribeUserGroups and elasticache:DescribeUsers';
  const about = { named: true, absentOn: ['UserGroupNotFoundFault', 'UserNotFoundFault'] };
  return lookUp(aboutResource('users of', UserGroupId, action, about), async () => {
    const { UserGroups } = await elastiCache.send(new DescribeUserGroupsCommand({ UserGroupId }));
    const ids = UserGroups?.[0]?.UserIds ?? [];
    return Promise.all(ids.map((id) => describeUser(elastiCache, id)));
  });
}

async function describeUser(elastiCache: ElastiCacheClient, UserId: string): Promise<StoreUserFacts> {
  const { Users } = await elastiCache.send(new DescribeUsersCommand({ UserId }));
  const user = Users?.[0];
  return {
    userName: user?.UserName ?? UserId,
    on: (user?.AccessString ?? '').split(' ').includes('on'),
    authentication: user?.Authentication?.Type ?? '',
    channels: channelsIn(user?.AccessString ?? ''),
  };
}

/**
 * Channels that an access string allows: its rules apply in their order, so those before resetchannels have no effect.
 * @see https://valkey.io/topics/acl/
 */
function channelsIn(accessString: string): readonly string[] {
  const rules = accessString.split(' ');
  const since = rules.findLastIndex((rule) => rule === 'resetchannels' || rule === 'reset');
  return rules.slice(since + 1).flatMap((rule) => (rule === 'allchannels' ? ['*'] : rule.startsWith('&') ? [rule.slice(1)] : []));
}

/** A dry run, a run that changes lives and one that failed answer nothing: the last sweep is among as many. */
const READ = 20;

/** What the last sweep left for somebody to decide. */
export async function gatherDecisions(
  { sweeps }: Pick<Clients, 'sweeps'>,
  { recordsTable }: Pick<StoreScope, 'recordsTable'>,
): Promise<Lookups['openDecisions']> {
  const about = aboutResource('table', recordsTable, 'dynamodb:Query and dynamodb:BatchGetItem', {
    absentOn: ['ResourceNotFoundException'],
  });
  return lookUp(about, async () => {
    const latest = await sweeps.latestSweeps(READ);
    const last = latest.find(({ status, dryRun, lives }) => status === 'SUCCEEDED' && !dryRun && lives === undefined);
    return last?.summary?.unconfirmed ?? [];
  });
}

/** The collector's own record. */
export function gatherBaseline(readings: Pick<StoreRecords, 'getStore'>, { recordsTable }: StoreScope): Promise<Lookups['baseline']> {
  const about = aboutResource('table', recordsTable, 'dynamodb:GetItem', { absentOn: ['ResourceNotFoundException'] });
  return lookUp(about, async () => (await readings.getStore()) ?? {});
}

export function gatherAlarms(
  cloudWatch: CloudWatchClient,
  { fleet, alarmNames = [], storeAlarmNames, incidentAlarmNames }: StoreScope & Partial<Pick<Subject, 'fleet' | 'alarmNames'>>,
): Promise<Lookups['alarms']> {
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
): Promise<Lookups['alarmSubscriptions']> {
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
