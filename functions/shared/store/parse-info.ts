/** Parses the reply of INFO, of Redis and Valkey. Pure. @see https://valkey.io/commands/info/ */

export type Info = ReadonlyMap<string, string>;

/** A replica, by its primary. */
export interface ReplicaSeen {
  /** `slave0`, or `replica0` on newer engines. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly state: string;
  /** Offset in the primary's replication stream that it has acknowledged. */
  readonly offset: number;
  /** Time since its last acknowledgement; it sends one per second. */
  readonly lagSeconds: number;
}

/** @param text one or more sections */
export function parseInfo(text: string): Info {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** Undefined when the field is absent or not a number. */
export function numberIn(info: Info, field: string): number | undefined {
  const text = info.get(field);
  const value = Number(text);
  return text === undefined || text === '' || !Number.isFinite(value) ? undefined : value;
}

/** Lines such as `slave0:ip=10.0.0.2,port=6379,state=online,offset=1234,lag=0`. A number that the line lacks is NaN. */
export function replicasIn(info: Info): readonly ReplicaSeen[] {
  return [...info]
    .filter(([name]) => /^(slave|replica)\d+$/.test(name))
    .map(([name, value]) => {
      const parts = partsOf(value);
      return {
        name,
        host: parts.get('ip') ?? '',
        port: Number(parts.get('port') ?? Number.NaN),
        state: parts.get('state') ?? 'unknown',
        offset: Number(parts.get('offset') ?? Number.NaN),
        lagSeconds: Number(parts.get('lag') ?? Number.NaN),
      };
    });
}

/** Keys of one database, and how many of them have a TTL. */
export interface DatabaseCount {
  readonly database: number;
  readonly keys: number;
  readonly expires: number;
}

const byNumber = (a: DatabaseCount, b: DatabaseCount): number => a.database - b.database;

/** The databases that have keys: lines such as `db0:keys=110,expires=100,avg_ttl=900000`. */
export function databasesIn(info: Info): readonly DatabaseCount[] {
  const found = [...info].flatMap(([name, value]) => {
    const [, number] = /^db(\d+)$/.exec(name) ?? [];
    const parts = partsOf(value);
    const count = (part: string) => Number(parts.get(part) ?? 0);
    return number === undefined ? [] : [{ database: Number(number), keys: count('keys'), expires: count('expires') }];
  });
  return found.sort(byNumber);
}

/** The sums over several nodes, by database. */
export function sumDatabases(nodes: readonly (readonly DatabaseCount[])[]): readonly DatabaseCount[] {
  const sums = new Map<number, DatabaseCount>();
  for (const { database, keys, expires } of nodes.flat()) {
    const before = sums.get(database) ?? { keys: 0, expires: 0 };
    sums.set(database, { database, keys: before.keys + keys, expires: before.expires + expires });
  }
  return [...sums.values()].sort(byNumber);
}

const partsOf = (value: string): Info =>
  new Map(value.split(',').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));

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
