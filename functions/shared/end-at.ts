import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Ends with the work, or at `endMs`, in milliseconds since the epoch, while the work goes on: a call that is under way has limits of its
 * own, which can be longer than the invocation's.
 * @throws what the work throws before
 */
export async function endAt(work: Promise<unknown>, endMs: number, now: () => number): Promise<void> {
  const over = new AbortController();
  const end = sleep(Math.max(0, endMs - now()), undefined, { signal: over.signal }).catch(() => undefined);
  try {
    await Promise.race([work, end]);
  } finally {
    over.abort();
  }
}

/** What the work gives; where it takes longer, it goes on, and `late()` is thrown. */
export async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Does what Promise.all does, but throws the first failure only once every promise has settled. It is for calls of which one writes: what is
 * under way when a function returns is frozen with its execution environment, and would write when that is used again, minutes later.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html "background processes or callbacks"
 * @throws the first failure, in the order given
 */
export async function settleAll<const T extends readonly unknown[]>(calls: T): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const ended = await Promise.allSettled(calls);
  const failed = ended.find((call) => call.status === 'rejected');
  if (failed) throw failed.reason;
  return ended.map((call) => (call as PromiseFulfilledResult<unknown>).value) as { -readonly [K in keyof T]: Awaited<T[K]> };
}
