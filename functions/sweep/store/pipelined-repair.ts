/** Repairs where the store allows no scripts, or the user none that writes: pipelined commands for every key. */
import type { ChainableCommander, Redis } from 'ioredis';
import {
  askEach,
  faultIn,
  type Guard,
  isElsewhere,
  isFault,
  isRefusal,
  type Repaired,
  type RepairOutcome,
  type RepairRequest,
  type Reply,
  sendEach,
} from './sweep-store.ts';

/** A text that is not a number of seconds: with it EXPIRE checks the user's permission for the key first, then fails without a write. */
const NO_SECONDS = 'dry-run';

/**
 * Checks again, then EXPIRE with NX: it keeps a TTL that the application sets in between, but cannot see any other change. It
 * deletes no key: a key past its life gets the seconds of its request.
 */
export async function pipelinedRepair(redis: Redis, requests: readonly RepairRequest[], dry: boolean): Promise<Repaired> {
  const outcomes = new Map<RepairRequest, RepairOutcome | 'not-sent' | undefined>();
  try {
    const checks = await checkEach(redis, requests);
    for (const [index, request] of requests.entries()) outcomes.set(request, checks[index]);
  } catch (error) {
    return { outcomes: requests.map(() => 'not-sent'), interruption: error as Error };
  }
  const unchanged = requests.filter((request) => outcomes.get(request) === 'done');
  const replies = await sendEach(redis, unchanged, (pipeline, { key, seconds }) =>
    pipeline.call('EXPIRE', key, dry ? NO_SECONDS : seconds, 'NX'),
  );
  for (const [index, request] of unchanged.entries()) outcomes.set(request, outcomeOf(request, replies[index], dry));
  const interruption = faultIn(replies.filter((_, index) => outcomes.get(unchanged[index] as RepairRequest) === undefined));
  return { outcomes: requests.map((request) => outcomes.get(request)), ...(interruption && { interruption }) };
}

/** `done` for a key that is as it was when its page was read. @throws the store's own errors */
async function checkEach(redis: Redis, requests: readonly RepairRequest[]): Promise<RepairOutcome[]> {
  const ttls = await askEach(redis, requests, (pipeline, { key }) => pipeline.pttl(key));
  const types = await askEach(redis, requests, (pipeline, { key }) => pipeline.type(key));
  // Before the value is read, which can count as use.
  const idle = await askEach(redis, requests, (pipeline, { key, guard }) =>
    leastIdle(guard) === undefined ? pipeline.type(key) : pipeline.object('IDLETIME', key),
  );
  // A value of another length is another one, and can have more bytes than this function has memory.
  const lengths = await askEach(redis, requests, (pipeline, { key, guard }) =>
    guard.kind === 'field' ? pipeline.hstrlen(key, guard.field) : pipeline.type(key),
  );
  const values = await askEach(redis, requests, (pipeline, { key, guard }, index) =>
    askValue(pipeline, key, sameLength(guard, lengths[index])),
  );
  return requests.map(({ type, guard }, index) => {
    const refused = [idle[index], values[index]].some((reply) => reply?.[0] && isRefusal(reply[0]) && !isElsewhere(reply[0]));
    if (ttls[index]?.[1] !== -1 || types[index]?.[1] !== type) return 'changed-meanwhile';
    if (refused) return 'not-permitted';
    return isIdle(guard, idle[index]) && hasValue(guard, values[index]) ? 'done' : 'changed-meanwhile';
  });
}

/** The guard to read; none for a field whose length has changed, which hasValue() then finds without its value. */
const sameLength = (guard: Guard, [error, length]: Reply = [null, undefined]): Guard =>
  guard.kind === 'field' && (error || length !== guard.value.length) ? { kind: 'none' } : guard;

function leastIdle(guard: Guard): number | undefined {
  if (guard.kind === 'idle') return guard.seconds;
  return guard.kind === 'none' ? undefined : guard.idleSeconds;
}

function isIdle(guard: Guard, [error, value]: Reply = [null, undefined]): boolean {
  const least = leastIdle(guard);
  return least === undefined || (!error && Number(value) >= least);
}

function askValue(pipeline: ChainableCommander, key: Buffer, guard: Guard): ChainableCommander {
  switch (guard.kind) {
    case 'field':
      return pipeline.hgetBuffer(key, guard.field);
    case 'text':
      return pipeline.getrangeBuffer(key, 0, guard.value.length - 1);
    default:
      return pipeline.type(key);
  }
}

const hasValue = (guard: Guard, [error, value]: Reply = [null, undefined]): boolean =>
  (guard.kind !== 'field' && guard.kind !== 'text') || (!error && Buffer.isBuffer(value) && value.equals(guard.value));

function outcomeOf({ action }: RepairRequest, [error, value]: Reply = [new Error('no reply'), undefined], dry: boolean) {
  // Permissions are checked before a replica refuses a write, and before the seconds are read.
  const isPermitted = dry && error !== null && /^READONLY|not an integer/.test(error.message);
  if (error && isElsewhere(error)) return 'changed-meanwhile';
  if (error && isFault(error) && !isPermitted) return undefined;
  if (error && !isPermitted) return 'not-permitted';
  return error || value === 1 ? (action === 'delete' ? 'expired' : 'done') : 'changed-meanwhile';
}
