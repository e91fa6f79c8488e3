/** The replication group as ElastiCache knows it. */
import {
  DecreaseReplicaCountCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  IncreaseReplicaCountCommand,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { isRunning } from '../../../../setup/process-start.mjs';
import type { ProcessLedger } from '../../../processes/process-ledger.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { CannotSet, type Changer } from '../contract.ts';
import type { StoreNodes } from './store-processes.ts';

/** A new replica copies the primary's data; the group is `modifying` meanwhile. */
const AVAILABLE_LIMIT_MS = 60_000;

interface Group {
  readonly status: string;
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  /** The primary first. */
  readonly members: readonly string[];
}

export function singleNodeChanger(client: ElastiCacheClient, groupId: string): Changer<'singleNode'> {
  const settled = async (): Promise<Group> =>
    waitUntil(
      `${groupId} to be available`,
      async () => {
        const group = await describe(client, groupId);
        return group.status === 'available' && group;
      },
      { timeoutMs: AVAILABLE_LIMIT_MS, pollMs: 200 },
    );
  const modify = async (automaticFailover: boolean, multiAz: boolean) => {
    await client.send(
      new ModifyReplicationGroupCommand({
        ReplicationGroupId: groupId,
        AutomaticFailoverEnabled: automaticFailover,
        MultiAZEnabled: multiAz,
        ApplyImmediately: true,
      }),
    );
    return settled();
  };
  const resize = { ReplicationGroupId: groupId, ApplyImmediately: true };
  return {
    async prepare() {
      const { status, automaticFailover, multiAz, members } = await describe(client, groupId);
      if (status !== 'available') throw new CannotSet(`the store is ${status}; nothing was changed: try again when it is available`);
      return { replicas: members.length - 1, automaticFailover, multiAz };
    },
    async apply(_change, before) {
      await modify(false, false);
      if (before.replicas > 0) await client.send(new DecreaseReplicaCountCommand({ ...resize, NewReplicaCount: 0 }));
      await settled();
      return before;
    },
    async restore({ replicas, automaticFailover, multiAz }) {
      const { members } = await settled();
      if (members.length - 1 < replicas) {
        await client.send(new IncreaseReplicaCountCommand({ ...resize, NewReplicaCount: replicas }));
        await settled();
      }
      await modify(automaticFailover, multiAz);
    },
  };
}

/** Names of the group's nodes, the primary's first. */
export const storeMembers = (client: ElastiCacheClient, groupId: string) => async (): Promise<readonly string[]> =>
  (await describe(client, groupId)).members;

/** Where the group's replicas are read; the primary without any. */
export const storeReader = (client: ElastiCacheClient, groupId: string) => async (): Promise<Readonly<Record<string, string>>> => {
  const { ReplicationGroups } = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: groupId }));
  const { Address = '', Port = 0 } = ReplicationGroups?.[0]?.NodeGroups?.[0]?.ReaderEndpoint ?? {};
  return { readerHost: Address, readerPort: String(Port) };
};

/** Processes of the group's nodes, by the run's ledger, in which a node has its name of ElastiCache. */
export function storeNodes(client: ElastiCacheClient, groupId: string, ledger: ProcessLedger): StoreNodes {
  return {
    async processes() {
      const { members } = await describe(client, groupId);
      const records = ledger.list().filter((record) => isRunning(record));
      return members.flatMap((member) => records.filter(({ name }) => name === member));
    },
    signal: ({ pid }, signal) => void process.kill(pid, signal),
  };
}

async function describe(client: ElastiCacheClient, groupId: string): Promise<Group> {
  const { ReplicationGroups } = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: groupId }));
  const group = ReplicationGroups?.[0];
  const members = group?.NodeGroups?.[0]?.NodeGroupMembers ?? [];
  const primaryFirst = members.toSorted((a, b) => Number(b.CurrentRole === 'primary') - Number(a.CurrentRole === 'primary'));
  return {
    status: group?.Status ?? 'not there',
    automaticFailover: group?.AutomaticFailover === 'enabled',
    multiAz: group?.MultiAZ === 'enabled',
    members: primaryFirst.map(({ CacheClusterId = '' }) => CacheClusterId),
  };
}
