import type { Redis } from 'ioredis';
import { sumOf } from '../../shared/arithmetic.ts';
import type { Checkpoint, KeyCounts, Part } from '../contract/checkpoint.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { DialectTally, Tally } from '../contract/tally.ts';
import { NotAPrimary, StoreUnreachable } from '../errors.ts';
import { type ShardLinks, StoreInterrupted, type StoreLink } from '../nodes/store-link.ts';
import { CursorInDoubt, partsOfBuckets, partsOfSlots, WHOLE } from '../pages/key-space.ts';
import { partsFor, type Reading } from '../pages/pace.ts';
import { startAgain } from '../report/count-tally.ts';
import type { CursorOrder } from '../store/sweep-store.ts';
import { isOnlyShard } from '../unit-name.ts';

/** @throws StoreUnreachable, NotAPrimary; StoreInterrupted during a failover */
export function checkNode(link: Pick<StoreLink, 'identity'>, shard: string, storeName: string, isFirst: boolean): void {
  const { role, clustered } = link.identity;
  if (clustered && isOnlyShard(shard))
    throw new StoreUnreachable(
      `${storeName} is a cluster, but did not return its shards when the sweep started. No key was changed. Start the sweep again`,
    );
  if (role === 'master') return;
  const message = `${storeName} is a replica, which does not accept writes. No key was changed. Set store.existing.host to the primary endpoint`;
  // During a failover the endpoint can still point to the former primary.
  throw isFirst ? new NotAPrimary(message) : new StoreInterrupted(message);
}

export interface Start {
  readonly shard: string;
  readonly database: number;
  readonly pace: SweepSettings['pace'];
  /** Pages are read from a replica that no other client uses. */
  readonly isOwn: boolean;
  readonly reading?: Reading | undefined;
}

/**
 * Cursors are valid for one run of one node: on any other the sweep starts at the first page. It does so too when there is another
 * primary, which can lack the last repairs; except if that is the replica that pages were read from.
 * @throws StoreInterrupted
 */
export async function startOnNode(checkpoint: Checkpoint, { reader, writer }: ShardLinks, start: Start): Promise<Partial<Checkpoint>> {
  const { runId } = reader.identity;
  const primaryRunId = writer.identity.runId;
  const { confirmed } = checkpoint;
  const isSameReader = checkpoint.runId === runId;
  if (isSameReader && checkpoint.primaryRunId === primaryRunId) return {};
  if (isSameReader && runId === primaryRunId && confirmed) {
    const tally = restartedTally(confirmed.tally, checkpoint.tally);
    return { primaryRunId, parts: confirmed.parts, tally, confirmed: undefined, setCursors: undefined };
  }
  const isFirst = checkpoint.runId === '';
  return {
    runId,
    primaryRunId,
    ...(await partsOn(reader, start, checkpoint.inDoubt ?? false)),
    method: reader.store.method,
    slots: undefined,
    setCursors: undefined,
    confirmed: undefined,
    tally: isFirst ? checkpoint.tally : startAgain(checkpoint.tally),
    restarts: checkpoint.restarts + Number(!isFirst),
  };
}

/** Only a store that runs scripts is read in parts: it is sure to have the cursors of Redis and Valkey; a serverless cache has its own. */
async function partsOn(link: StoreLink, { shard, database, pace, isOwn, reading }: Start, inDoubt: boolean) {
  const count = partsFor(pace, link.idle, isOwn, reading);
  if (count < 2 || inDoubt || link.store.method !== 'script') return { parts: [WHOLE] };
  const countsBefore = await link.run(() => readKeyCounts(link.redis, database));
  if (countsBefore.keys < LEAST_KEYS && reading?.parts === undefined) return { parts: [WHOLE] };
  return { parts: planParts(count, link.identity.cursorOrder, shard), countsBefore };
}

/**
 * The tally for going back to an earlier position on the same node: keys are counted from there again, repairs since then are kept,
 * as the tally of a restart does. Most of them took effect, and their keys are no longer persistent. Pure.
 */
export function restartedTally(to: Tally, from: Tally): Tally {
  const withRepairs = ([name, earlier]: [string, DialectTally]): [string, DialectTally] => {
    const { repaired, deleted } = from.byDialect[name] ?? earlier;
    const since = repaired + deleted - earlier.repaired - earlier.deleted;
    return [name, { ...earlier, repaired, deleted, sessionsWithoutTtl: earlier.sessionsWithoutTtl + since }];
  };
  return { ...to, byDialect: Object.fromEntries(Object.entries(to.byDialect).map(withRepairs)) };
}

/** A store with fewer keys is read within milliseconds. */
export const LEAST_KEYS = 10_000;

/** The parts in which a node's keys are read. Pure. @param count number of parts @param shard the slots of a shard, as `0-5460` */
export function planParts(count: number, order: CursorOrder, shard: string): readonly Part[] {
  if (order === 'buckets') return partsOfBuckets(count);
  const [, first = '0', last = '0'] = /^(\d+)-(\d+)/.exec(shard) ?? [];
  return partsOfSlots([[Number(first), Number(last)]], count);
}

/** @throws CursorInDoubt when the parts had fewer keys than lived throughout */
export function checkKeysSeen({ parts, countsBefore }: Pick<Checkpoint, 'parts' | 'countsBefore'>, after: KeyCounts): void {
  const seen = sumOf(parts, ({ keys }) => keys);
  const least = countsBefore ? leastKeysSeen(countsBefore, after) : 0;
  if (seen < least) throw new CursorInDoubt(`the parts have ${seen} keys, and the store at least ${least}`);
}

/** Starts again with one cursor from the first page on. Pure. */
export const withOneCursor = ({ tally, restarts }: Pick<Checkpoint, 'tally' | 'restarts'>): Partial<Checkpoint> => ({
  parts: [WHOLE],
  inDoubt: true,
  confirmed: undefined,
  tally: startAgain(tally),
  restarts: restarts + 1,
});

const REMOVES =
  /^cmdstat_(?:del|unlink|getdel|rename|renamenx|move|migrate|hdel|srem|spop|smove|zrem|zpopmin|zpopmax|lpop|rpop|lmove|lrem|xdel):calls=(\d+)/gm;

/** Share of stale keys that a primary leaves to its replicas at most, in percent. @see https://redis.io/docs/latest/commands/expire/ */
const STALE_ON_REPLICAS_PERCENT = 10;

/** @throws the store's error */
export async function readKeyCounts(redis: Redis, database: number): Promise<KeyCounts> {
  const [info, commands] = await Promise.all([redis.info(), redis.info('commandstats')]);
  const number = (pattern: RegExp) => Number(pattern.exec(info)?.[1] ?? 0);
  const stalePercent = Math.max(number(/^expired_stale_perc:([\d.]+)/m), /^role:slave/m.test(info) ? STALE_ON_REPLICAS_PERCENT : 0);
  return {
    keys: number(new RegExp(`^db${database}:keys=(\\d+)`, 'm')),
    stale: Math.ceil((number(new RegExp(`^db${database}:keys=\\d+,expires=(\\d+)`, 'm')) * stalePercent) / 100),
    expired: number(/^expired_keys:(\d+)/m),
    evicted: number(/^evicted_keys:(\d+)/m),
    removals: sumOf([...commands.matchAll(REMOVES)], ([, calls]) => Number(calls)),
  };
}

/** Keys with a TTL in one database; 0 where the engine does not report it. @throws the store's error */
export const readExpiring = async (redis: Redis, database: number): Promise<number> =>
  Number(new RegExp(`^db${database}:keys=\\d+,expires=(\\d+)`, 'm').exec(await redis.info('keyspace'))?.[1] ?? 0);

/**
 * The least number of keys that a complete sweep must have seen: those that were there at the beginning and at the end, minus those that
 * were removed meanwhile. Pure.
 */
export function leastKeysSeen(before: KeyCounts, after: KeyCounts): number {
  const since = (part: 'expired' | 'evicted' | 'removals') => Math.max(0, after[part] - before[part]);
  const least = Math.min(before.keys - before.stale, after.keys - after.stale);
  return least - since('expired') - since('evicted') - since('removals');
}
