import type { Redis } from 'ioredis';
import { LONGEST_NAME_BYTES } from '../../../sweep/store/page-script.ts';
import { isCommandRefusal, isKeylessRefusal } from '../../../sweep/store/refusals.ts';

/**
 * listNames-0: one page of SCAN without the names that are too long for a session's, which anybody can make who can choose a part of a
 * name. Writes nothing (EVAL_RO), reads no value, and touches no key.
 *
 * ARGV 1 cursor, 2 COUNT, 3 the longest name's bytes
 * Reply {cursor, {name, …}, {TTL in ms or -1, …} of the keys with longer names}
 */
export const NAMES_SCRIPT = `local page = redis.call('SCAN', ARGV[1], 'COUNT', ARGV[2])
local names, ttls, longest = {}, {}, tonumber(ARGV[3])
for _, key in ipairs(page[2]) do
  if #key <= longest then
    names[#names + 1] = key
  else
    local ttl = redis.pcall('PTTL', key)
    if type(ttl) == 'number' and ttl ~= -2 then ttls[#ttls + 1] = ttl end
  end
end
return { page[1], names, ttls }`;

export interface NamesPage {
  readonly cursor: string;
  readonly names: readonly Buffer[];
  /** The TTL of each key whose name is too long, in milliseconds; -1 without a TTL. */
  readonly longNamesTtlMs: readonly number[];
}

/** How one page is read: by the script, or by SCAN where the user or the store does not allow scripts. */
export type ListNames = (cursor: string, count: number) => Promise<NamesPage>;

/** @throws the connection's error */
export function createListNames(redis: Redis): ListNames {
  let byScript = true;
  return async (cursor, count) => {
    if (byScript) {
      try {
        const reply = await redis.callBuffer('EVAL_RO', NAMES_SCRIPT, 0, cursor, count, LONGEST_NAME_BYTES);
        const [next, names, longNamesTtlMs] = reply as unknown as [Buffer, Buffer[], number[]];
        return { cursor: next.toString(), names, longNamesTtlMs };
      } catch (error) {
        if (!isCommandRefusal(error as Error, 'EVAL_RO') && !isKeylessRefusal(error as Error)) throw error;
        byScript = false;
      }
    }
    return scanNames(redis, cursor, count);
  };
}

/** Here the long names cross the network, and go no further. */
async function scanNames(redis: Redis, cursor: string, count: number): Promise<NamesPage> {
  const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', count);
  const pipeline = redis.pipeline();
  for (const key of keys.filter(isLong)) pipeline.pttl(key);
  const ttls = pipeline.length === 0 ? [] : ((await pipeline.exec()) ?? []);
  return {
    cursor: next.toString(),
    names: keys.filter((key) => !isLong(key)),
    longNamesTtlMs: ttls.flatMap(([error, ttl]) => (error === null && ttl !== -2 ? [Number(ttl)] : [])),
  };
}

const isLong = (key: Buffer): boolean => key.length > LONGEST_NAME_BYTES;
