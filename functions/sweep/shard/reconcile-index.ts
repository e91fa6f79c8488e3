/** Finds members of Spring's principal index whose session no longer exists, and removes them. */
import type { Redis } from 'ioredis';
import { InvalidSweep } from '../errors.ts';
import type { Classify } from '../keys/classify-key.ts';
import { faultIn, type Reply, sendEach } from '../store/ask-each.ts';
import { isCommandRefusal } from '../store/refusals.ts';

/** SSCAN's COUNT per set, and the number of sets of one step: a step reads some thousand members. */
const MEMBERS = 100;
export const SETS_AT_ONCE = 10;
/**
 * Session ids as Spring's serializers write them: plain, as JSON, and by the JDK. The server compares each member before it replies, and
 * each pattern has one length, so that no other member leaves it: one can have 100 MB.
 */
const UUID_GLOB = ['?'.repeat(8), '?'.repeat(4), '?'.repeat(4), '?'.repeat(4), '?'.repeat(12)].join('-');
const MEMBER_GLOBS: readonly Buffer[] = [UUID_GLOB, `"${UUID_GLOB}"`, `\xac\xed\x00\x05t??${UUID_GLOB}`].map((glob) =>
  Buffer.from(glob, 'latin1'),
);

/**
 * A member is removed only if its session is missing twice, this time apart: while a session's id changes, the index has the new id before
 * the key is renamed.
 */
export const SETTLE_MS = 2_000;

/** A set of session ids, and where its SSCAN goes on. */
export interface IndexSet {
  readonly key: Buffer;
  readonly cursor: string;
  readonly sessionOf: (member: Buffer) => Buffer | undefined;
}

/** A member without a session. */
export interface DeadMember {
  readonly key: Buffer;
  readonly member: Buffer;
  readonly session: Buffer;
}

/** Undefined for a key that is no set of session ids. */
export function indexSetOf(key: Buffer, type: string, classify: Classify): IndexSet | undefined {
  const name = key.toString('latin1');
  const memberKey = type === 'set' ? classify(name, 'set')[0]?.rule.memberKey : undefined;
  if (memberKey === undefined) return undefined;
  const sessionOf = (member: Buffer) => {
    const session = memberKey(name, member.toString('latin1'));
    return session === undefined ? undefined : Buffer.from(session, 'latin1');
  };
  return { key, cursor: '0', sessionOf };
}

/**
 * One step of SSCAN in each of a few sets.
 * @returns the sets' next cursors, `0` for one that is complete, and their dead members. @throws the store's own errors
 */
export async function scanSets(
  redis: Redis,
  sets: readonly IndexSet[],
): Promise<{ cursors: readonly string[]; dead: readonly DeadMember[] }> {
  const asked = sets.flatMap((set) => MEMBER_GLOBS.map((glob) => ({ set, glob })));
  const replies = await sendEach(redis, asked, (pipeline, { set: { key, cursor }, glob }) =>
    pipeline.callBuffer('SSCAN', key, cursor, 'MATCH', glob, 'COUNT', MEMBERS),
  );
  const fault = faultIn(replies);
  if (fault) throw fault;
  checkPermitted(replies, 'sscan');
  // An error here concerns one set only, which has become a key of another type or has moved to another node. It counts as an empty set.
  const pages = replies.map(([error, page]) => (error ? ['0', []] : (page as [Buffer, Buffer[]])) as [Buffer | string, Buffer[]]);
  const members = asked.flatMap(({ set: { key, sessionOf } }, at) =>
    (pages[at]?.[1] ?? []).flatMap((member) => {
      const session = sessionOf(member);
      return session === undefined ? [] : [{ key, member, session }];
    }),
  );
  // Each form of an id is searched in the same part of the set, so their cursors are equal, unless the set was resized in between. Then the
  // first form's cursor counts, and the next sweep finds what the other forms missed.
  const cursors = sets.map((_, at) => (pages[at * MEMBER_GLOBS.length]?.[0] ?? '0').toString());
  return { cursors, dead: await withoutSession(redis, members) };
}

/**
 * Checks members again, and removes those that are still dead.
 * @returns the number of removed members, in a dry run of members to remove; and the error that ended the connection before the last
 */
export async function removeDead(redis: Redis, found: readonly DeadMember[], dryRun: boolean): Promise<{ removed: number; fault?: Error }> {
  const dead = await withoutSession(redis, found);
  if (dryRun) return { removed: dead.length };
  const replies = await sendEach(redis, dead, (pipeline, { key, member }) => pipeline.srem(key, member));
  const fault = faultIn(replies);
  checkPermitted(replies, 'srem');
  return { removed: replies.filter(([error, removed]) => !error && removed === 1).length, ...(fault && { fault }) };
}

async function withoutSession(redis: Redis, members: readonly DeadMember[]): Promise<readonly DeadMember[]> {
  const replies = await sendEach(redis, members, (pipeline, { session }) => pipeline.exists(session));
  const fault = faultIn(replies);
  if (fault) throw fault;
  checkPermitted(replies, 'exists');
  return members.filter((_, at) => replies[at]?.[0] === null && replies[at]?.[1] === 0);
}

/** Without this check a sweep would seem to have reconciled every set. @throws InvalidSweep */
function checkPermitted(replies: readonly Reply[], command: string): void {
  if (replies.some(([error]) => error && isCommandRefusal(error, command)))
    throw new InvalidSweep(
      `the sweep's user is not allowed to run ${command.toUpperCase()}, which reconciling index sets needs: permit +sscan +exists +srem to it, or set sweep.reconcile to false`,
    );
}
