/** Pages and mends by scripts on the server: one round trip each, and only what matters comes over the network. */
import type { Redis } from 'ioredis';
import type { ReadOnlyEval, RunScript } from './cached-script.ts';
import { MEND_REPLY, MEND_SCRIPT } from './scripts.ts';
import type { Guard, MendOutcome, MendRequest, Page, PageRequest, Sample } from './sweep-store.ts';

type Value = Buffer | number;
type ScriptReply = [Buffer, number, number, number, Value[], Value[], Value[]];

/** @param runPage runs PAGE_SCRIPT */
export async function scriptedPage(runPage: RunScript, request: PageRequest): Promise<Page> {
  const { cursor, count, sampleEvery, sinceSample, largeFromBytes } = request;
  const reply = await runPage(cursor, count, sampleEvery, sinceSample, largeFromBytes);
  const [next, keys, serverTimeMs, took, offenders, samples, larger] = reply as ScriptReply;
  return {
    cursor: next.toString(),
    keys,
    serverTimeMs,
    busyMs: took / 1_000,
    offenders: inGroups(offenders, 4).map(([key, type, idle, bytes]) => ({
      key: key as Buffer,
      type: String(type),
      idleSeconds: known(idle),
      bytes: known(bytes),
    })),
    samples: inGroups(samples, 3).map(weighed),
    larger: inGroups(larger, 3).map(weighed),
  };
}

const weighed = ([key, type, bytes]: readonly Value[]): Sample => ({ key: key as Buffer, type: String(type), bytes: known(bytes) });

/** Keys of one call. The script holds the server up for some 1.5 µs a key. */
const KEYS_A_CALL = 50;

/**
 * @param together false where keys of one call may lie in different slots
 * @throws whatever ended the connection
 */
export async function scriptedMend(
  redis: Redis,
  evaluate: ReadOnlyEval,
  together: boolean,
  requests: readonly MendRequest[],
  dry: boolean,
): Promise<MendOutcome[]> {
  const outcomes = new Map<MendRequest, MendOutcome>();
  for (const action of ['expire', 'delete'] as const) {
    const wanted = requests.filter((request) => request.action === action);
    const pipeline = redis.pipeline();
    const calls = inGroups(wanted, together ? KEYS_A_CALL : 1);
    for (const call of calls) pipeline.callBuffer(dry ? evaluate : 'EVAL', ...mendArguments(call, dry ? 'dry' : action));
    const replies = (await pipeline.exec()) ?? [];
    for (const [index, call] of calls.entries()) {
      const [error, reply] = replies[index] ?? [new Error('no reply')];
      if (!error) for (const [at, request] of call.entries()) outcomes.set(request, outcomeOf((reply as number[])[at] as number));
      // One key that may not be changed, or has moved to another node, refuses its whole call.
      else if (call.length > 1 && isRefusal(error)) {
        const alone = await scriptedMend(redis, evaluate, false, call, dry);
        for (const [at, request] of call.entries()) outcomes.set(request, alone[at] as MendOutcome);
      } else if (isRefusal(error))
        outcomes.set(call[0] as MendRequest, /^(?:MOVED|ASK)/.test(error.message) ? 'changed-meanwhile' : 'not-permitted');
      else throw error;
    }
  }
  return requests.map((request) => outcomes.get(request) as MendOutcome);
}

/** An answer of the store about these keys, rather than trouble with the store. */
export function isRefusal({ message }: Error): boolean {
  return /NOPERM|can't access at least one of the keys|MOVED|^ASK|CROSSSLOT|non local key|No permissions/i.test(message);
}

function mendArguments(call: readonly MendRequest[], mode: string): (string | number | Buffer)[] {
  const values = call.flatMap(({ type, seconds, guard }) => [type, seconds, ...guardArguments(guard)]);
  return [MEND_SCRIPT, call.length, ...call.map(({ key }) => key), mode, ...values];
}

function guardArguments(guard: Guard): [string, string | number | Buffer] {
  switch (guard.kind) {
    case 'none':
      return ['', ''];
    case 'field':
      return [`field:${guard.field}`, guard.value];
    case 'text':
      return ['text', guard.value];
    case 'idle':
      return ['idle', guard.seconds];
  }
}

const outcomeOf = (reply: number): MendOutcome => (reply === MEND_REPLY.done ? 'done' : 'changed-meanwhile');

const known = (value: Value | undefined): number | undefined => (typeof value === 'number' && value >= 0 ? value : undefined);

function inGroups<T>(values: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < values.length; at += size) groups.push(values.slice(at, at + size));
  return groups;
}
