/** Repairs by a script on the server, which checks and writes in one step. */
import type { Redis } from 'ioredis';
import { sendEach } from './ask-each.ts';
import type { ReadOnlyEval } from './cached-script.ts';
import { inGroups } from './in-groups.ts';
import { isCommandRefusal, isElsewhere, isRefusal } from './refusals.ts';
import { REPAIR_REPLY, REPAIR_SCRIPT } from './repair-script.ts';
import type { Guard, Repaired, RepairOutcome, RepairRequest } from './sweep-store.ts';

/** Keys per call. The script blocks the server for some 3 µs per key. */
const KEYS_PER_CALL = 50;

type Outcomes = Map<RepairRequest, RepairOutcome | undefined>;

/**
 * Once a reply is missing, nothing more is sent. What a user without permission for EVAL asked for counts as not sent.
 * @param evaluate for the dry run
 * @param together false where the keys of one call can be in different slots
 */
export async function scriptedRepair(
  redis: Redis,
  evaluate: ReadOnlyEval,
  together: boolean,
  requests: readonly RepairRequest[],
  dry: boolean,
): Promise<Repaired> {
  const outcomes: Outcomes = new Map();
  let interruption: Error | undefined;
  const run = async (action: RepairRequest['action'], calls: readonly RepairRequest[][]): Promise<void> => {
    const words = [dry ? evaluate : 'EVAL', dry ? `dry-${action}` : action] as const;
    const replies = await sendEach(redis, calls, (pipeline, call) => pipeline.callBuffer(words[0], ...repairArguments(call, words[1])));
    const alone: RepairRequest[] = [];
    for (const [index, call] of calls.entries()) {
      const [error, reply] = replies[index] ?? [new Error('no reply')];
      if (error && isCommandRefusal(error, words[0])) continue;
      // One key without permission, or on another node, fails its whole call, before anything is written.
      if (error && call.length > 1 && isRefusal(error)) alone.push(...call);
      else for (const [at, request] of call.entries()) outcomes.set(request, outcomeOf(error, (reply as number[] | undefined)?.[at]));
      if (error && !isRefusal(error)) interruption ??= error;
    }
    if (alone.length > 0 && !interruption) await run(action, inGroups(alone, 1));
  };
  for (const action of ['expire', 'delete'] as const) {
    const wanted = requests.filter((request) => request.action === action);
    if (!interruption) await run(action, inGroups(wanted, together ? KEYS_PER_CALL : 1));
  }
  return {
    outcomes: requests.map((request) => (outcomes.has(request) ? outcomes.get(request) : 'not-sent')),
    ...(interruption && { interruption }),
  };
}

function outcomeOf(error: Error | null, reply: number | undefined): RepairOutcome | undefined {
  if (error) return isElsewhere(error) ? 'changed-meanwhile' : isRefusal(error) ? 'not-permitted' : undefined;
  if (reply === REPAIR_REPLY.notPermitted) return 'not-permitted';
  return reply === REPAIR_REPLY.done ? 'done' : 'changed-meanwhile';
}

function repairArguments(call: readonly RepairRequest[], mode: string): (string | number | Buffer)[] {
  const values = call.flatMap(({ type, seconds, guard }) => [type, seconds, ...guardArguments(guard)]);
  return [REPAIR_SCRIPT, call.length, ...call.map(({ key }) => key), mode, ...values];
}

/** The guard, its value, and the minimum of idle seconds. */
function guardArguments(guard: Guard): [string, string | Buffer, string | number] {
  switch (guard.kind) {
    case 'none':
      return ['', '', ''];
    case 'field':
      return [`field:${guard.field}`, guard.value, guard.idleSeconds ?? ''];
    case 'text':
      return ['text', guard.value, guard.idleSeconds ?? ''];
    case 'idle':
      return ['', '', guard.seconds];
  }
}
