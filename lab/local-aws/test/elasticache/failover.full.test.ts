import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STORE_ENGINES } from '../../../../test/store-engines.ts';
import { until } from '../../../../test/until.ts';
import { type Reply, type RunningService, startService } from './running-service.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:000000000000:cache';
describe.each(STORE_ENGINES)('on $name', (engine) => {
  let local: RunningService;
  let group: Reply;

  beforeAll(async () => {
    local = await startService({ engine });
    await local.call('CreateReplicationGroup', {
      ReplicationGroupId: 'store',
      ReplicationGroupDescription: 'sessions',
      NumCacheClusters: 3,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      NotificationTopicArn: TOPIC,
    });
    expect((await describeGroup()).Status).toBe('creating');
    await local.service.settled('store');
    group = await describeGroup();
  });

  afterAll(() => local?.stop());

  async function describeGroup(): Promise<Reply> {
    return (await local.call('DescribeReplicationGroups', { ReplicationGroupId: 'store' })).ReplicationGroups[0];
  }

  function primaryId(): string {
    return local.service.nodes('store').find(({ role }) => role === 'primary')?.nodeId ?? '';
  }

  async function messages(): Promise<string[]> {
    const reply: Reply = await local.call('DescribeEvents', { Duration: 60 });
    return reply.Events.map(({ Message }: { Message: string }) => Message).reverse();
  }

  const primaryEndpoint = (): Promise<Redis> => local.connect(group.NodeGroups[0].PrimaryEndpoint.Port);

  describe('a group of three nodes', () => {
    test('is available with one primary and two replicas that have its data', async () => {
      expect(group).toMatchObject({ Status: 'available', AutomaticFailover: 'enabled', MultiAZ: 'enabled' });
      expect(group.NodeGroups[0].NodeGroupMembers.map(({ CurrentRole }: Reply) => CurrentRole)).toEqual(['primary', 'replica', 'replica']);
      const primary = await primaryEndpoint();
      await primary.set('session', 'data');
      expect(await primary.wait(2, 1_000)).toBe(2);
      const reader = await local.connect(group.NodeGroups[0].ReaderEndpoint.Port);
      expect(await reader.get('session')).toBe('data');
      await expect(reader.set('session', 'other')).rejects.toThrow(/READONLY/);
    });

    test('TestFailover moves the primary endpoint, closes old connections, and records its events in order', async () => {
      const client = await primaryEndpoint();
      const before = primaryId();
      const reply: Reply = await local.call('TestFailover', { ReplicationGroupId: 'store', NodeGroupId: '0001' });
      expect(reply.ReplicationGroup.Status).toBe('modifying');
      expect(await local.errorCode('TestFailover', { ReplicationGroupId: 'store', NodeGroupId: '0001' })).toBe(
        'InvalidReplicationGroupState',
      );
      await local.service.settled('store');
      const after = primaryId();
      expect(after).not.toBe(before);
      await until(() => client.status === 'end');
      const again = await primaryEndpoint();
      expect(await again.get('session')).toBe('data');
      expect(await again.set('session', 'data 2')).toBe('OK');
      expect((await messages()).slice(-5)).toEqual([
        'Test Failover API called for node group 0001',
        `Failover from primary node ${before} to replica node ${after} completed`,
        `Failover from primary node ${before} to replica node ${after} completed`,
        'Recovering cache nodes 0001',
        'Finished recovery for cache nodes 0001',
      ]);
      expect(local.published).toContainEqual({ topicArn: TOPIC, message: JSON.stringify({ 'ElastiCache:FailoverComplete': after }) });
    });

    test('SIGKILL of the primary is failed over, writes go on, and the node comes back as a replica', async () => {
      const before = primaryId();
      const oldPid = local.service.nodes('store').find(({ nodeId }) => nodeId === before)?.pid;
      local.service.killNode('store', before);
      await until(() => primaryId() !== before);
      const client = await primaryEndpoint();
      expect(await client.get('session')).toBe('data 2');
      expect(await client.set('session', 'data 3')).toBe('OK');
      await until(async () => (await messages()).at(-1) === 'Finished recovery for cache nodes 0001');
      const back = local.service.nodes('store').find(({ nodeId }) => nodeId === before);
      expect(back).toMatchObject({ role: 'replica' });
      expect(back?.pid).not.toBe(oldPid);
      const replica = await local.connect(back?.endpointPort ?? 0);
      await until(async () => (await replica.get('session')) === 'data 3');
    });

    test('a new primary that is killed in mid-failover loses nothing that the other replica has', async () => {
      const first = primaryId();
      local.service.killNode('store', first);
      await until(() => primaryId() !== first);
      const second = primaryId();
      local.service.killNode('store', second);
      await until(() => primaryId() !== second);
      const client = await primaryEndpoint();
      expect(await client.get('session')).toBe('data 3');
      expect(await client.set('session', 'data 3')).toBe('OK');
      await until(async () => local.service.nodes('store').every(({ pid }) => pid !== undefined));
      expect(await client.wait(2, 5_000)).toBe(2);
    }, 20_000);

    test('grows and shrinks by replicas', async () => {
      await local.call('IncreaseReplicaCount', { ReplicationGroupId: 'store', NewReplicaCount: '3', ApplyImmediately: 'true' });
      await local.service.settled('store');
      expect(local.service.nodes('store').map(({ nodeId }) => nodeId)).toContain('store-004');
      await local.call('DecreaseReplicaCount', { ReplicationGroupId: 'store', NewReplicaCount: '1', ApplyImmediately: 'true' });
      await local.service.settled('store');
      expect((await describeGroup()).MemberClusters).toHaveLength(2);
    });

    test('gives a replica that comes back the address that its name had', async () => {
      const portOf = (id: string) => local.service.nodes('store').find(({ nodeId }) => nodeId === id)?.endpointPort;
      const [replica = ''] = local.service.nodes('store').flatMap(({ nodeId, role }) => (role === 'replica' ? [nodeId] : []));
      const before = portOf(replica);
      for (const [action, NewReplicaCount] of [
        ['DecreaseReplicaCount', '0'],
        ['IncreaseReplicaCount', '1'],
      ] as const) {
        if (NewReplicaCount === '0')
          await local.call('ModifyReplicationGroup', {
            ReplicationGroupId: 'store',
            AutomaticFailoverEnabled: 'false',
            MultiAZEnabled: 'false',
            ApplyImmediately: 'true',
          });
        await local.service.settled('store');
        await local.call(action, { ReplicationGroupId: 'store', NewReplicaCount, ApplyImmediately: 'true' });
        await local.service.settled('store');
      }
      expect(before).toBeGreaterThan(0);
      expect(portOf(replica)).toBe(before);
    });
  });
});
