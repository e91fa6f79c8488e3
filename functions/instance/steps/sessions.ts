/** How many sessions a server has in its memory: one look, or a slice of the wait for their end. */
import type { DocumentVersions, WaitIdleParameters } from '../document-contract.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { type ServerStep, type StepPorts, sentCommand } from './server-step.ts';

type Ports = { readonly commands: Pick<StepPorts['commands'], 'sendWaitIdle' | 'readWaitIdle'> };

/** Of one answer. */
export interface SessionsSeen {
  /** Absent where it could not be read. */
  readonly count?: number;
  /** The cookie with the session's id, and how the server's own route reads in it. */
  readonly cookie?: string;
  readonly route?: string;
  /** After this time without a request the server ends a session; absent where it does not report that. */
  readonly timeoutSeconds?: number;
  /** No release is installed: there is nothing to lose. */
  readonly placeholder?: true;
}

/** Sends the document, which ends once the server has no sessions, or after `sliceSeconds`. @returns the command's id */
export const sendSessions = (
  { commands }: Ports,
  instanceId: string,
  { sliceSeconds, fencingToken }: { readonly sliceSeconds: number; readonly fencingToken: number },
  versions?: DocumentVersions,
): Promise<string> =>
  commands.sendWaitIdle(
    instanceId,
    { ...NOTHING_OF_REQUESTS, fencingToken: String(fencingToken), sliceSeconds: String(sliceSeconds) },
    versions,
  );

const NOTHING_OF_REQUESTS = {
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
  step: ServerStep,
  limitSeconds = SLICE_LIMIT_SECONDS,
): Promise<SessionsSeen | undefined> {
  const sentAtMs = step.commandSentAtMs ?? step.phaseStartedAtMs;
  const answer = await commands.readWaitIdle(sentCommand({ ...step, phaseStartedAtMs: sentAtMs }, limitSeconds));
  if (!answer) return undefined;
  const { sessions, sessionCookie, sessionRoute, sessionTimeoutSeconds, placeholder } = answer;
  return {
    ...(sessions !== undefined && { count: sessions }),
    ...(sessionCookie !== undefined && { cookie: sessionCookie }),
    ...(sessionRoute !== undefined && { route: sessionRoute }),
    ...(sessionTimeoutSeconds !== undefined && { timeoutSeconds: sessionTimeoutSeconds }),
    ...(placeholder && { placeholder }),
  };
}
