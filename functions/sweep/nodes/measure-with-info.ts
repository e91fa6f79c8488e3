import type { Redis } from 'ioredis';
import { type CommandTimes, parseCommandTimes } from './command-times.ts';

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
