/** Writes the configuration files of the server processes. Pure. */

/** User that replication, Sentinel and the service itself log in as. Clients cannot: its password never leaves the service. */
export const INNER_ADMIN = 'holdfast-inner-admin';

/** Sentinel's name for the one set of nodes that it watches. */
export const SENTINEL_TARGET = 'node-group';

/** Sentinels that must agree that the primary is down; there is one. */
export const QUORUM = 1;

/** Each process has its own, in its own folder. */
export const LOG_FILE = 'server.log';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Configuration of one cache node.
 *
 * @param aclLines `user …` directives without the word `user`
 * @param engineSettings settings from the parameter group, by the engine's names
 */
export function nodeConfiguration(node: {
  readonly port: number;
  readonly folder: string;
  readonly adminPassword: string;
  readonly aclLines: readonly string[];
  readonly engineSettings: Readonly<Record<string, string>>;
  readonly maxMemoryBytes: number;
  readonly replicaOf?: Address | undefined;
  readonly keepsSnapshots: boolean;
}): string {
  const lines = [
    'bind 127.0.0.1',
    `port ${node.port}`,
    `dir ${quote(node.folder)}`,
    `logfile ${LOG_FILE}`,
    'daemonize no',
    'appendonly no',
    node.keepsSnapshots ? 'save 900 1' : 'save ""',
    // A node group is made on one machine within a second: replicas must not wait for others to join a transfer, and
    // one that comes while a dump is being written shares it, which only the file-based transfer allows.
    'repl-diskless-sync no',
    'rdb-del-sync-files yes',
    `maxmemory ${node.maxMemoryBytes}`,
    `masteruser ${INNER_ADMIN}`,
    `masterauth ${node.adminPassword}`,
    `user ${INNER_ADMIN} on >${node.adminPassword} ~* &* +@all`,
    ...node.aclLines.map((line) => `user ${line}`),
    ...Object.entries(node.engineSettings).map(([name, value]) => `${name} ${needsQuotes(value) ? quote(value) : value}`),
  ];
  if (node.replicaOf) lines.push(`replicaof ${node.replicaOf.host} ${node.replicaOf.port}`);
  return `${lines.join('\n')}\n`;
}

/** Configuration of the Sentinel that watches one node group. The Sentinel rewrites its file as it learns. */
export function sentinelConfiguration(sentinel: {
  readonly port: number;
  readonly folder: string;
  readonly password: string;
  readonly adminPassword: string;
  readonly primary: Address;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
}): string {
  return `${[
    'bind 127.0.0.1',
    `port ${sentinel.port}`,
    `dir ${quote(sentinel.folder)}`,
    `logfile ${LOG_FILE}`,
    'daemonize no',
    `requirepass ${sentinel.password}`,
    `sentinel monitor ${SENTINEL_TARGET} ${sentinel.primary.host} ${sentinel.primary.port} ${QUORUM}`,
    ...sentinelSettings(sentinel).map(([name, value]) => `sentinel ${name} ${SENTINEL_TARGET} ${value}`),
  ].join('\n')}\n`;
}

/** How Sentinel watches, as names and values for its file and for SENTINEL SET. */
export function sentinelSettings(sentinel: {
  readonly adminPassword: string;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
}): readonly (readonly [name: string, value: string])[] {
  return [
    ['auth-user', INNER_ADMIN],
    ['auth-pass', sentinel.adminPassword],
    ['down-after-milliseconds', String(sentinel.downAfterMs)],
    ['failover-timeout', String(sentinel.failoverTimeoutMs)],
    // All replicas follow the new primary at once: with a small data set there is nothing to spread out.
    ['parallel-syncs', '5'],
  ];
}

function needsQuotes(value: string): boolean {
  return value === '' || value.includes('"');
}

function quote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
