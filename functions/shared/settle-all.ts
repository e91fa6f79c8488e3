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
