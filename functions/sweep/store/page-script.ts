/**
 * The Lua script of a page, in the commands that Redis OSS and Valkey share. The sweep's user needs no permission to load
 * scripts: EVAL caches a script under its hash.
 */

/** Bytes of a name. One with more is no session's: it is counted on the server as unknown, and is not returned. */
export const LONGEST_NAME_BYTES = 1_024;

/**
 * Elements of a hash, set or list that are measured to estimate its size; a session has some tens of attributes. The engine's own 5 mostly
 * miss the one large attribute of a session, or take it for a fifth of them all. Measured on Valkey 8.0, a hash of 30 fields takes 1 µs
 * longer than with 5, and one of 1,000 fields 40 µs: a page of ten such keys stays within half a millisecond.
 */
export const MEASURED_ELEMENTS = 100;

/**
 * listPage-0: one page of SCAN. Returns its persistent keys, a sample of the keys with a TTL, and the large ones among the
 * others. Writes nothing (EVAL_RO), reads no value, and touches no key: PTTL, TYPE, OBJECT IDLETIME and MEMORY USAGE do not
 * change a key's last access; STRLEN and HLEN would.
 *
 * ARGV 1 cursor, 2 COUNT, 3 one in `<count>` keys is sampled, 4 keys since the last sampled one, 5 keys with more bytes are returned too;
 * 0: none, which saves two fifths of a page's time, 6 one in `<count>` keys is measured for that, 7 keys since the last measured one
 * Reply {cursor, number of keys, server time in ms or -1, {key, type, idle seconds or -1, bytes or -1, …}, {key, type, bytes or -1, …} of
 * the sample, the same for large keys, number of persistent keys and of sampled ones whose names are too long to be returned}. The time
 * is the script's start: TIME does not go on in a script (Redis 7.2, Valkey). Only persistent keys need it.
 *
 * Most keys need a PTTL only, so the first loop has nothing else in it. A script cannot access a key in a slot that is being
 * migrated, which ends that loop: the next sweep handles such keys. OBJECT IDLETIME fails under an LFU policy, and neither it
 * nor MEMORY USAGE is available everywhere: -1 means unknown. So is the idle time of a whole number: without an LRU policy small
 * ones are one object for all keys, whose idle time is not the key's, even of a key that was set just now. Its type is `integer`.
 */
export const PAGE_SCRIPT = `local call = redis.call
local page = call('SCAN', ARGV[1], 'COUNT', ARGV[2])
local keys, every, since, large = page[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local persistentKeys, samples, larger, seen, long = {}, {}, {}, {}, { 0, 0 }
local function isLong(key, kind)
  if #key <= ${LONGEST_NAME_BYTES} then return false end
  long[kind] = long[kind] + 1
  return true
end
local function persistent(call, keys)
  local found = {}
  for i = 1, #keys do
    if call('PTTL', keys[i]) == -1 then found[#found + 1] = i end
  end
  return found
end
local function known(reply)
  return type(reply) == 'number' and reply or -1
end
local function kindOf(key)
  local kind = call('TYPE', key).ok
  return (kind == 'string' and redis.pcall('OBJECT', 'ENCODING', key) == 'int') and 'integer' or kind
end
local function bytes(key)
  return known(redis.pcall('MEMORY', 'USAGE', key, 'SAMPLES', '${MEASURED_ELEMENTS}'))
end
local ok, found = pcall(persistent, call, keys)
if not ok then
  local here = {}
  for i = 1, #keys do
    local ttl = redis.pcall('PTTL', keys[i])
    if type(ttl) == 'number' then
      here[#here + 1] = keys[i]
    elseif not string.find(ttl.err, 'non local key', 1, true) then
      return ttl
    end
  end
  keys, found = here, persistent(call, here)
end
for n = 1, #found do
  local key = keys[found[n]]
  seen[found[n]] = true
  if not isLong(key, 1) then
    local at, kind = #persistentKeys, kindOf(key)
    persistentKeys[at + 1] = key
    persistentKeys[at + 2] = kind
    persistentKeys[at + 3] = kind == 'integer' and -1 or known(redis.pcall('OBJECT', 'IDLETIME', key))
    persistentKeys[at + 4] = bytes(key)
  end
end
local function weigh(list, i, used)
  local n = #list
  seen[i] = true
  list[n + 1] = keys[i]
  list[n + 2] = kindOf(keys[i])
  list[n + 3] = used
end
for i = every - since, #keys, every do
  if not seen[i] and not isLong(keys[i], 2) then weigh(samples, i, bytes(keys[i])) end
end
for i = tonumber(ARGV[6]) - tonumber(ARGV[7]), large > 0 and #keys or 0, tonumber(ARGV[6]) do
  local used = (seen[i] or #keys[i] > ${LONGEST_NAME_BYTES}) and 0 or bytes(keys[i])
  if used > large then weigh(larger, i, used) end
end
local time = #found > 0 and call('TIME')
return { page[1], #page[2], time and time[1] * 1000 + math.floor(time[2] / 1000) or -1, persistentKeys, samples, larger, long[1], long[2] }`;
