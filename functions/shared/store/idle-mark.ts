import type { Info } from './parse-info.ts';

/**
 * Stays equal while a node's idle times show each use. While a child process runs (RDB, AOF, a replica's full synchronisation) the
 * engines do not note when a key is used, to spare copy-on-write: Valkey 8 not even when SET replaces it. And what an LFU policy has
 * noted is no idle time: after a change to another policy IDLETIME returns months.
 * @param info the reply to INFO
 * @returns undefined while a child process runs
 * @see https://github.com/valkey-io/valkey/blob/8.0/src/db.c lookupKey
 */
export function idleMarkOf(info: Info): string | undefined {
  const is = (field: string) => Number(info.get(field) ?? 0) > 0;
  if (['rdb_bgsave_in_progress', 'aof_rewrite_in_progress', 'module_fork_in_progress'].some(is)) return undefined;
  const policy = /lfu$/.test(info.get('maxmemory_policy') ?? '') ? 'lfu' : 'lru';
  return [info.get('total_forks') ?? '', info.get('rdb_last_save_time') ?? '', policy].join('/');
}
