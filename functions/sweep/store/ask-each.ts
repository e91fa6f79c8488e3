import type { ChainableCommander, Redis } from 'ioredis';

export type Reply = [error: Error | null, value: unknown];
export type Add<T> = (pipeline: ChainableCommander, subject: T, index: number) => ChainableCommander;

/** One round trip for all subjects. @throws the store's own errors, but not those about a single key */
export async function askEach<T>(redis: Redis, subjects: readonly T[], add: Add<T>): Promise<Reply[]> {
  const replies = await sendEach(redis, subjects, add);
  const fault = faultIn(replies);
  if (fault) throw fault;
  return replies;
}

/**
 * Like {@link askEach}, but does not throw when the connection breaks: keeps the replies that arrived, and returns the error as the reply
 * of all others.
 */
export async function sendEach<T>(redis: Redis, subjects: readonly T[], add: Add<T>): Promise<Reply[]> {
  if (subjects.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const [index, subject] of subjects.entries()) add(pipeline, subject, index);
  try {
    return ((await pipeline.exec()) ?? []) as Reply[];
  } catch (error) {
    return subjects.map(() => [error as Error, undefined]);
  }
}

/** The first error that is not about a single key. */
export const faultIn = (replies: readonly Reply[]): Error | undefined =>
  replies.find(([error]) => error && isFault(error))?.[0] ?? undefined;

/** True for an error of the connection, or of the whole store. */
export const isFault = (error: Error): boolean => !isRefusal(error) && !/^(?:ERR|WRONGTYPE|NOPERM)/.test(error.message);

/** Consecutive groups of `size` values; the last one can be smaller. */
export function inGroups<T>(values: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < values.length; at += size) groups.push(values.slice(at, at + size));
  return groups;
}

/** What the store's error messages mean, on every engine. Pure. */

/** True for an error about these keys, and not about the store itself. */
export const isRefusal = ({ message }: Error): boolean =>
  /NOPERM|can't access at least one of the keys|MOVED|^ASK|CROSSSLOT|non local key|No permissions/i.test(message);

/** True where the key's slot is on another node now, or on its way there. */
export const isElsewhere = ({ message }: Error): boolean => /^(?:MOVED|ASK)/.test(message);

/** True where the user has no permission for the command, whatever the key, or the engine does not have it. */
export const isCommandRefusal = ({ message }: Error, command: string): boolean =>
  /^ERR unknown command/i.test(message) || (message.startsWith('NOPERM') && message.includes(`run the '${command.toLowerCase()}' command`));

/** ElastiCache Serverless runs only scripts that have keys. */
export const isKeylessRefusal = ({ message }: Error): boolean => /without any input keys/i.test(message);
