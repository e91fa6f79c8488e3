/** Finds members of Spring's principal index whose session no longer exists, and removes them. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { InvalidSweep } from '../errors.ts';
import type { Classify } from '../keys/classify-key.ts';
import { faultIn, isCommandRefusal, type Reply, sendEach } from '../store/sweep-store.ts';

/** SSCAN's COUNT per set, and the number of sets of one step: a step reads some thousand members. */
const MEMBERS = 100;
export const SETS_AT_ONCE = 10;
/** Longer members are no session's id, with a header and a route: one can have 100 MB. */
const LONGEST_MEMBER_BYTES = 256;

/**
 * listMembers-1: one step of SSCAN, without the members that are too long for a session's id. Writes nothing (EVAL_RO).
 *
 * KEYS 1 the set; ARGV 1 cursor, 2 COUNT, 3 the longest member's bytes
 * Reply {cursor, {member, …}, number of longer members}
 */
const MEMBERS_SCRIPT = `local page = redis.call('SSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local members, longer = {}, 0
for _, member in ipairs(page[2]) do
  if #member <= tonumber(ARGV[3]) then members[#members + 1] = member else longer = longer + 1 end
end
return {page[1], members, longer}`;

/**
 * The ids that are found where scripts are not allowed: UUIDs, as Spring's serializers write them, plain, as JSON, and by the JDK. The server
 * compares each member before it replies, and each pattern has one length, so that no other member leaves it.
 */
const UUID_GLOB = ['?'.repeat(8), '?'.repeat(4), '?'.repeat(4), '?'.repeat(4), '?'.repeat(12)].join('-');
const MEMBER_GLOBS: readonly Buffer[] = [UUID_GLOB, `"${UUID_GLOB}"`, `\xac\xed\x00\x05t??${UUID_GLOB}`].map((glob) =>
  Buffer.from(glob, 'latin1'),
);
const UUID_SESSION = /:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Characters of a form: a checkpoint has some, and a namespace can be long. */
const FORM_LENGTH = 16;

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

/** What a step found. */
export interface ScannedSets {
  /** The sets' next cursors, `0` for one that is complete. */
  readonly cursors: readonly string[];
  readonly dead: readonly DeadMember[];
  /** Members that are no id as far as this program knows. Where scripts are not allowed, a set's first step counts all, and each the others off. */
  readonly notJudged: number;
}

interface SetPage {
  readonly cursor: string;
  readonly members: readonly Buffer[];
  readonly others: number;
}

/** What the steps of one connection have found out so far. */
export interface IndexReading {
  /**
   * Forms of ids of which a session has been found: ids that are no UUIDs are judged where another one like them is alive, since a serializer
   * of the application's own could have made something else of them.
   */
  readonly proven: Set<string>;
  /** The command that runs scripts. Redis before 7.0 has EVAL alone, and some users have neither. */
  command: 'EVAL_RO' | 'EVAL' | 'none';
}

/** One step of SSCAN in each of a few sets. @throws the store's own errors */
export async function scanSets(redis: Redis, sets: readonly IndexSet[], reading: IndexReading): Promise<ScannedSets> {
  const { proven } = reading;
  const pages = (await scanByScript(redis, sets, reading)) ?? (await scanByGlobs(redis, sets));
  let notJudged = 0;
  const members = sets.flatMap(({ key, sessionOf }, at) => {
    const page = pages[at] as SetPage;
    const found = page.members.flatMap((member) => {
      const session = sessionOf(member);
      return session === undefined ? [] : [{ key, member, session }];
    });
    notJudged += page.others + page.members.length - found.length;
    return found;
  });
  const { missing, alive } = await findSessions(redis, members);
  for (const one of alive) proven.add(formOf(one));
  const unproven = missing.filter((one) => !proven.has(formOf(one)) && UUID_SESSION.test(one.session.toString('latin1')));
  const elsewhere = await findSessions(redis, unproven.map(withRedissonsKey));
  const dead = [
    ...missing.filter((one) => proven.has(formOf(one))),
    ...elsewhere.missing.map(({ session, ...one }) => ({ ...one, session: springsKey(session) })),
  ];
  return { cursors: pages.map(({ cursor }) => cursor), dead, notJudged: notJudged + members.length - alive.length - dead.length };
}

/** Redisson's repository for Spring keeps the same index, and a session right behind the namespace. */
const withRedissonsKey = (one: DeadMember): DeadMember => ({
  ...one,
  session: Buffer.from(one.session.toString('latin1').replace(/sessions:([^:]+)$/, '$1'), 'latin1'),
});
const springsKey = (session: Buffer): Buffer => Buffer.from(session.toString('latin1').replace(/([^:]+)$/, 'sessions:$1'), 'latin1');

/** The digest of: its namespace; how the serializer begins: a quotation mark, the JDK's header, or nothing; and its kind of id: a UUID, or its length. */
function formOf({ session, member }: DeadMember): string {
  const name = session.toString('latin1');
  const first = member[0];
  const [id = '', route] = name.slice(name.lastIndexOf(':') + 1).split('.');
  const kind = UUID_SESSION.test(`:${id}`) ? 'UUID' : `${id.length}`;
  const begins = first === 0x22 || first === 0xac ? first : '';
  const form = `${name.slice(0, name.lastIndexOf(':'))} ${begins} ${kind}${route === undefined ? '' : '.'}`;
  return createHash('sha256').update(form, 'latin1').digest('base64url').slice(0, FORM_LENGTH);
}

/** @returns undefined where scripts are not allowed */
async function scanByScript(
  redis: Redis,
  sets: readonly IndexSet[],
  reading: Pick<IndexReading, 'command'>,
): Promise<readonly SetPage[] | undefined> {
  if (reading.command === 'none') return undefined;
  const ask = (command: 'EVAL_RO' | 'EVAL') =>
    sendEach(redis, sets, (pipeline, { key, cursor }) =>
      pipeline.callBuffer(command, MEMBERS_SCRIPT, 1, key, cursor, MEMBERS, LONGEST_MEMBER_BYTES),
    );
  const isRefused = (replies: readonly Reply[], command: string) => replies.some(([error]) => error && isCommandRefusal(error, command));
  let replies = await ask(reading.command);
  if (reading.command === 'EVAL_RO' && isRefused(replies, 'EVAL_RO')) {
    reading.command = 'EVAL';
    replies = await ask('EVAL');
  }
  const fault = faultIn(replies);
  if (fault) throw fault;
  if (isRefused(replies, reading.command)) {
    reading.command = 'none';
    return undefined;
  }
  // A script names the command that its user may not run in its own words.
  if (replies.some(([error]) => error && /permissions? to run the 'sscan'|ACL failure/i.test(error.message))) refuse('sscan');
  return replies.map(([error, reply]) => {
    if (error) return EMPTY;
    const [cursor, members, others] = reply as [Buffer, Buffer[], number];
    return { cursor: cursor.toString(), members, others };
  });
}

/** An error concerns one set only, which has become a key of another type or has moved to another node. It counts as an empty set. */
const EMPTY: SetPage = { cursor: '0', members: [], others: 0 };

async function scanByGlobs(redis: Redis, sets: readonly IndexSet[]): Promise<readonly SetPage[]> {
  const asked = sets.flatMap((set) => MEMBER_GLOBS.map((glob) => ({ set, glob })));
  const replies = await sendEach(redis, asked, (pipeline, { set: { key, cursor }, glob }) =>
    pipeline.callBuffer('SSCAN', key, cursor, 'MATCH', glob, 'COUNT', MEMBERS),
  );
  const sizes = await sendEach(redis, sets, (pipeline, { key }) => pipeline.scard(key));
  const fault = faultIn([...replies, ...sizes]);
  if (fault) throw fault;
  checkPermitted(replies, 'sscan');
  return sets.map(({ cursor }, at) => {
    const pages = replies.slice(at * MEMBER_GLOBS.length, (at + 1) * MEMBER_GLOBS.length);
    if (pages.some(([error]) => error)) return EMPTY;
    const found = pages.map(([, page]) => page as [Buffer, Buffer[]]);
    const members = found.flatMap(([, some]) => some);
    const [noSize, size] = sizes[at] as Reply;
    // Each form of an id is searched in the same part of the set, so their cursors are equal, unless the set was resized in between. Then the
    // first form's cursor counts, and the next sweep finds what the other forms missed.
    return { cursor: String(found[0]?.[0] ?? '0'), members, others: (cursor === '0' && !noSize ? Number(size) : 0) - members.length };
  });
}

/**
 * Checks members again, and removes those that are still dead.
 * @returns the number of removed members, in a dry run of members to remove; and the error that ended the connection before the last
 */
export async function removeDead(redis: Redis, found: readonly DeadMember[], dryRun: boolean): Promise<{ removed: number; fault?: Error }> {
  const { missing } = await findSessions(redis, found);
  const { alive } = await findSessions(redis, missing.map(withRedissonsKey));
  const dead = missing.filter(({ key, member }) => !alive.some((one) => one.member.equals(member) && one.key.equals(key)));
  if (dryRun) return { removed: dead.length };
  const replies = await sendEach(redis, dead, (pipeline, { key, member }) => pipeline.srem(key, member));
  const fault = faultIn(replies);
  checkPermitted(replies, 'srem');
  return { removed: replies.filter(([error, removed]) => !error && removed === 1).length, ...(fault && { fault }) };
}

/** Those that another node has, in cluster mode, are neither. */
async function findSessions(
  redis: Redis,
  members: readonly DeadMember[],
): Promise<{ missing: readonly DeadMember[]; alive: readonly DeadMember[] }> {
  const replies = await sendEach(redis, members, (pipeline, { session }) => pipeline.exists(session));
  const fault = faultIn(replies);
  if (fault) throw fault;
  checkPermitted(replies, 'exists');
  const repliedWith = (found: number) => members.filter((_, at) => replies[at]?.[0] === null && replies[at]?.[1] === found);
  return { missing: repliedWith(0), alive: repliedWith(1) };
}

/** Without this check a sweep would seem to have reconciled every set. @throws InvalidSweep */
function checkPermitted(replies: readonly Reply[], command: string): void {
  if (replies.some(([error]) => error && isCommandRefusal(error, command))) refuse(command);
}

function refuse(command: string): never {
  throw new InvalidSweep(
    `the sweep's user is not allowed to run ${command.toUpperCase()}, which reconciling index sets needs: permit +sscan +exists +srem to it, or set sweep.reconcile to false`,
  );
}
