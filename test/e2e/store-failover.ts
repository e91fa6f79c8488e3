/** The primary of the session store is killed as a crash would kill it, and the failover is followed to its end. */
import { DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache';
import { replicationGroupId } from '../../functions/shared/naming.ts';
import { joinLedger, type ProcessRecord } from '../../lab/processes/process-ledger.ts';
import { isRunning } from '../../setup/process-start.mjs';
import { until } from '../until.ts';
import { elastiCache, kept } from './fleet.ts';

async function primary(): Promise<{ id: string; status: string; members: number }> {
  const { ReplicationGroups } = await elastiCache.send(new DescribeReplicationGroupsCommand({}));
  const group = ReplicationGroups?.[0];
  const members = group?.NodeGroups?.[0]?.NodeGroupMembers ?? [];
  const id = members.find(({ CurrentRole }) => CurrentRole === 'primary')?.CacheClusterId;
  if (id === undefined) throw new Error(`the session store has no primary: it is ${group?.Status ?? 'not there'}`);
  return { id, status: group?.Status ?? '', members: members.length };
}

/** SIGKILL to the primary's process; gives the node's id. */
export async function killPrimary(): Promise<string> {
  const { id } = await primary();
  const node = storeProcesses().find(({ name }) => name === id);
  if (node === undefined) throw new Error(`the primary ${id} has no process`);
  process.kill(node.pid, 'SIGKILL');
  return id;
}

/**
 * Waits until another node is the primary, and the old one is back behind it. Gives the new primary and how long each
 * took from now, in milliseconds.
 */
export async function untilFailedOver(old: string): Promise<{ id: string; failedOverMs: number; replacedMs: number }> {
  const startedMs = performance.now();
  const id = await until(async () => {
    const now = await primary();
    return now.id !== old && now.id;
  }, 'the failover');
  const failedOverMs = performance.now() - startedMs;
  await until(() => storeProcesses().some(({ name }) => name === old), `${old} is back`);
  return { id, failedOverMs, replacedMs: performance.now() - startedMs };
}

/** The running servers, each with its node's id as its name, and Sentinel. */
export function storeProcesses(): ProcessRecord[] {
  return joinLedger(kept.runFolder)
    .list()
    .filter((record) => record.name.startsWith(`${replicationGroupId('holdfast')}-`) && isRunning(record));
}
