/** Whether other servers hold a server's sessions. */
import type { DocumentVersions, WaitIdleOutput } from '../document-contract.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { type ServerWork, type StepPorts, sentCommand } from './server-step.ts';
import { NOTHING_OF_REQUESTS } from './sessions.ts';

type Ports = { readonly commands: Pick<StepPorts['commands'], 'sendWaitIdle' | 'readWaitIdle'> };

/** What one answer of a server shows of the copies of its sessions. */
export interface CopiesSeen {
  /** Sessions that no other server holds with the same content; absent where that is not known. */
  readonly alone?: number;
  /** Which members do not hold them, and why, in words. */
  readonly reason?: string;
  /** No release is installed: there is nothing to lose. */
  readonly placeholder?: true;
}

/** Sends the document, which ends once each session is held elsewhere, or after `sliceSeconds`. @returns the command's id */
export const sendCopiesCheck = (
  { commands }: Ports,
  instanceId: string,
  { sliceSeconds, fencingToken }: { readonly sliceSeconds: number; readonly fencingToken: number },
  versions?: DocumentVersions,
): Promise<string> =>
  commands.sendWaitIdle(
    instanceId,
    { ...NOTHING_OF_REQUESTS, watch: 'copies', fencingToken: String(fencingToken), sliceSeconds: String(sliceSeconds) },
    versions,
  );

/** Undefined while the document runs. @throws CommandFailed, LeaseLost */
export async function readCopies({ commands }: Ports, step: ServerWork): Promise<CopiesSeen | undefined> {
  const sentAtMs = step.commandSentAtMs ?? step.phaseStartedAtMs;
  const answer = await commands.readWaitIdle(sentCommand({ ...step, phaseStartedAtMs: sentAtMs }, SLICE_LIMIT_SECONDS));
  if (!answer) return undefined;
  return copiesSeen(answer);
}

/** @param answer of a document */
export function copiesSeen({
  sessionsAlone,
  reason,
  placeholder,
}: Pick<WaitIdleOutput, 'sessionsAlone' | 'reason' | 'placeholder'>): CopiesSeen {
  return {
    ...(sessionsAlone !== undefined && { alone: sessionsAlone }),
    ...(reason !== undefined && { reason }),
    ...(placeholder && { placeholder }),
  };
}
