/** ElastiCache, with clients of the store. */
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
  TestFailoverCommand,
} from '@aws-sdk/client-elasticache';
import { Redis } from 'ioredis';
import type { Ability, ClientConfig } from './ability.ts';
import { eventually, must, mustRefuse, name } from './calls.ts';

/** A primary and its replica are on AWS there after some minutes. */
const CREATION_WAIT_SECONDS = 60;

async function makeStore(config: ClientConfig) {
  const [client, ReplicationGroupId] = [new ElastiCacheClient(config), name()];
  await client.send(
    new CreateReplicationGroupCommand({
      ...{ ReplicationGroupId, ReplicationGroupDescription: 'a primary and its replica', Engine: 'valkey' },
      ...{ CacheNodeType: 'cache.t4g.micro', NumCacheClusters: 2, AutomaticFailoverEnabled: true, TransitEncryptionEnabled: false },
    }),
  );
  const nodeGroup = async () => {
    const { ReplicationGroups } = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId }));
    return ReplicationGroups?.[0]?.Status === 'available' ? ReplicationGroups[0].NodeGroups?.[0] : undefined;
  };
  const available = () => eventually('the group was not available', nodeGroup, CREATION_WAIT_SECONDS);
  return { client, ReplicationGroupId, available };
}

/** What a command returns. */
async function call({ Address = '', Port = 0 }: { Address?: string; Port?: number } = {}, ...[command = '', ...args]: string[]) {
  const redis = new Redis({ host: Address, port: Port, lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}

export const STORES: readonly Ability[] = [
  {
    service: 'ElastiCache',
    what: 'creates a replication group, whose replica has what was written to the primary',
    async show(config) {
      const { PrimaryEndpoint, ReaderEndpoint } = await (await makeStore(config)).available();
      await call(PrimaryEndpoint, 'SET', 'k', 'v');
      const value = await eventually('it was not replicated', async () => (await call(ReaderEndpoint, 'GET', 'k')) ?? undefined);
      must(value === 'v', `the replica has ${value}`);
    },
  },
  {
    service: 'ElastiCache',
    what: 'fails over: behind the same endpoint the replica becomes the primary, and takes writes',
    async show(config) {
      const { client, ReplicationGroupId, available } = await makeStore(config);
      const before = await available();
      const replica = before.NodeGroupMembers?.find(({ CurrentRole }) => CurrentRole === 'replica')?.CacheClusterId;
      await call(before.PrimaryEndpoint, 'SET', 'k', 'v');
      await client.send(new TestFailoverCommand({ ReplicationGroupId, NodeGroupId: before.NodeGroupId }));
      const after = await available();
      const primary = after.NodeGroupMembers?.find(({ CurrentRole }) => CurrentRole === 'primary')?.CacheClusterId;
      must(replica !== undefined && primary === replica, `the primary is ${primary}`);
      await call(before.PrimaryEndpoint, 'APPEND', 'k', 'w');
      const value = await call(before.PrimaryEndpoint, 'GET', 'k');
      must(value === 'vw', `the new primary has ${value}`);
    },
  },
  {
    service: 'ElastiCache',
    what: 'refuses a change of a group while another one is in progress',
    async show(config) {
      const { client, ReplicationGroupId } = await makeStore(config);
      const change = new ModifyReplicationGroupCommand({ ReplicationGroupId, SnapshotRetentionLimit: 1 });
      await mustRefuse(/^InvalidReplicationGroupState/, client.send(change));
    },
  },
];
