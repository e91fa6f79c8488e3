/**
 * What a sweep runs on the server: Lua, in the words that Redis OSS and Valkey share. The sweep's user needs no right
 * to load scripts: whoever sends one whole has the server keep it by its hash.
 */

/**
 * listPage-0: one page of SCAN, of which only those keys come back that never expire, a sample of the others, and those of
 * them that are large. Writes nothing (EVAL_RO), reads no value, and touches no key: PTTL, TYPE, OBJECT IDLETIME and MEMORY
 * USAGE leave the last access as it is; STRLEN and HLEN would count as one.
 *
 * ARGV 1 cursor, 2 COUNT, 3 one in so many keys is sampled, 4 keys since the last one that was, 5 every key of more than so
 * many bytes comes back too; 0 for none, which saves a third of a page's time
 * Reply {cursor, keys, server's time in ms, what the page took of it in µs, {key, type, idle seconds or -1, bytes or -1, …},
 * {key, type, bytes or -1, …} of the sample, the same of large keys}
 *
 * Nearly all keys are asked for their TTL and nothing else, so that loop has no more in it. A key of a slot that is on its way
 * to this node, or from it, may not be looked at by a script and ends that loop: such keys are left for another sweep.
 * OBJECT IDLETIME fails under an LFU policy, and neither it nor MEMORY USAGE is everywhere: -1 stands for what is not known.
 */
export const PAGE_SCRIPT = `local call = redis.call
local began = call('TIME')
local page = call('SCAN', ARGV[1], 'COUNT', ARGV[2])
local keys, every, since, large = page[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local offenders, samples, larger, told = {}, {}, {}, {}
local function everlasting(call, keys)
  local found = {}
  for i = 1, #keys do
    if call('PTTL', keys[i]) == -1 then found[#found + 1] = i end
  end
  return found
end
local function known(reply)
  return type(reply) == 'number' and reply or -1
end
local function bytes(key)
  return known(redis.pcall('MEMORY', 'USAGE', key, 'SAMPLES', '5'))
end
local fine, found = pcall(everlasting, call, keys)
if not fine then
  local here = {}
  for i = 1, #keys do
    local ttl = redis.pcall('PTTL', keys[i])
    if type(ttl) == 'number' then
      here[#here + 1] = keys[i]
    elseif not string.find(ttl.err, 'non local key', 1, true) then
      return ttl
    end
  end
  keys, found = here, everlasting(call, here)
end
for n = 1, #found do
  local key, at = keys[found[n]], (n - 1) * 4
  told[found[n]] = true
  offenders[at + 1] = key
  offenders[at + 2] = call('TYPE', key).ok
  offenders[at + 3] = known(redis.pcall('OBJECT', 'IDLETIME', key))
  offenders[at + 4] = bytes(key)
end
local function weigh(list, i, used)
  local n = #list
  told[i] = true
  list[n + 1] = keys[i]
  list[n + 2] = call('TYPE', keys[i]).ok
  list[n + 3] = used
end
for i = every - since, #keys, every do
  if not told[i] then weigh(samples, i, bytes(keys[i])) end
end
for i = 1, large > 0 and #keys or 0 do
  local used = told[i] and 0 or bytes(keys[i])
  if used > large then weigh(larger, i, used) end
end
local time = call('TIME')
local took = (time[1] - began[1]) * 1000000 + time[2] - began[2]
return { page[1], #page[2], time[1] * 1000 + math.floor(time[2] / 1000), took, offenders, samples, larger }`;

/** Replies of {@link MEND_SCRIPT}; the negative ones say why a key was left. */
export const MEND_REPLY = { hasTtl: 0, done: 1, gone: -1, otherType: -2, usedMeanwhile: -3 } as const;

/**
 * mendKeys-N: gives each key its TTL, or unlinks it, unless it changed since its page was read: a TTL that the application
 * set meanwhile stays, as does a key of another type, or one that was used. Atomic, so nothing comes between look and write;
 * does what EXPIRE NX does, on every engine. Run by EVAL_RO with the mode `dry` it looks and writes nothing.
 *
 * KEYS 1…N
 * ARGV 1 mode: expire, delete or dry; then four a key: type; seconds; what must be as it was: `field:NAME`, `text`, `idle` or
 * nothing; and how it was: the field's value, the text's beginning, the least idle seconds
 * Reply one of MEND_REPLY a key
 */
export const MEND_SCRIPT = `local call, mode = redis.call, ARGV[1]
local function isAsItWas(key, guard, value)
  if guard == '' then return true end
  if guard == 'idle' then return call('OBJECT', 'IDLETIME', key) >= tonumber(value) end
  if guard == 'text' then return call('GETRANGE', key, '0', tostring(#value - 1)) == value end
  return call('HGET', key, string.sub(guard, 7)) == value
end
local replies = {}
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 4
  local ttl = call('PTTL', key)
  if ttl ~= -1 then
    replies[i] = ttl == -2 and -1 or 0
  elseif call('TYPE', key).ok ~= ARGV[at] then
    replies[i] = -2
  elseif not isAsItWas(key, ARGV[at + 2], ARGV[at + 3]) then
    replies[i] = -3
  elseif mode == 'expire' then
    replies[i] = call('EXPIRE', key, ARGV[at + 1])
  elseif mode == 'delete' then
    replies[i] = call('UNLINK', key)
  else
    replies[i] = 1
  end
end
return replies`;
