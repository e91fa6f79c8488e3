/** The Lua script that changes one life, in the commands that Redis OSS and Valkey share. */

/** Replies of {@link LIFE_SCRIPT}. */
export const LIFE_REPLY = { changed: 1, enough: 0, otherwise: -1, notPermitted: -4 } as const;

/** A life that is nearly long enough stays: each change is a write, on every replica too. */
export const LEAST_RAISE_SECONDS = 60;

/** An anonymous visitor's session has fewer fields and bytes: listing the fields of a larger hash would block the store. */
const MOST_FIELDS = 1_000;
const MOST_BYTES = 1_048_576;

/**
 * changeLife-2: gives a key with a TTL another one, only longer (`raise`) or only shorter (`shorten`) than the one that it has at
 * that moment, as EXPIRE with GT or LT does on engines from 7.0 on. Atomic, so that no login, logout or use comes between check and
 * write. With EVAL_RO and a mode that begins with `dry` it checks, permissions included, and writes nothing.
 *
 * KEYS 1
 * ARGV 1 mode: raise, shorten, dry-raise or dry-shorten; 2 type; 3 seconds; 4 seconds from which the idle time is subtracted, or
 * nothing: the longer one counts; 5 all fields that the hash may have, one a line, or
 * nothing: any; then pairs: a hash field, or nothing for
 * the text, and its value, which must be unchanged
 * Reply one of LIFE_REPLY
 *
 * An unknown idle time counts as none.
 */
export const LIFE_SCRIPT = `local call, key, mode = redis.call, KEYS[1], ARGV[1]
local raises = string.sub(mode, -5) == 'raise'
local ttl = call('PTTL', key)
if ttl < 0 or call('TYPE', key).ok ~= ARGV[2] then return -1 end
if redis.acl_check_cmd and not redis.acl_check_cmd('EXPIRE', key, '1') then return -4 end
local seconds = tonumber(ARGV[3])
if ARGV[4] ~= '' then
  local idle = redis.pcall('OBJECT', 'IDLETIME', key)
  if type(idle) ~= 'number' then idle = 0 end
  seconds = math.max(seconds, tonumber(ARGV[4]) - idle)
end
if ARGV[5] ~= '' then
  if redis.acl_check_cmd and not (redis.acl_check_cmd('HLEN', key) and redis.acl_check_cmd('HKEYS', key)) then return -4 end
  -- A visitor's session has some tens of fields, with short names: what is larger is kept, and its fields are not listed.
  if call('HLEN', key) > ${MOST_FIELDS} then return -1 end
  local bytes = redis.pcall('MEMORY', 'USAGE', key, 'SAMPLES', '0')
  if type(bytes) == 'number' and bytes > ${MOST_BYTES} then return -1 end
  local known = '\\n' .. ARGV[5] .. '\\n'
  for _, field in ipairs(call('HKEYS', key)) do
    -- The names are one per line, so that one with a line feed would pass as two of them.
    local is_known = not string.find(field, '\\n', 1, true) and string.find(known, '\\n' .. field .. '\\n', 1, true)
    if not is_known and call('HSTRLEN', key, field) > 0 then return -1 end
  end
end
for i = 6, #ARGV, 2 do
  local value = ARGV[i + 1]
  local now
  if ARGV[i] == '' then
    now = call('GETRANGE', key, '0', tostring(#value - 1))
  elseif call('HSTRLEN', key, ARGV[i]) == #value then
    now = call('HGET', key, ARGV[i])
  end
  if now ~= value then return -1 end
end
if raises and seconds * 1000 < ttl + ${LEAST_RAISE_SECONDS * 1000} then return 0 end
if not raises and seconds * 1000 >= ttl then return 0 end
if string.sub(mode, 1, 4) ~= 'dry-' then call('EXPIRE', key, string.format('%d', seconds)) end
return 1`;
