import type { ChainableCommander, Redis } from 'ioredis';
import { isRefusal } from './refusals.ts';

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
