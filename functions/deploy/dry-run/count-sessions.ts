import { setTimeout as sleep } from 'node:timers/promises';
import { DOCUMENT_STEPS, type ObserveParameters, observeOutput } from '../../instance/document-contract.ts';
import { readCommand } from '../../instance/read-command.ts';
import type { Commands } from '../../shared/aws/commands.ts';
import { amongSeveral, type Polling, pollUntil } from '../../shared/poll.ts';

const SERVERS_AT_ONCE = 10;
/** The document requests no gate, and waits for nothing. */
const COUNTERS_ONLY: ObserveParameters = { attempts: '0', intervalSeconds: '0', confirmSeconds: '0' };

export interface CountingPorts {
  readonly commands: Commands;
  /** The document that only reads counters. */
  readonly observeDocument: string;
  readonly polling: Polling;
  readonly now: () => number;
}

/** The sessions in the memory of each server. One that counts none or has not answered at `endMs` is missing; nothing is cancelled. */
export const countSessions =
  (ports: CountingPorts) =>
  async (instanceIds: readonly string[], endMs: number): Promise<ReadonlyMap<string, number>> => {
    const { now } = ports;
    const left = [...instanceIds];
    const atOnce = Math.min(SERVERS_AT_ONCE, instanceIds.length);
    const counted = new Map<string, number>();
    const countOn = async () => {
      for (let next = left.shift(); next !== undefined && now() < endMs; next = left.shift()) {
        const sessions = await sessionsOn(ports, next, { endMs, atOnce }).catch(() => undefined);
        if (sessions !== undefined) counted.set(next, sessions);
      }
    };
    // A call that is under way at the end has limits of its own, which are longer.
    const over = new AbortController();
    const end = sleep(Math.max(0, endMs - now()), undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([Promise.all(Array.from({ length: atOnce }, countOn)), end]);
    over.abort();
    return new Map(counted);
  };

async function sessionsOn(
  ports: CountingPorts,
  instanceId: string,
  { endMs, atOnce }: { readonly endMs: number; readonly atOnce: number },
): Promise<number | undefined> {
  const { commands, observeDocument, polling, now } = ports;
  const comment = `Holdfast observe on ${instanceId}`;
  const id = await commands.send({ documentName: observeDocument, instanceId, parameters: COUNTERS_ONLY, comment });
  const found = await pollUntil(
    () => commands.describe(id, instanceId, DOCUMENT_STEPS.observe),
    ({ state }) => state !== 'running' || now() >= endMs,
    amongSeveral(polling, atOnce, instanceId),
  );
  return found.state === 'running' ? undefined : readCommand(found, observeOutput, comment).sessions;
}
