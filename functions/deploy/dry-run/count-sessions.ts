import type { InstanceCommands } from '../../instance/instance-commands.ts';

type Observer = Pick<InstanceCommands, 'sendObserve' | 'readObserve'>;

/** At four polls a second each, Systems Manager throttles more. */
const SERVERS_AT_ONCE = 10;
/** Below the function's limit of 60 s, with time left for the report. */
const LONGEST_COUNT_MS = 30_000;
/** It requests no gate, and waits for nothing. */
const COUNTERS_ONLY = { attempts: '0', intervalSeconds: '0', confirmSeconds: '0' };

/**
 * The sessions in the memory of each server, by the document that only reads counters. A server that counts none or does not answer in
 * time is missing.
 */
export const countSessions =
  (commands: Observer, now: () => number) =>
  async (instanceIds: readonly string[]): Promise<ReadonlyMap<string, number>> => {
    const endMs = now() + LONGEST_COUNT_MS;
    const left = [...instanceIds];
    const counted = new Map<string, number>();
    const countOn = async () => {
      for (let next = left.shift(); next !== undefined && now() < endMs; next = left.shift()) {
        const sessions = await sessionsOn(commands, next, now).catch(() => undefined);
        if (sessions !== undefined) counted.set(next, sessions);
      }
    };
    await Promise.all(Array.from({ length: SERVERS_AT_ONCE }, countOn));
    return counted;
  };

/** One round of polls: it is not waited for longer, and nothing is cancelled, for the document ends by itself. */
async function sessionsOn(commands: Observer, instanceId: string, now: () => number): Promise<number | undefined> {
  const commandId = await commands.sendObserve(instanceId, COUNTERS_ONLY);
  const answer = await commands.readObserve({ commandId, instanceId, sentAtMs: now(), overdueAtMs: Number.POSITIVE_INFINITY });
  return answer?.sessions;
}
