/** The primary of the session store is killed as a crash would kill it, and the failover is followed to its end. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache';
import { elastiCache, kept, until } from './fleet.ts';

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
  const pid = Number.parseInt(await readFile(pidFile(id), 'utf8'), 10);
  process.kill(pid, 'SIGKILL');
  return id;
}

/**
 * Waits until another node is the primary, and the old one is back behind it. Gives the new primary and how long each
 * took from now, in milliseconds.
 */
export async function untilFailedOver(old: string): Promise<{ id: string; failedOverMs: number; replacedMs: number }> {
  const startedMs = performance.now();
  const id = await until('the failover', async () => {
    const now = await primary();
    return now.id !== old && now.id;
  });
  const failedOverMs = performance.now() - startedMs;
  await until(`${old} is back`, async () => readFile(pidFile(old), 'utf8').catch(() => undefined));
  return { id, failedOverMs, replacedMs: performance.now() - startedMs };
}

const pidFile = (id: string): string => path.join(kept.runFolder, 'elasticache', 'pids', `${id}.pid`);
