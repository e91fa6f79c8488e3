import type { Redis } from 'ioredis';

/** What a node has spent on each command: INFO commandstats. Pure. */

export interface CommandTime {
  readonly calls: number;
  readonly microseconds: number;
}

/** Times of commands by their names in INFO, such as `memory|usage`. Commands inside a script are counted too, under their own names. */
export type CommandTimes = ReadonlyMap<string, CommandTime>;

const LINE = /^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm;

export const parseCommandTimes = (info: string): CommandTimes =>
  new Map([...info.matchAll(LINE)].map(([, name = '', calls, usec]) => [name, { calls: Number(calls), microseconds: Number(usec) }]));

/** What was spent between two readings on the commands that `counts` accepts. */
export function timeBetween(before: CommandTimes, after: CommandTimes, counts: (name: string) => boolean): CommandTime {
  let calls = 0;
  let microseconds = 0;
  for (const [name, now] of after) {
    if (!counts(name)) continue;
    calls += now.calls - (before.get(name)?.calls ?? 0);
    microseconds += now.microseconds - (before.get(name)?.microseconds ?? 0);
  }
  return { calls, microseconds };
}

/** The cost of the two INFO around what was measured, milliseconds. */
export function infoMsBetween(before: CommandTimes, after: CommandTimes): number {
  const { calls, microseconds } = timeBetween(before, after, (name) => name === 'info');
  return calls > 0 ? (2 * microseconds) / calls / 1_000 : 0;
}

export interface Measured<T> {
  readonly result: T;
  readonly before: CommandTimes;
  readonly after: CommandTimes;
}

/** A command between two readings of INFO commandstats, in one packet: the server runs the three one after the other. */
export async function measureTogether<T>(redis: Redis, command: () => Promise<T>): Promise<Measured<T>> {
  const { stream } = redis;
  stream.cork();
  const replies = [redis.info('commandstats'), command(), redis.info('commandstats')] as const;
  stream.uncork();
  const [before, result, after] = await Promise.all(replies);
  return { result, before: parseCommandTimes(before), after: parseCommandTimes(after) };
}

/** Work of several round trips between two readings. */
export async function measureAround<T>(redis: Redis, work: () => Promise<T>): Promise<Measured<T>> {
  const before = await redis.info('commandstats');
  const result = await work();
  const after = await redis.info('commandstats');
  return { result, before: parseCommandTimes(before), after: parseCommandTimes(after) };
}
