import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningService, startService } from './running-service.ts';

let local: RunningService;

beforeAll(async () => {
  local = await startService();
  const user = { Engine: 'redis', AccessString: 'on ~* +@all' };
  await local.call('CreateUser', { ...user, UserId: 'open-default', UserName: 'default', NoPasswordRequired: 'true' });
  await local.call('CreateUser', { ...user, UserId: 'app', UserName: 'app', Passwords: ['0123456789abcdef'] });
  await local.call('CreateUser', { ...user, UserId: 'app-two', UserName: 'app', Passwords: ['0123456789abcdef'] });
  await local.call('CreateUser', { ...user, Engine: 'valkey', UserId: 'modern', UserName: 'modern', AuthenticationMode: { Type: 'iam' } });
  await local.call('CreateUserGroup', { UserGroupId: 'redis-team', Engine: 'redis', UserIds: ['open-default', 'app'] });
  await local.call('CreateUserGroup', { UserGroupId: 'valkey-team', Engine: 'valkey', UserIds: ['modern'] });
  await local.call('CreateCacheParameterGroup', {
    CacheParameterGroupName: 'mine',
    CacheParameterGroupFamily: 'valkey8',
    Description: 'd',
  });
  await local.call('CreateCacheSubnetGroup', { CacheSubnetGroupName: 'nets', CacheSubnetGroupDescription: 'd', SubnetIds: ['subnet-1'] });
  await local.call('CreateReplicationGroup', {
    ReplicationGroupId: 'single',
    ReplicationGroupDescription: 'd',
    CacheSubnetGroupName: 'nets',
  });
  await local.service.settled('single');
});

afterAll(() => local?.stop());

const group = { ReplicationGroupId: 'new', ReplicationGroupDescription: 'd' };
const user = { UserId: 'new', UserName: 'new', Engine: 'redis', AccessString: 'on ~* +@all' };

test.each([
  ['CreateReplicationGroup', { ReplicationGroupId: 'new' }, 'InvalidParameterValue'],
  ['CreateReplicationGroup', { ...group, ReplicationGroupId: '1-bad-' }, 'InvalidParameterValue'],
  ['CreateReplicationGroup', { ...group, ReplicationGroupId: 'SINGLE' }, 'ReplicationGroupAlreadyExists'],
  ['CreateReplicationGroup', { ...group, NumNodeGroups: '2' }, 'InvalidParameterValue'],
  ['CreateReplicationGroup', { ...group, NumCacheClusters: '7' }, 'InvalidParameterValue'],
  ['CreateReplicationGroup', { ...group, AutomaticFailoverEnabled: 'true' }, 'InvalidParameterCombination'],
  ['CreateReplicationGroup', { ...group, NumCacheClusters: '2', MultiAZEnabled: 'true' }, 'InvalidParameterCombination'],
  ['CreateReplicationGroup', { ...group, AuthToken: '0123456789abcdef' }, 'InvalidParameterCombination'],
  ['CreateReplicationGroup', { ...group, TransitEncryptionEnabled: 'true', AuthToken: 'short' }, 'InvalidParameterValue'],
  ['CreateReplicationGroup', { ...group, TransitEncryptionEnabled: 'true', UserGroupIds: ['none'] }, 'UserGroupNotFound'],
  ['CreateReplicationGroup', { ...group, TransitEncryptionEnabled: 'true', UserGroupIds: ['valkey-team'] }, 'InvalidParameterCombination'],
  ['CreateReplicationGroup', { ...group, CacheParameterGroupName: 'none' }, 'CacheParameterGroupNotFound'],
  ['CreateReplicationGroup', { ...group, CacheParameterGroupName: 'mine' }, 'InvalidParameterCombination'],
  ['CreateReplicationGroup', { ...group, CacheSubnetGroupName: 'none' }, 'CacheSubnetGroupNotFoundFault'],
  ['CreateReplicationGroup', { ...group, Engine: 'memcached' }, 'InvalidParameterValue'],
  ['DescribeReplicationGroups', { ReplicationGroupId: 'none' }, 'ReplicationGroupNotFoundFault'],
  ['ModifyReplicationGroup', { ReplicationGroupId: 'none' }, 'ReplicationGroupNotFoundFault'],
  ['DescribeCacheClusters', { CacheClusterId: 'single-002' }, 'CacheClusterNotFound'],
  ['TestFailover', { ReplicationGroupId: 'none', NodeGroupId: '0001' }, 'ReplicationGroupNotFoundFault'],
  ['TestFailover', { ReplicationGroupId: 'single', NodeGroupId: '0002' }, 'NodeGroupNotFoundFault'],
  ['TestFailover', { ReplicationGroupId: 'single', NodeGroupId: '0001' }, 'TestFailoverNotAvailableFault'],
  ['CreateUser', { ...user, UserId: 'app', Passwords: ['0123456789abcdef'] }, 'UserAlreadyExists'],
  ['CreateUser', user, 'InvalidParameterValue'],
  ['CreateUser', { ...user, Passwords: ['short'] }, 'InvalidParameterValue'],
  ['CreateUser', { ...user, AccessString: 'on nopass', NoPasswordRequired: 'true' }, 'InvalidParameterValue'],
  ['CreateUser', { ...user, UserName: 'other', AuthenticationMode: { Type: 'iam' } }, 'InvalidParameterCombination'],
  ['ModifyUser', { UserId: 'none', AccessString: 'on' }, 'UserNotFound'],
  ['DeleteUser', { UserId: 'open-default' }, 'DefaultUserAssociatedToUserGroup'],
  ['CreateUserGroup', { UserGroupId: 'new', Engine: 'redis', UserIds: ['app'] }, 'DefaultUserRequired'],
  ['CreateUserGroup', { UserGroupId: 'new', Engine: 'redis', UserIds: ['open-default', 'none'] }, 'UserNotFound'],
  ['CreateUserGroup', { UserGroupId: 'new', Engine: 'redis', UserIds: ['open-default', 'app', 'app-two'] }, 'DuplicateUserName'],
  ['CreateUserGroup', { UserGroupId: 'new', Engine: 'redis', UserIds: ['open-default', 'modern'] }, 'InvalidParameterCombination'],
  ['CreateUserGroup', { UserGroupId: 'new', Engine: 'valkey', UserIds: ['open-default'] }, 'InvalidParameterCombination'],
  ['ModifyUserGroup', { UserGroupId: 'redis-team', UserIdsToRemove: ['open-default'] }, 'DefaultUserRequired'],
  ['DeleteUserGroup', { UserGroupId: 'none' }, 'UserGroupNotFound'],
  ['CreateCacheParameterGroup', { CacheParameterGroupName: 'x', CacheParameterGroupFamily: 'redis99' }, 'InvalidParameterValue'],
  ['ModifyCacheParameterGroup', { CacheParameterGroupName: 'default.redis7', ParameterNameValues: [] }, 'InvalidCacheParameterGroupState'],
  ['DescribeCacheParameters', { CacheParameterGroupName: 'none' }, 'CacheParameterGroupNotFound'],
  ['DeleteCacheSubnetGroup', { CacheSubnetGroupName: 'nets' }, 'CacheSubnetGroupInUse'],
  ['ListTagsForResource', { ResourceName: 'not-an-arn' }, 'InvalidARN'],
  ['ListTagsForResource', { ResourceName: 'arn:aws:elasticache:eu-west-1:000000000000:user:none' }, 'UserNotFound'],
])('%s of %j is refused with %s', async (operation, input, code) => {
  expect(await local.errorCode(operation, input)).toBe(code);
});

describe('replies', () => {
  test('a member is described with its node and the group that it is of', async () => {
    const { CacheClusters } = await local.call('DescribeCacheClusters', { ShowCacheNodeInfo: 'true' });
    expect(CacheClusters).toEqual([
      expect.objectContaining({
        CacheClusterId: 'single-001',
        ReplicationGroupId: 'single',
        CacheClusterStatus: 'available',
        CacheNodes: [expect.objectContaining({ CacheNodeId: '0001', Endpoint: { Address: 'localhost', Port: expect.any(Number) } })],
      }),
    ]);
  });

  test('users show how they log in, never their passwords', async () => {
    const { Users } = await local.call('DescribeUsers', { UserId: 'app' });
    expect(Users[0]).toMatchObject({ UserId: 'app', Authentication: { Type: 'password', PasswordCount: 1 }, UserGroupIds: ['redis-team'] });
    expect(JSON.stringify(Users)).not.toContain('0123456789abcdef');
  });

  test('parameters show who set them', async () => {
    await local.call('ModifyCacheParameterGroup', {
      CacheParameterGroupName: 'mine',
      ParameterNameValues: [{ ParameterName: 'timeout', ParameterValue: '60' }],
    });
    const { Parameters } = await local.call('DescribeCacheParameters', { CacheParameterGroupName: 'mine', Source: 'user' });
    expect(Parameters).toEqual([expect.objectContaining({ ParameterName: 'timeout', ParameterValue: '60', Source: 'user' })]);
  });

  test('lists come in pages of at least 20', async () => {
    const request = { CacheParameterGroupName: 'mine' };
    const { Parameters: all } = await local.call('DescribeCacheParameters', request);
    const first = await local.call('DescribeCacheParameters', { ...request, MaxRecords: '20' });
    const second = await local.call('DescribeCacheParameters', { ...request, Marker: first.Marker });
    expect(first.Parameters).toHaveLength(20);
    expect([...first.Parameters, ...second.Parameters]).toEqual(all);
    expect(second.Marker).toBeUndefined();
    await expect(local.call('DescribeUsers', { MaxRecords: '19' })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  test('tags are kept by resource', async () => {
    const ResourceName = 'arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:single';
    await local.call('AddTagsToResource', { ResourceName, Tags: [{ Key: 'fleet', Value: 'web' }] });
    expect(await local.call('ListTagsForResource', { ResourceName })).toEqual({ TagList: [{ Key: 'fleet', Value: 'web' }] });
  });

  test('events are of the last hour unless a time is given', async () => {
    local.clock.nowMs += 2 * 3_600_000;
    expect((await local.call('DescribeEvents')).Events).toEqual([]);
    const { Events } = await local.call('DescribeEvents', { Duration: '180', SourceType: 'replication-group' });
    expect(Events).toEqual([
      { SourceIdentifier: 'single', SourceType: 'replication-group', Message: 'Replication group single created', Date: expect.any(Date) },
    ]);
  });
});

test('a group without automatic failover has its only node replaced, empty', async () => {
  await local.service.adminCommand('single', 'SET', 'session', 'data');
  const pid = local.service.nodes('single')[0]?.pid;
  local.service.killNode('single', 'single-001');
  const value = async () => local.service.adminCommand('single', 'GET', 'session').catch((error: Error) => error.message);
  await expect.poll(value, { timeout: 60_000 }).toBeNull();
  expect(local.service.nodes('single')[0]?.pid).not.toBe(pid);
});
