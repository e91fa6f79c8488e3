/** Repairs by a script on the server, which checks and writes in one step. */

import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  type Guard,
  inGroups,
  isCommandRefusal,
  isElsewhere,
  isKeylessRefusal,
  isRefusal,
  type Repaired,
  type RepairOutcome,
  type RepairRequest,
  sendEach,
} from './sweep-store.ts';

/** The Lua script of repairs, in the commands that Redis OSS and Valkey share. */

/** Replies of {@link REPAIR_SCRIPT}; a negative one is the reason why a key was not repaired. */
const REPAIR_REPLY = { hasTtl: 0, done: 1, gone: -1, otherType: -2, usedMeanwhile: -3, notPermitted: -4 } as const;

/**
 * repairKeys-N: gives each key its TTL, or unlinks it, unless it changed since its page was read: it skips a key with a TTL
 * that the application has set, a key of another type, and a key that was used. Atomic: nothing happens between check and
 * write. Does what EXPIRE NX does, on every engine. With EVAL_RO and a mode that begins with `dry` it checks and writes nothing.
 *
 * KEYS 1…N
 * ARGV 1 mode: expire, delete, dry-expire or dry-delete; then five per key: type; seconds; guard, which must be unchanged:
 * `field:NAME`, `text` or nothing; the guard's value: the field's value or the beginning of the text; and the minimum of idle
 * seconds, or nothing
 * Reply one of REPAIR_REPLY per key
 *
 * Permissions are asked for first (`acl_check_cmd`): a refused command would end the script, whose earlier keys are repaired
 * by then; and a dry run reports what the real run is refused. EVAL is asked for as well, because it reads and writes its keys,
 * and EVAL_RO only reads them. Engines before Redis 7.0 do not have that function: there the command fails.
 */
const REPAIR_SCRIPT = `local call, check, mode = redis.call, redis.acl_check_cmd, ARGV[1]
local isDry = string.sub(mode, 1, 3) == 'dry'
local isDelete = string.sub(mode, -6) == 'delete'
local function isPermitted(key, guard, idle)
  if not check then return true end
  if isDry and not check('EVAL', '', '1', key) then return false end
  if idle ~= '' and not check('OBJECT', 'IDLETIME', key) then return false end
  if guard == 'text' and not check('GETRANGE', key, '0', '0') then return false end
  if string.sub(guard, 1, 6) == 'field:' and not (check('HSTRLEN', key, '') and check('HGET', key, '')) then return false end
  if isDelete then return check('UNLINK', key) end
  return check('EXPIRE', key, '1')
end
local function isUnchanged(key, guard, value, idle)
  if idle ~= '' and call('OBJECT', 'IDLETIME', key) < tonumber(idle) then return false end
  if guard == '' then return true end
  if guard == 'text' then return call('GETRANGE', key, '0', tostring(#value - 1)) == value end
  local field = string.sub(guard, 7)
  -- A value of another length is another one, however many bytes it has.
  return call('HSTRLEN', key, field) == #value and call('HGET', key, field) == value
end
local replies = {}
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 5
  local ttl = call('PTTL', key)
  if ttl ~= -1 then
    replies[i] = ttl == -2 and -1 or 0
  elseif call('TYPE', key).ok ~= ARGV[at] then
    replies[i] = -2
  elseif not isPermitted(key, ARGV[at + 2], ARGV[at + 4]) then
    replies[i] = -4
  elseif not isUnchanged(key, ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]) then
    replies[i] = -3
  elseif isDry then
    replies[i] = 1
  elseif isDelete then
    replies[i] = call('UNLINK', key)
  else
    replies[i] = call('EXPIRE', key, ARGV[at + 1])
  end
end
return replies`;

/** Keys per call. The script blocks the server for some 3 µs per key. */
const KEYS_PER_CALL = 50;

type Outcomes = Map<RepairRequest, RepairOutcome | undefined>;

/**
 * Once a reply is missing, nothing more is sent. What a user without permission for EVAL asked for counts as not sent.
 * @param evaluate for the dry run
 * @param together false where the keys of one call can be in different slots
 */
export async function scriptedRepair(
  redis: Redis,
  evaluate: ReadOnlyEval,
  together: boolean,
  requests: readonly RepairRequest[],
  dry: boolean,
): Promise<Repaired> {
  const outcomes: Outcomes = new Map();
  let interruption: Error | undefined;
  const run = async (action: RepairRequest['action'], calls: readonly RepairRequest[][]): Promise<void> => {
    const words = [dry ? evaluate : 'EVAL', dry ? `dry-${action}` : action] as const;
    const replies = await sendEach(redis, calls, (pipeline, call) => pipeline.callBuffer(words[0], ...repairArguments(call, words[1])));
    const alone: RepairRequest[] = [];
    for (const [index, call] of calls.entries()) {
      const [error, reply] = replies[index] ?? [new Error('no reply')];
      if (error && isCommandRefusal(error, words[0])) continue;
      // One key without permission, or on another node, fails its whole call, before anything is written.
      if (error && call.length > 1 && isRefusal(error)) alone.push(...call);
      else for (const [at, request] of call.entries()) outcomes.set(request, outcomeOf(error, (reply as number[] | undefined)?.[at]));
      if (error && !isRefusal(error)) interruption ??= error;
    }
    if (alone.length > 0 && !interruption) await run(action, inGroups(alone, 1));
  };
  for (const action of ['expire', 'delete'] as const) {
    const wanted = requests.filter((request) => request.action === action);
    if (!interruption) await run(action, inGroups(wanted, together ? KEYS_PER_CALL : 1));
  }
  return {
    outcomes: requests.map((request) => (outcomes.has(request) ? outcomes.get(request) : 'not-sent')),
    ...(interruption && { interruption }),
  };
}

function outcomeOf(error: Error | null, reply: number | undefined): RepairOutcome | undefined {
  if (error) return isElsewhere(error) ? 'changed-meanwhile' : isRefusal(error) ? 'not-permitted' : undefined;
  if (reply === REPAIR_REPLY.notPermitted) return 'not-permitted';
  return reply === REPAIR_REPLY.done ? 'done' : 'changed-meanwhile';
}

function repairArguments(call: readonly RepairRequest[], mode: string): (string | number | Buffer)[] {
  const values = call.flatMap(({ type, seconds, guard }) => [type, seconds, ...guardArguments(guard)]);
  return [REPAIR_SCRIPT, call.length, ...call.map(({ key }) => key), mode, ...values];
}

/** The guard, its value, and the minimum of idle seconds. */
function guardArguments(guard: Guard): [string, string | Buffer, string | number] {
  switch (guard.kind) {
    case 'none':
      return ['', '', ''];
    case 'field':
      return [`field:${guard.field}`, guard.value, guard.idleSeconds ?? ''];
    case 'text':
      return ['text', guard.value, guard.idleSeconds ?? ''];
    case 'idle':
      return ['', '', guard.seconds];
  }
}

/** The command that runs a read-only script: EVAL_RO refuses writes, but engines before 7 do not have it. */
export type ReadOnlyEval = 'EVAL_RO' | 'EVAL';

/** Runs a script without keys. @returns its reply, with strings as bytes */
export type RunScript = (...words: readonly (string | number | Buffer)[]) => Promise<unknown>;

/**
 * Sends the script once, and then its hash: to send and hash two kilobytes takes a twentieth of a page's time. Sends it again
 * to a server that no longer caches it, and each time for a user without permission for the hash command.
 */
export function cachedScript(redis: Pick<Redis, 'callBuffer'>, evaluate: ReadOnlyEval, script: string): RunScript {
  const hash = createHash('sha1').update(script).digest('hex');
  const evaluateHash = evaluate === 'EVAL_RO' ? 'EVALSHA_RO' : 'EVALSHA';
  let byHash = true;
  return async (...words) => {
    if (byHash) {
      try {
        return await redis.callBuffer(evaluateHash, hash, 0, ...words);
      } catch (error) {
        const { message } = error as Error;
        byHash = message.startsWith('NOSCRIPT');
        if (!byHash && !/^(?:NOPERM|ERR unknown command)/i.test(message)) throw error;
      }
    }
    return await redis.callBuffer(evaluate, script, 0, ...words);
  };
}

/** What the sweep's user can do with scripts on this store. */
export interface UsableScripts {
  /** Runs scripts without keys that only read; undefined where none is allowed: ElastiCache Serverless refuses them. */
  readonly readOnly: ReadOnlyEval | undefined;
  /** EVAL is allowed. A user can have EVAL_RO alone. */
  readonly canWrite: boolean;
}

/** @throws when the store does not answer */
export async function findUsableScripts(redis: Pick<Redis, 'call'>): Promise<UsableScripts> {
  const isReadable = await isUsable(redis, 'EVAL_RO');
  const canWrite = await isUsable(redis, 'EVAL');
  return { readOnly: isReadable ? 'EVAL_RO' : canWrite ? 'EVAL' : undefined, canWrite };
}

async function isUsable(redis: Pick<Redis, 'call'>, evaluate: ReadOnlyEval): Promise<boolean> {
  try {
    await redis.call(evaluate, 'return 1', 0);
    return true;
  } catch (error) {
    if (/^(?:NOPERM|ERR unknown command)/i.test((error as Error).message) || isKeylessRefusal(error as Error)) return false;
    throw error;
  }
}
