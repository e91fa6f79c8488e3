import type { Redis } from 'ioredis';
import { idleMarkOf } from '../../shared/store/idle-mark.ts';
import { parseInfo } from '../../shared/store/parse-info.ts';
import type { Method } from '../contract/checkpoint.ts';
import { isFault, sendEach } from './ask-each.ts';
import { cachedScript, type ReadOnlyEval } from './cached-script.ts';
import { findUsableScripts, type UsableScripts } from './find-usable-scripts.ts';
import { INSPECT_SCRIPT, pipelinedInspect, scriptedInspect } from './inspect-keys.ts';
import { LIFE_REPLY, LIFE_SCRIPT } from './life-script.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { pipelinedPage } from './pipelined-pages.ts';
import { pipelinedRepair } from './pipelined-repair.ts';
import { keepIdleTimes, pipelinedValues, readTtls, scriptedValues, VALUES_SCRIPT } from './read-values.ts';
import { isElsewhere } from './refusals.ts';
import { scriptedPage } from './scripted-pages.ts';
import { scriptedRepair } from './scripted-repair.ts';
import type { LifeOutcome, LifeRequest, Repaired, RepairRequest, StoreIdentity, SweepStore } from './sweep-store.ts';

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
