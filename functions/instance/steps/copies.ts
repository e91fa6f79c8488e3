/** Whether other servers hold a server's sessions. */
import type { WaitIdleOutput } from '../document-contract.ts';
import { readWatch } from './sessions.ts';

/** What one answer of a server shows of the copies of its sessions. */
export interface CopiesSeen {
  /** Sessions that no other server holds with the same content; absent where that is not known. */
  readonly alone?: number;
  /** Which members do not hold them, and why, in words. */
  readonly reason?: string;
  /** No release is installed: there is nothing to lose. */
  readonly placeholder?: true;
}

/** Undefined while the document runs. @throws CommandFailed, LeaseLost */
export async function readCopies(...parameters: Parameters<typeof readWatch>): Promise<CopiesSeen | undefined> {
  const answer = await readWatch(...parameters);
  return answer && copiesSeen(answer);
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
