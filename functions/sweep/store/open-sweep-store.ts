import type { Redis } from 'ioredis';
import { idleMarkOf, parseInfo } from '../../shared/store/parse-info.ts';
import type { Method } from '../contract/checkpoint.ts';
import { LIFE_REPLY, LIFE_SCRIPT } from './life-script.ts';
import { LONGEST_NAME_BYTES, MEASURED_ELEMENTS, PAGE_SCRIPT } from './page-script.ts';
import { pipelinedRepair } from './pipelined-repair.ts';
import { keepIdleTimes, pipelinedValues, readTtls, scriptedValues, VALUES_SCRIPT } from './read-values.ts';
import {
  cachedScript,
  findUsableScripts,
  type ReadOnlyEval,
  type RunScript,
  scriptedRepair,
  type UsableScripts,
} from './scripted-repair.ts';
import {
  askEach,
  type Inspected,
  inGroups,
  isElsewhere,
  isFault,
  type LifeOutcome,
  type LifeRequest,
  type Page,
  type PageRequest,
  type Repaired,
  type RepairRequest,
  type Reply,
  type Sample,
  type StoreIdentity,
  type SweepStore,
  sendEach,
} from './sweep-store.ts';

/** Opens a sweep's view of a connected store, and finds out how to read its pages. @throws when the store does not answer */
export async function openSweepStore(redis: Redis): Promise<SweepStore & { readonly identity: StoreIdentity }> {
  const identity = readIdentity(await redis.info());
  const readsKeepIdle = await keepIdleTimes(redis);
  const scripts = await findUsableScripts(redis);
  const runPage = scripts.readOnly && cachedScript(redis, scripts.readOnly, PAGE_SCRIPT);
  const runInspect = scripts.readOnly && cachedScript(redis, scripts.readOnly, INSPECT_SCRIPT);
  const runValues = scripts.readOnly && cachedScript(redis, scripts.readOnly, VALUES_SCRIPT);
  const method: Method = runPage === undefined ? 'pipeline' : 'script';
  return {
    identity,
    identify: async () => readIdentity(await redis.info()),
    method,
    pageCommands: scripts.readOnly && (scripts.readOnly === 'EVAL_RO' ? ['evalsha_ro', 'eval_ro'] : ['evalsha', 'eval']),
    page: (request) => (runPage ? scriptedPage(runPage, request) : pipelinedPage(redis, request)),
    inspect: (keys) => (runInspect ? scriptedInspect(runInspect, keys) : pipelinedInspect(redis, keys)),
    readsKeepIdle,
    readValues: (wanted, together) => (together && runValues ? scriptedValues(runValues, wanted) : pipelinedValues(redis, wanted)),
    readTtls: (keys) => readTtls(redis, keys),
    repair: createRepair(redis, scripts, !identity.clustered),
    changeLives: (requests, dry) => applyLives(redis, scripts.readOnly, requests, dry),
  };
}

function readIdentity(info: string): StoreIdentity {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const clustered = field('redis_mode') === 'cluster' || field('server_mode') === 'cluster';
  return {
    // ElastiCache Serverless is one endpoint, without nodes of its own.
    runId: field('run_id') || 'not-reported',
    replicationId: field('master_replid'),
    role: field('role') === 'slave' ? 'slave' : 'master',
    idleMark: idleMarkOf(parseInfo(info)),
    version: field('valkey_version') || field('redis_version'),
    clustered,
    cursorOrder: clustered && hasTablePerSlot(field('valkey_version'), field('redis_version')) ? 'slots' : 'buckets',
  };
}

/** In cluster mode, since Valkey 8.0 and Redis 7.4. Valkey also reports the version of Redis that it is compatible with. */
function hasTablePerSlot(valkey: string, redis: string): boolean {
  const [major = 0, minor = 0] = (valkey || redis).split('.').map(Number);
  return major >= 8 || (valkey === '' && major === 7 && minor >= 4);
}

/**
 * Repairs by a script if the user is allowed to run one that writes, otherwise by EXPIRE with NX. A dry run checks by the same means.
 * @param together false where keys can be in different slots
 */
function createRepair(redis: Redis, { readOnly, canWrite }: UsableScripts, together: boolean) {
  let byScript = canWrite;
  return async (requests: readonly RepairRequest[], dry: boolean): Promise<Repaired> => {
    if (!byScript || !readOnly) return pipelinedRepair(redis, requests, dry);
    const scripted = await scriptedRepair(redis, readOnly, together, requests, dry);
    const refused = requests.filter((_, index) => scripted.outcomes[index] === 'not-sent');
    if (scripted.interruption || refused.length === 0) return scripted;
    // The user lost the permission for scripts since this connection was opened.
    byScript = false;
    const { outcomes, ...rest } = await pipelinedRepair(redis, refused, dry);
    const outcomeOf = new Map(refused.map((request, index) => [request, outcomes[index]]));
    return {
      outcomes: requests.map((request, index) => (outcomeOf.has(request) ? outcomeOf.get(request) : scripted.outcomes[index])),
      ...rest,
    };
  };
}

/** @param readOnly command for the dry run, which runs the same script as the real run but cannot write */
export async function applyLives(
  redis: Redis,
  readOnly: ReadOnlyEval | undefined,
  requests: readonly LifeRequest[],
  dry: boolean,
): Promise<readonly LifeOutcome[]> {
  const evaluate = dry ? (readOnly ?? 'EVAL') : 'EVAL';
  const replies = await sendEach(redis, requests, (pipeline, request) => pipeline.callBuffer(evaluate, ...argumentsOf(request, dry)));
  return requests.map((_, index): LifeOutcome => {
    const [error, reply] = replies[index] ?? [new Error('no reply'), undefined];
    if (error) return isElsewhere(error) ? 'kept' : isFault(error) ? { error } : 'not-permitted';
    if (reply === LIFE_REPLY.notPermitted) return 'not-permitted';
    return reply === LIFE_REPLY.changed ? 'changed' : 'kept';
  });
}

function argumentsOf({ key, type, life, unchanged }: LifeRequest, dry: boolean): (string | number | Buffer)[] {
  const { how, leastSeconds, unusedSeconds = '', onlyFields = [] } = life;
  const values = unchanged.flatMap(({ field, value }) => [field, value]);
  return [LIFE_SCRIPT, 1, key, `${dry ? 'dry-' : ''}${how}`, type, leastSeconds, unusedSeconds, onlyFields.join('\n'), ...values];
}

/**
 * inspectKeys-0: type and idle time of keys that have no TTL. Writes nothing, reads no value and touches no key.
 *
 * ARGV 1…N keys
 * Reply {type or an empty text for a key with a TTL, without existence or in another node's slot; idle seconds or -1, …}
 */
const INSPECT_SCRIPT = `local replies = {}
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
async function scriptedInspect(run: RunScript, keys: readonly Buffer[]): Promise<(Inspected | undefined)[]> {
  if (keys.length === 0) return [];
  const reply = (await run(...keys)) as (Buffer | number)[];
  return keys.map((_, at) => inspected(String(reply[at * 2]), Number(reply[at * 2 + 1])));
}

/** The same where scripts are not allowed. */
async function pipelinedInspect(redis: Redis, keys: readonly Buffer[]): Promise<(Inspected | undefined)[]> {
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

/** SCAN, PTTL, TYPE, MEMORY USAGE, OBJECT IDLETIME, OBJECT ENCODING and TIME. */
const ROUND_TRIPS = 7;

async function pipelinedPage(redis: Redis, { cursor, count, sampleEvery, sinceSample }: PageRequest): Promise<Page> {
  const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', count);
  const ttls = await askEach(redis, keys, (pipeline, key) => pipeline.pttl(key));
  const persistent = keys.filter((_, index) => ttls[index]?.[1] === -1);
  const sampled = keys.filter((_, index) => Number(ttls[index]?.[1]) >= 0 && (index + 1 + sinceSample) % sampleEvery === 0);
  // Names that are too long for a session's have been sent already: only a script could have kept them on the server.
  const isShort = (key: Buffer) => key.length <= LONGEST_NAME_BYTES;
  const [shortPersistent, shortSampled] = [persistent.filter(isShort), sampled.filter(isShort)];
  const inspected = [...shortPersistent, ...shortSampled];
  const types = await askEach(redis, inspected, (pipeline, key) => pipeline.type(key));
  const bytes = await askEach(redis, inspected, (pipeline, key) => pipeline.memory('USAGE', key, 'SAMPLES', MEASURED_ELEMENTS));
  const idle = await askEach(redis, shortPersistent, (pipeline, key) => pipeline.object('IDLETIME', key));
  // A whole number can be one object for many keys (scripts.ts).
  const encodings = await askEach(redis, inspected, (pipeline, key) => pipeline.object('ENCODING', key));
  const isInteger = (index: number) => encodings[index]?.[1] === 'int';
  const [time] = await askEach(redis, ['TIME'], (pipeline) => pipeline.time());
  const weighed = inspected.map((key, index) => ({
    key,
    type: isInteger(index) ? 'integer' : String(types[index]?.[1]),
    bytes: numberOf(bytes[index]),
  }));
  return {
    cursor: next.toString(),
    keys: keys.length,
    roundTrips: ROUND_TRIPS,
    serverTimeMs: timeOf(time),
    // A key that no longer exists has the type none.
    persistentKeys: weighed
      .slice(0, shortPersistent.length)
      .map((one, index) => ({ ...one, idleSeconds: isInteger(index) ? undefined : numberOf(idle[index]) }))
      .filter(({ type }) => type !== 'none'),
    samples: weighed
      .slice(shortPersistent.length)
      .map((one) => ({ ...one, weight: sampleEvery }))
      .filter(({ type }) => type !== 'none'),
    longNames: { persistent: persistent.length - shortPersistent.length, sampled: (sampled.length - shortSampled.length) * sampleEvery },
    larger: [], // measuring every key would double the commands
  };
}

/** Milliseconds since the epoch. A store that does not give its time leaves the function's: of both the earlier one counts. */
function timeOf([error, value]: Reply = [null, undefined]): number {
  if (error || !Array.isArray(value)) return Number.MAX_SAFE_INTEGER;
  const [seconds, micros] = value.map(Number) as [number, number];
  return seconds * 1000 + Math.floor(micros / 1000);
}

const numberOf = ([error, value]: Reply = [null, undefined]): number | undefined =>
  !error && value !== null && Number(value) >= 0 ? Number(value) : undefined;

/** Pages by a script on the server: one round trip each, and little data over the network. */
type Value = Buffer | number;
type ScriptReply = [Buffer, number, number, Value[], Value[], Value[], number, number];

const EACH = { every: 1, since: 0 };

/** @param runPage runs PAGE_SCRIPT */
async function scriptedPage(runPage: RunScript, request: PageRequest): Promise<Page> {
  const { cursor, count, sampleEvery, sinceSample, largeFromBytes, measured = EACH } = request;
  const reply = await runPage(cursor, count, sampleEvery, sinceSample, largeFromBytes, measured.every, measured.since);
  const [next, keys, serverTimeMs, persistentKeys, samples, larger, longPersistent, longSampled] = reply as ScriptReply;
  return {
    cursor: next.toString(),
    keys,
    serverTimeMs: serverTimeMs < 0 ? Number.POSITIVE_INFINITY : serverTimeMs,
    roundTrips: 1,
    persistentKeys: inGroups(persistentKeys, 4).map(([key, type, idle, bytes]) => ({
      key: key as Buffer,
      type: String(type),
      idleSeconds: known(idle),
      bytes: known(bytes),
    })),
    samples: inGroups(samples, 3).map((words) => weighed(words, sampleEvery)),
    larger: inGroups(larger, 3).map((words) => weighed(words, 0)),
    longNames: { persistent: longPersistent, sampled: longSampled * sampleEvery },
  };
}

const weighed = ([key, type, bytes]: readonly Value[], weight: number): Sample => ({
  key: key as Buffer,
  type: String(type),
  bytes: known(bytes),
  weight,
});

const known = (value: Value | undefined): number | undefined => (typeof value === 'number' && value >= 0 ? value : undefined);
