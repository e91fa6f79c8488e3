/** What keys are, to notice any change, and their TTLs: a thousand of them per command. */
import type { Redis } from 'ioredis';

export interface SeenKey {
  /** Of its value's dump. */
  readonly hash: string;
  /** In milliseconds; −1 for none. */
  readonly ttlMs: number;
}

const SCRIPT = `
local seen = {}
for at, key in ipairs(KEYS) do
  local dump = redis.call('DUMP', key)
  seen[at] = dump and { redis.sha1hex(dump), redis.call('PTTL', key) } or false
end
return seen`;

const AT_ONCE = 1_000;

const batches = (names: readonly string[]): Buffer[][] =>
  Array.from({ length: Math.ceil(names.length / AT_ONCE) }, (_, at) =>
    names.slice(at * AT_ONCE, (at + 1) * AT_ONCE).map((name) => Buffer.from(name, 'latin1')),
  );

/** @param names in latin1 @returns those that exist, by name */
export async function seeKeys(redis: Redis, names: readonly string[]): Promise<ReadonlyMap<string, SeenKey>> {
  const seen = new Map<string, SeenKey>();
  for (const keys of batches(names)) {
    const found = (await redis.eval(SCRIPT, keys.length, ...keys)) as (readonly [string, number] | null)[];
    for (const [at, one] of found.entries()) {
      const name = (keys[at] as Buffer).toString('latin1');
      if (one) seen.set(name, { hash: one[0], ttlMs: Number(one[1]) });
    }
  }
  return seen;
}

/** Takes away the TTLs of these keys. */
export async function removeTtls(redis: Redis, names: readonly string[]): Promise<void> {
  for (const keys of batches(names)) await redis.eval("for _, key in ipairs(KEYS) do redis.call('PERSIST', key) end", keys.length, ...keys);
}
