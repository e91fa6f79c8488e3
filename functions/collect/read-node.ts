import { sumOf } from '../shared/arithmetic.ts';
import {
  type DatabaseCount,
  databasesIn,
  type Info,
  idleMarkOf,
  numberIn,
  parseInfo,
  type ReplicaSeen,
  replicasIn,
} from '../shared/store/parse-info.ts';
import type { Counters } from './contract.ts';

export interface NodeSample {
  readonly name: string;
  /** The server process's id, which changes with every start. */
  readonly runId: string;
  readonly role: 'primary' | 'replica';
  readonly isClustered: boolean;
  readonly uptimeSeconds: number;
  /** Those that have keys. */
  readonly databases: readonly DatabaseCount[];
  readonly memoryUsedBytes: number;
  /** Memory of the data, without the server's overhead. */
  readonly datasetBytes: number;
  /** Undefined where memory has no limit. */
  readonly memoryMaxBytes: number | undefined;
  readonly counters: Counters;
  readonly connections: number;
  readonly maxConnections: number;
  /** INFO master_replid: equal for a primary and its replicas; changes with every promotion. */
  readonly replicationId: string;
  /** A promoted replica has the id of the former primary's stream, and the offset to which it has that stream. */
  readonly continues: { readonly replicationId: string; readonly offset: number } | undefined;
  /** It has only a part of its keys yet. */
  readonly isLoading: boolean;
  /** Equal while its idle times show each use; undefined while a child process runs. */
  readonly idleMark: string | undefined;
  /** A primary's is the end of its replication stream; a replica's is how far it has that stream. */
  readonly offset: number;
  readonly replicas: readonly ReplicaSeen[];
  readonly linkUp: boolean;
  /** Time since a replica heard from its primary; undefined without a link. */
  readonly lastHeardSeconds: number | undefined;
  /** Time since a replica lost its primary; 0 while it is linked. */
  readonly linkDownSeconds: number;
}

/** ElastiCache's limit for every node; engines before 7.0 do not report it. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html */
const ELASTICACHE_MAX_CLIENTS = 65_000;

/** @param info the reply to INFO, its default sections */
export function readNode(name: string, info: string): NodeSample {
  const fields = parseInfo(info);
  const number = (field: string) => numberIn(fields, field) ?? 0;
  const role = fields.get('role') === 'master' ? 'primary' : 'replica';
  const lastHeard = numberIn(fields, 'master_last_io_seconds_ago');
  return {
    name,
    runId: fields.get('run_id') ?? name,
    role,
    isClustered: fields.get('cluster_enabled') === '1',
    uptimeSeconds: number('uptime_in_seconds'),
    databases: databasesIn(fields),
    memoryUsedBytes: number('used_memory'),
    datasetBytes: numberIn(fields, 'used_memory_dataset') ?? number('used_memory'),
    memoryMaxBytes: number('maxmemory') || undefined,
    counters: readCounters(fields),
    connections: number('connected_clients'),
    maxConnections: numberIn(fields, 'maxclients') ?? ELASTICACHE_MAX_CLIENTS,
    replicationId: fields.get('master_replid') ?? '',
    continues: continuesOf(fields),
    idleMark: idleMarkOf(fields),
    isLoading: fields.get('loading') === '1',
    offset: numberIn(fields, 'slave_repl_offset') ?? number('master_repl_offset'),
    replicas: role === 'primary' ? replicasIn(fields) : [],
    linkUp: fields.get('master_link_status') === 'up',
    lastHeardSeconds: lastHeard === undefined || lastHeard < 0 ? undefined : lastHeard,
    linkDownSeconds: fields.get('master_link_status') === 'down' ? number('master_link_down_since_seconds') : 0,
  };
}

/** second_repl_offset is the first byte that is not the former stream's; -1 without one. */
function continuesOf(fields: Info): NodeSample['continues'] {
  const next = numberIn(fields, 'second_repl_offset');
  const replicationId = fields.get('master_replid2');
  return next === undefined || next < 1 || replicationId === undefined ? undefined : { replicationId, offset: next - 1 };
}

function readCounters(fields: Info): Counters {
  const number = (field: string) => numberIn(fields, field) ?? 0;
  return {
    hits: number('keyspace_hits'),
    misses: number('keyspace_misses'),
    evictions: number('evicted_keys'),
    expired: number('expired_keys'),
    // Since Redis 7.2 and Valkey 7.2.
    authenticationFailures: numberIn(fields, 'acl_access_denied_auth') ?? null,
    refusedWrites: refusedWritesOf(fields),
    engineSeconds: engineSecondsOf(fields),
  };
}

/** What a node answers to a write that it refuses: it is full, a replica, without enough replicas, or cannot write its snapshot. */
const REFUSALS = ['errorstat_OOM', 'errorstat_READONLY', 'errorstat_NOREPLICAS', 'errorstat_MISCONF'];

/** Redis 6.2 and later, and Valkey, name the errors that they have returned: one that is not named was not returned. */
function refusedWritesOf(fields: Info): number | null {
  if (!fields.has('total_error_replies')) return null;
  return sumOf(REFUSALS, (name) => Number(/^count=(\d+)/.exec(fields.get(name) ?? '')?.[1] ?? 0));
}

/** Time of the engine's one thread; null before Redis 7.0, which counts its whole process alone, with the threads for connections. */
function engineSecondsOf(fields: Info): number | null {
  const sum = (system: string, user: string): number | undefined => {
    const [one, other] = [numberIn(fields, system), numberIn(fields, user)];
    return one === undefined || other === undefined ? undefined : one + other;
  };
  return sum('used_cpu_sys_main_thread', 'used_cpu_user_main_thread') ?? null;
}
