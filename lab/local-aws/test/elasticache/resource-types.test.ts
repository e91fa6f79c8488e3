import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRunning } from '../../../../setup/process-start.mjs';
import { openLedger } from '../../../processes/process-ledger.ts';
import type { ResourceRequest } from '../../service/service.ts';
import { exists, type RunningService, startService } from './running-service.ts';

let local: RunningService;

beforeAll(async () => {
  local = await startService();
});
afterAll(() => local?.stop());

const request = (kind: string, properties: Record<string, unknown>): ResourceRequest => ({
  type: `AWS::ElastiCache::${kind}`,
  logicalId: 'Sessions',
  stackName: 'Shop-Store',
  properties,
});
const provider = (kind: string) => {
  const found = local.service.resourceTypes[`AWS::ElastiCache::${kind}`];
  if (!found) throw new Error(`no provider of ${kind}`);
  return found;
};
const create = (kind: string, properties: Record<string, unknown>) => provider(kind).create(request(kind, properties));

test('a stack is created, changed and deleted', async () => {
  const parameters = await create('ParameterGroup', {
    CacheParameterGroupFamily: 'valkey8',
    Description: 'd',
    Properties: { 'maxmemory-policy': 'volatile-ttl', timeout: 60 },
  });
  expect(parameters.physicalId).toMatch(/^shop-store-sessions-[0-9a-f]{12}$/);
  expect(parameters.attributes).toEqual({ CacheParameterGroupName: parameters.physicalId });
  const subnets = await create('SubnetGroup', { Description: 'd', SubnetIds: ['subnet-1', 'subnet-2'] });
  const user = await create('User', {
    UserId: 'app',
    UserName: 'app',
    Engine: 'valkey',
    AccessString: 'on ~* +@all',
    AuthenticationMode: { Type: 'password', Passwords: ['0123456789abcdef'] },
  });
  expect(user).toEqual({ physicalId: 'app', attributes: { Arn: 'arn:aws:elasticache:eu-west-1:000000000000:user:app', Status: 'active' } });
  const team = await create('UserGroup', { UserGroupId: 'team', Engine: 'valkey', UserIds: ['app'] });
  expect(team.attributes['Arn']).toBe('arn:aws:elasticache:eu-west-1:000000000000:usergroup:team');

  const properties = {
    ReplicationGroupDescription: 'sessions',
    Engine: 'valkey',
    EngineVersion: '8.0',
    NumNodeGroups: 1,
    ReplicasPerNodeGroup: 1,
    AutomaticFailoverEnabled: true,
    TransitEncryptionEnabled: true,
    CacheParameterGroupName: parameters.physicalId,
    CacheSubnetGroupName: subnets.physicalId,
    UserGroupIds: ['team'],
    Tags: [{ Key: 'fleet', Value: 'web' }],
  };
  const group = await create('ReplicationGroup', properties);
  const id = group.physicalId;
  const { attributes } = group;
  expect(attributes['PrimaryEndPoint.Address']).toBe('localhost');
  expect(attributes['ReadEndPoint.Ports.List']).toHaveLength(2);
  const client = await local.connect(Number(attributes['PrimaryEndPoint.Port']), {
    username: 'app',
    password: '0123456789abcdef',
    tls: { ca: local.caPem },
  });
  expect(await client.set('a', 'b')).toBe('OK');
  expect(await local.service.adminCommand(id, 'CONFIG', 'GET', 'timeout')).toEqual(['timeout', '60']);

  const changed = { ...properties, ReplicasPerNodeGroup: 2, Tags: [{ Key: 'fleet', Value: 'api' }] };
  const updated = await provider('ReplicationGroup').update({
    ...request('ReplicationGroup', changed),
    physicalId: id,
    previous: properties,
  });
  expect(updated.physicalId).toBe(id);
  expect(updated.attributes['PrimaryEndPoint.Port']).toBe(attributes['PrimaryEndPoint.Port']);
  expect(local.service.nodes(id)).toHaveLength(3);
  const ResourceName = `arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:${id}`;
  expect((await local.call('ListTagsForResource', { ResourceName })).TagList).toEqual([{ Key: 'fleet', Value: 'api' }]);

  const before = {
    CacheParameterGroupFamily: 'valkey8',
    Description: 'd',
    Properties: { 'maxmemory-policy': 'volatile-ttl', timeout: 60 },
  };
  await provider('ParameterGroup').update({
    ...request('ParameterGroup', { ...before, Properties: { 'maxmemory-policy': 'volatile-lfu' } }),
    physicalId: parameters.physicalId,
    previous: before,
  });
  await local.service.settled(id);
  expect(await local.service.adminCommand(id, 'CONFIG', 'GET', 'timeout')).toEqual(['timeout', '0']);
  expect(await local.service.adminCommand(id, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'volatile-lfu']);

  const pids = local.service.nodes(id).map(({ pid }) => pid ?? 0);
  const remove = (kind: string, physicalId: string) => provider(kind).delete({ ...request(kind, {}), physicalId });
  await remove('ReplicationGroup', id);
  expect(pids.filter(exists)).toEqual([]);
  await remove('ReplicationGroup', id);
  await remove('UserGroup', team.physicalId);
  await remove('User', user.physicalId);
  await remove('SubnetGroup', subnets.physicalId);
  await remove('ParameterGroup', parameters.physicalId);
});

test('a changed immutable property replaces the resource', async () => {
  const previous = { Description: 'd', CacheParameterGroupFamily: 'valkey8' };
  const first = await create('ParameterGroup', previous);
  const second = await provider('ParameterGroup').update({
    ...request('ParameterGroup', { ...previous, CacheParameterGroupFamily: 'valkey9' }),
    physicalId: first.physicalId,
    previous,
  });
  expect(second.physicalId).not.toBe(first.physicalId);
});

test('a group that cannot be created fails with the reason and leaves nothing behind', async () => {
  await create('User', {
    UserId: 'odd',
    UserName: 'odd',
    Engine: 'valkey',
    AccessString: 'on +@nosuchcategory',
    Passwords: ['0123456789abcdef'],
  });
  await create('UserGroup', { UserGroupId: 'odd-team', Engine: 'valkey', UserIds: ['odd'] });
  const properties = {
    ReplicationGroupId: 'odd',
    ReplicationGroupDescription: 'd',
    Engine: 'valkey',
    TransitEncryptionEnabled: true,
    UserGroupIds: ['odd-team'],
  };
  await expect(create('ReplicationGroup', properties)).rejects.toThrow(/odd-001 ended with exit code 1: .*nosuchcategory/s);
  expect(await local.errorCode('DescribeReplicationGroups', { ReplicationGroupId: 'odd' })).toBe('ReplicationGroupNotFoundFault');
});

test('stopping while a group is being created leaves no process', async () => {
  const runs = mkdtempSync(join(tmpdir(), 'elasticache-runs-'));
  const ledger = openLedger(runs, 'brief');
  const other = await startService({ ledger });
  await other.call('CreateReplicationGroup', {
    ReplicationGroupId: 'brief',
    ReplicationGroupDescription: 'd',
    NumCacheClusters: 3,
    AutomaticFailoverEnabled: true,
  });
  await expect.poll(() => ledger.list().map(({ name }) => name), { timeout: 60_000 }).toContain('brief-001');
  const pids = ledger.list().map(({ pid }) => pid);
  await other.service.stop();
  await other.service.stop();
  expect(pids.filter(exists)).toEqual([]);
  expect(ledger.list().filter(isRunning)).toEqual([]);
  await other.stop();
  rmSync(runs, { recursive: true });
});
