/**
 * The share of a store's time that one client's commands take, seen from outside: the engine's own commandstats. They count a
 * command inside a script twice, in itself and in the script, and they count every client. So the time of each command is
 * taken by the part of its calls that this client sent at top level. CPU time of the server would include the sockets, but
 * also every other client, and could not resolve half a percent. Pure.
 */

interface CommandStat {
  readonly calls: number;
  readonly microseconds: number;
}

/** By name: `get`, `object|idletime`. */
export type CommandStats = ReadonlyMap<string, CommandStat>;

/** @param info reply of INFO COMMANDSTATS */
export function readCommandStats(info: string): CommandStats {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm);
  return new Map([...lines].map(([, name = '', calls, usec]) => [name, { calls: Number(calls), microseconds: Number(usec) }]));
}

/**
 * @param sent number of commands that the client sent, by the names of commandstats
 * @returns percent of the duration
 */
export function sharePercent(
  before: CommandStats,
  after: CommandStats,
  sent: Readonly<Record<string, number>>,
  durationSeconds: number,
): number {
  let microseconds = 0;
  for (const [name, count] of Object.entries(sent)) {
    const calls = (after.get(name)?.calls ?? 0) - (before.get(name)?.calls ?? 0);
    const spent = (after.get(name)?.microseconds ?? 0) - (before.get(name)?.microseconds ?? 0);
    if (calls > 0) microseconds += spent * Math.min(1, count / calls);
  }
  return microseconds / durationSeconds / 10_000;
}

/** CPU time of the server's main thread so far. @param info reply of INFO CPU */
export function readMainThreadSeconds(info: string): number {
  const times = info.matchAll(/^used_cpu_(?:sys|user)_main_thread:([\d.]+)/gm);
  return [...times].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
}
