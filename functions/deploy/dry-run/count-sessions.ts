import { DOCUMENT_STEPS, type ObserveParameters, observeOutput } from '../../instance/document-contract.ts';
import { readCommand } from '../../instance/read-command.ts';
import type { Commands } from '../../shared/aws/commands.ts';
import { type Polling, pollUntil } from '../../shared/poll.ts';

/** At four polls a second each, Systems Manager throttles more. */
const SERVERS_AT_ONCE = 10;
/** Below the function's limit of 60 s, with time left for the report. */
const LONGEST_COUNT_MS = 30_000;
/** The document requests no gate, and waits for nothing. */
const COUNTERS_ONLY: ObserveParameters = { attempts: '0', intervalSeconds: '0', confirmSeconds: '0' };

export interface CountingPorts {
  readonly commands: Commands;
  /** The document that only reads counters. */
  readonly observeDocument: string;
  readonly polling: Polling;
  readonly now: () => number;
}

/** The sessions in the memory of each server. One that counts none or does not answer in time is missing; nothing is cancelled. */
export const countSessions =
  (ports: CountingPorts) =>
  async (instanceIds: readonly string[]): Promise<ReadonlyMap<string, number>> => {
    const { now } = ports;
    const endMs = now() + LONGEST_COUNT_MS;
    const left = [...instanceIds];
    const counted = new Map<string, number>();
    const countOn = async () => {
      for (let next = left.shift(); next !== undefined && now() < endMs; next = left.shift()) {
        const sessions = await sessionsOn(ports, next).catch(() => undefined);
        if (sessions !== undefined) counted.set(next, sessions);
      }
    };
    await Promise.all(Array.from({ length: SERVERS_AT_ONCE }, countOn));
    return counted;
  };

async function sessionsOn({ commands, observeDocument, polling }: CountingPorts, instanceId: string): Promise<number | undefined> {
  const comment = `Holdfast observe on ${instanceId}`;
  const id = await commands.send({ documentName: observeDocument, instanceId, parameters: COUNTERS_ONLY, comment });
  const found = await pollUntil(
    () => commands.describe(id, instanceId, DOCUMENT_STEPS.observe),
    ({ state }) => state !== 'running',
    polling,
  );
  return found.state === 'running' ? undefined : readCommand(found, observeOutput, comment).sessions;
}
