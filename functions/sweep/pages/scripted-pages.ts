/** Pages and repairs by scripts on the server: one round trip each, and little data over the network. */
import type { Redis } from 'ioredis';
import type { Guard, Page, PageRequest, RepairOutcome, RepairRequest, Sample } from '../store/sweep-store.ts';
import type { ReadOnlyEval, RunScript } from './cached-script.ts';
import { REPAIR_REPLY, REPAIR_SCRIPT } from './scripts.ts';

type Value = Buffer | number;
type ScriptReply = [Buffer, number, number, number, Value[], Value[], Value[]];

/** @param runPage runs PAGE_SCRIPT */
export async function scriptedPage(runPage: RunScript, request: PageRequest): Promise<Page> {
  const { cursor, count, sampleEvery, sinceSample, largeFromBytes } = request;
  const reply = await runPage(cursor, count, sampleEvery, sinceSample, largeFromBytes);
  const [next, keys, serverTimeMs, took, persistentKeys, samples, larger] = reply as ScriptReply;
  return {
    cursor: next.toString(),
    keys,
    serverTimeMs,
    busyMs: took / 1_000,
    persistentKeys: inGroups(persistentKeys, 4).map(([key, type, idle, bytes]) => ({
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

/** Keys per call. The script blocks the server for some 1.5 µs per key. */
const KEYS_PER_CALL = 50;

/**
 * @param together false where the keys of one call can be in different slots
 * @throws the error that ended the connection
 */
export async function scriptedRepair(
  redis: Redis,
  evaluate: ReadOnlyEval,
  together: boolean,
  requests: readonly RepairRequest[],
  dry: boolean,
): Promise<RepairOutcome[]> {
  const outcomes = new Map<RepairRequest, RepairOutcome>();
  for (const action of ['expire', 'delete'] as const) {
    const wanted = requests.filter((request) => request.action === action);
    const pipeline = redis.pipeline();
    const calls = inGroups(wanted, together ? KEYS_PER_CALL : 1);
    for (const call of calls) pipeline.callBuffer(dry ? evaluate : 'EVAL', ...repairArguments(call, dry ? 'dry' : action));
    const replies = (await pipeline.exec()) ?? [];
    for (const [index, call] of calls.entries()) {
      const [error, reply] = replies[index] ?? [new Error('no reply')];
      if (!error) for (const [at, request] of call.entries()) outcomes.set(request, outcomeOf((reply as number[])[at] as number));
      // One key without permission, or on another node, fails its whole call.
      else if (call.length > 1 && isRefusal(error)) {
        const alone = await scriptedRepair(redis, evaluate, false, call, dry);
        for (const [at, request] of call.entries()) outcomes.set(request, alone[at] as RepairOutcome);
      } else if (isRefusal(error))
        outcomes.set(call[0] as RepairRequest, /^(?:MOVED|ASK)/.test(error.message) ? 'changed-meanwhile' : 'not-permitted');
      else throw error;
    }
  }
  return requests.map((request) => outcomes.get(request) as RepairOutcome);
}

/** True for an error about these keys, and not about the store itself. */
export function isRefusal({ message }: Error): boolean {
  return /NOPERM|can't access at least one of the keys|MOVED|^ASK|CROSSSLOT|non local key|No permissions/i.test(message);
}

function repairArguments(call: readonly RepairRequest[], mode: string): (string | number | Buffer)[] {
  const values = call.flatMap(({ type, seconds, guard }) => [type, seconds, ...guardArguments(guard)]);
  return [REPAIR_SCRIPT, call.length, ...call.map(({ key }) => key), mode, ...values];
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

const outcomeOf = (reply: number): RepairOutcome => (reply === REPAIR_REPLY.done ? 'done' : 'changed-meanwhile');

const known = (value: Value | undefined): number | undefined => (typeof value === 'number' && value >= 0 ? value : undefined);

function inGroups<T>(values: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < values.length; at += size) groups.push(values.slice(at, at + size));
  return groups;
}
