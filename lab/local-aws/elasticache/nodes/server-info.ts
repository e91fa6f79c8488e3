/** Reads the reply of INFO. Pure. */

export type ServerInfo = ReadonlyMap<string, string>;

/** @param reply the text of one or more INFO sections */
export function parseInfo(reply: string): ServerInfo {
  const fields = new Map<string, string>();
  for (const line of reply.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** A field as a number; 0 when the server does not have it. */
export function numberOf(info: ServerInfo, field: string): number {
  const value = Number(info.get(field));
  return Number.isFinite(value) ? value : 0;
}

/** The number of keys in all databases, and of those with a time to live. */
export function keyCounts(info: ServerInfo): { readonly keys: number; readonly expires: number } {
  let keys = 0;
  let expires = 0;
  for (const [field, value] of info) {
    if (!/^db\d+$/.test(field)) continue;
    keys += Number(/(?:^|,)keys=(\d+)/.exec(value)?.[1] ?? 0);
    expires += Number(/(?:^|,)expires=(\d+)/.exec(value)?.[1] ?? 0);
  }
  return { keys, expires };
}

/**
 * Seconds since the replica at `port` last acknowledged its offset, as its primary reports it.
 *
 * @returns undefined when the primary does not know that replica
 */
export function replicaLagSeconds(primary: ServerInfo, port: number): number | undefined {
  for (const [field, value] of primary) {
    if (/^slave\d+$/.test(field) && value.includes(`port=${port},`)) return Number(/lag=(-?\d+)/.exec(value)?.[1] ?? 0);
  }
  return undefined;
}

/** Log-ins refused since the server started: its own count, or before version 7.2 the AUTH and HELLO commands that failed. */
export function authenticationFailures(info: ServerInfo): number {
  if (info.has('acl_access_denied_auth')) return numberOf(info, 'acl_access_denied_auth');
  const failed = (command: string): number => Number(/failed_calls=(\d+)/.exec(info.get(`cmdstat_${command}`) ?? '')?.[1] ?? 0);
  return failed('auth') + failed('hello');
}

/** Some of the commands that AWS counts as reads. */
const GET_TYPE_COMMANDS = [
  'get',
  'getex',
  'mget',
  'exists',
  'ttl',
  'pttl',
  'type',
  'strlen',
  'hget',
  'hmget',
  'hgetall',
  'smembers',
  'zrange',
];

/** How often the server was read from since it started, and how long that took it. */
export function readTime(info: ServerInfo): { readonly calls: number; readonly microseconds: number } {
  let calls = 0;
  let microseconds = 0;
  for (const command of GET_TYPE_COMMANDS) {
    const [, count, time] = /^calls=(\d+),usec=(\d+)/.exec(info.get(`cmdstat_${command}`) ?? '') ?? [];
    calls += Number(count ?? 0);
    microseconds += Number(time ?? 0);
  }
  return { calls, microseconds };
}
