/** Removes members from Spring's principal index whose session no longer exists. */
import type { Redis } from 'ioredis';
import type { Classify } from './classify-key.ts';

/** Maximum numbers of members: per page of an index, and per sweep. */
const PAGE = 100;
const MAX_MEMBERS = 100_000;
/** Time between two checks: when a session's id changes, the index has the new id before the key has that name. */
const SETTLE_MS = 2_000;

export interface ReconcileWork {
  readonly classify: Classify;
  readonly dryRun: boolean;
  readonly pause: (ms: number) => Promise<unknown>;
  /** When true, the search stops; the members that it found are removed. */
  readonly isOver: () => boolean;
}

/**
 * Scans index sets, and removes members that were dead at two checks.
 * @param keys of structural sets
 * @returns the number of removed members; in a dry run, of members to remove
 */
export async function reconcileIndex(redis: Redis, keys: readonly Buffer[], work: ReconcileWork): Promise<number> {
  const dead: { readonly key: Buffer; readonly member: Buffer; readonly session: Buffer }[] = [];
  let seen = 0;
  for (const key of keys) {
    const memberKey = work.classify(key.toString('latin1'), 'set')?.rule.memberKey;
    if (!memberKey) continue;
    let cursor = '0';
    do {
      if (work.isOver() || seen >= MAX_MEMBERS) break;
      const [next, members] = await redis.sscanBuffer(key, cursor, 'COUNT', PAGE);
      cursor = next.toString();
      seen += members.length;
      const candidates = members.flatMap((member) => {
        const session = memberKey(key.toString('latin1'), member.toString('latin1'));
        return session === undefined ? [] : [{ key, member, session: Buffer.from(session, 'latin1') }];
      });
      dead.push(...(await withoutSession(redis, candidates)));
    } while (cursor !== '0');
  }
  if (dead.length === 0) return 0;
  await work.pause(SETTLE_MS);
  const stillDead = await withoutSession(redis, dead);
  if (work.dryRun) return stillDead.length;
  const pipeline = redis.pipeline();
  for (const { key, member } of stillDead) pipeline.srem(key, member);
  const replies = (await pipeline.exec()) ?? [];
  return replies.filter(([error, removed]) => !error && removed === 1).length;
}

async function withoutSession<T extends { readonly session: Buffer }>(redis: Redis, candidates: readonly T[]): Promise<T[]> {
  if (candidates.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const { session } of candidates) pipeline.exists(session);
  const replies = (await pipeline.exec()) ?? [];
  return candidates.filter((_, index) => {
    const [error, exists] = replies[index] ?? [];
    return !error && exists === 0;
  });
}
