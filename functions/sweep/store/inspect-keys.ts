/** What the primary knows about keys that a replica returned as persistent. */
import type { Redis } from 'ioredis';
import type { RunScript } from './cached-script.ts';
import type { Inspected } from './sweep-store.ts';

/**
 * inspectKeys-0: type and idle time of keys that have no TTL. Writes nothing, reads no value and touches no key.
 *
 * ARGV 1…N keys
 * Reply {type or an empty text for a key with a TTL, without existence or in another node's slot; idle seconds or -1, …}
 */
export const INSPECT_SCRIPT = `local replies = {}
for i, key in ipairs(ARGV) do
  local at = (i - 1) * 2
  replies[at + 1], replies[at + 2] = '', -1
  if redis.pcall('PTTL', key) == -1 then
    replies[at + 1] = redis.call('TYPE', key).ok
    local isShared = replies[at + 1] == 'string' and redis.pcall('OBJECT', 'ENCODING', key) == 'int'
    local idle = redis.pcall('OBJECT', 'IDLETIME', key)
    if type(idle) == 'number' and not isShared then replies[at + 2] = idle end
  end
end
return replies`;

/** @param run runs INSPECT_SCRIPT. @returns undefined for a key that is no longer persistent */
export async function scriptedInspect(run: RunScript, keys: readonly Buffer[]): Promise<(Inspected | undefined)[]> {
  if (keys.length === 0) return [];
  const reply = (await run(...keys)) as (Buffer | number)[];
  return keys.map((_, at) => inspected(String(reply[at * 2]), Number(reply[at * 2 + 1])));
}

/** The same where scripts are not allowed. */
export async function pipelinedInspect(redis: Redis, keys: readonly Buffer[]): Promise<(Inspected | undefined)[]> {
  if (keys.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.pttl(key).type(key).object('IDLETIME', key);
  const replies = (await pipeline.exec()) ?? [];
  return keys.map((_, at) => {
    const [[refused, ttl] = [null, null], [, type] = [null, ''], [noIdle, idle] = [null, null]] = replies.slice(at * 3, at * 3 + 3);
    if (refused && !/^(?:MOVED|ASK|NOPERM)/.test(refused.message)) throw refused;
    return ttl === -1 ? inspected(String(type), noIdle ? -1 : Number(idle)) : undefined;
  });
}

const inspected = (type: string, idle: number): Inspected | undefined =>
  type === '' || type === 'none' ? undefined : { type, idleSeconds: idle >= 0 ? idle : undefined };
