import { DOCUMENT_STEPS, KNOWN_SESSIONS, type ObserveParameters, observeOutput } from '../../instance/document-contract.ts';
import { readCommand } from '../../instance/read-command.ts';
import { type SessionsSeen, sessionsSeen } from '../../instance/steps/sessions-seen.ts';
import type { Commands } from '../../shared/aws/commands.ts';
import { endAt } from '../../shared/end-at.ts';
import { amongSeveral, type Polling, pollUntil } from '../../shared/poll.ts';
import { NO_RELEASE } from '../../shared/version.ts';

const SERVERS_AT_ONCE = 10;
/** The document requests no gate, and waits for nothing. */
const SESSIONS_ONLY: ObserveParameters = { attempts: '0', intervalSeconds: '0', confirmSeconds: '0', sessions: KNOWN_SESSIONS };

export interface CountingPorts {
  readonly commands: Commands;
  /** The document that only reads. */
  readonly observeDocument: string;
  readonly polling: Polling;
  readonly now: () => number;
}

/**
 * The sessions in the memory of each server, and how a listener rule knows them. A server that has not answered at `endMs` is missing;
 * nothing is cancelled.
 */
export const countSessions =
  (ports: CountingPorts) =>
  async (instanceIds: readonly string[], endMs: number): Promise<ReadonlyMap<string, SessionsSeen>> => {
    const { now } = ports;
    const left = [...instanceIds];
    const atOnce = Math.min(SERVERS_AT_ONCE, instanceIds.length);
    const counted = new Map<string, SessionsSeen>();
    const countOn = async () => {
      for (let next = left.shift(); next !== undefined && now() < endMs; next = left.shift()) {
        const seen = await sessionsOn(ports, next, { endMs, atOnce }).catch(() => undefined);
        if (seen !== undefined) counted.set(next, seen);
      }
    };
    await endAt(Promise.all(Array.from({ length: atOnce }, countOn)), endMs, now);
    return new Map(counted);
  };

async function sessionsOn(
  ports: CountingPorts,
  instanceId: string,
  { endMs, atOnce }: { readonly endMs: number; readonly atOnce: number },
): Promise<SessionsSeen | undefined> {
  const { commands, observeDocument, polling, now } = ports;
  const comment = `Holdfast observe on ${instanceId}`;
  const id = await commands.send({ documentName: observeDocument, instanceId, parameters: SESSIONS_ONLY, comment });
  const found = await pollUntil(
    () => commands.describe(id, instanceId, DOCUMENT_STEPS.observe),
    ({ state }) => state !== 'running' || now() >= endMs,
    amongSeveral(polling, atOnce, instanceId),
  );
  if (found.state === 'running') return undefined;
  const observed = readCommand(found, observeOutput, comment);
  return sessionsSeen({ ...observed, reason: observed.sessionsReason, ...(observed.version === NO_RELEASE && { placeholder: true }) });
}
