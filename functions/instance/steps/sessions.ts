/** How many sessions a server has in its memory: one look, or a slice of the wait for their end. */
import type { DocumentVersions, WaitIdleParameters } from '../document-contract.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { type ServerWork, type StepPorts, sentCommand } from './server-step.ts';
import { type SessionsSeen, sessionsSeen } from './sessions-seen.ts';

type Ports = { readonly commands: Pick<StepPorts['commands'], 'sendWaitIdle' | 'readWaitIdle'> };

export interface SessionsSlice {
  readonly sliceSeconds: number;
  readonly fencingToken: number;
  /** Sessions that began this long ago or earlier are counted, where the release distinguishes them. @default 0 */
  readonly begunSeconds?: number;
}

/** Sends the document, which ends once the server has no sessions, or after `sliceSeconds`. @returns the command's id */
export const sendSessionCount = (
  { commands }: Ports,
  instanceId: string,
  { sliceSeconds, fencingToken, begunSeconds = 0 }: SessionsSlice,
  versions?: DocumentVersions,
): Promise<string> =>
  commands.sendWaitIdle(
    instanceId,
    {
      ...NOTHING_OF_REQUESTS,
      fencingToken: String(fencingToken),
      sliceSeconds: String(sliceSeconds),
      begunSeconds: String(Math.round(begunSeconds)),
    },
    versions,
  );

/** The document ignores these parameters, except `watch`, unless it watches requests. */
export const NOTHING_OF_REQUESTS = {
  watch: 'sessions',
  floorSeconds: '0',
  quietSeconds: '0',
  previousRequests: '-1',
  previousQuietSeconds: '0',
  drainSignal: 'auto',
  targetPorts: '0',
  longLived: 'close',
  drainStartedAtMs: '0',
} satisfies Partial<WaitIdleParameters>;

/**
 * Undefined while the document runs.
 * @param limitSeconds from sending until the command is overdue, and is cancelled
 * @throws CommandFailed, LeaseLost
 */
export async function readSessions(
  { commands }: Ports,
  step: ServerWork,
  limitSeconds = SLICE_LIMIT_SECONDS,
): Promise<SessionsSeen | undefined> {
  const sentAtMs = step.commandSentAtMs ?? step.phaseStartedAtMs;
  const answer = await commands.readWaitIdle(sentCommand({ ...step, phaseStartedAtMs: sentAtMs }, limitSeconds));
  return answer && sessionsSeen(answer);
}
