/** What wait-idle shows besides a drain: how many sessions a server has in its memory, which requests are in flight. */
import type { DocumentVersions, WaitIdleOutput, WaitIdleParameters } from '../document-contract.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

type Ports = { readonly commands: Pick<StepPorts['commands'], 'sendWaitIdle' | 'readWaitIdle'> };

export interface Watch {
  /** @default sessions */
  readonly watch?: Exclude<WaitIdleParameters['watch'], 'requests'>;
  readonly sliceSeconds: number;
  readonly fencingToken: number;
  /** Sessions that began this long ago or earlier are counted, where the release distinguishes them. @default 0 */
  readonly begunSeconds?: number;
}

/** It ends once there is nothing left to wait for, or after `sliceSeconds`. @returns the command's id */
export const sendWatch = (
  { commands }: Ports,
  instanceId: string,
  { watch = 'sessions', sliceSeconds, fencingToken, begunSeconds = 0 }: Watch,
  versions?: DocumentVersions,
): Promise<string> =>
  commands.sendWaitIdle(
    instanceId,
    {
      ...NOTHING_OF_REQUESTS,
      watch,
      fencingToken: String(fencingToken),
      sliceSeconds: String(sliceSeconds),
      ...(watch === 'sessions' && { begunSeconds: String(Math.round(begunSeconds)) }),
    },
    versions,
  );

/** Before the deregistration, where a drain may cut: the server remembers which requests are in flight. */
export const LOOK = { watch: 'inFlight', sliceSeconds: 0 } as const;

/** The document ignores these parameters unless it watches requests. */
export const NOTHING_OF_REQUESTS = {
  floorSeconds: '0',
  quietSeconds: '0',
  previousRequests: '-1',
  previousQuietSeconds: '0',
  drainSignal: 'auto',
  targetPorts: '0',
  longLived: 'close',
  drainStartedAtMs: '0',
} satisfies Partial<WaitIdleParameters>;

/** Undefined while it runs. @param limitSeconds from sending until it is overdue, and is cancelled @throws CommandFailed, LeaseLost */
export function readWatch({ commands }: Ports, step: ServerWork, limitSeconds = SLICE_LIMIT_SECONDS): Promise<WaitIdleOutput | undefined> {
  const sentAtMs = step.commandSentAtMs ?? step.phaseStartedAtMs;
  return commands.readWaitIdle(sentCommand({ ...step, phaseStartedAtMs: sentAtMs }, limitSeconds));
}

/** As {@link readWatch} of sessions. */
export async function readSessions(...parameters: Parameters<typeof readWatch>): Promise<SessionsSeen | undefined> {
  const answer = await readWatch(...parameters);
  return answer && sessionsSeen(answer);
}

/** What one answer of a server shows of the sessions in its memory. */
export interface SessionsSeen {
  /** Absent where it could not be read. */
  readonly count?: number;
  /** The cookie with the session's id, and how the server's own route reads in it. */
  readonly cookie?: string;
  readonly route?: string;
  /** After this time without a request the server ends a session; -1: never. Absent where it does not report that. */
  readonly timeoutSeconds?: number;
  /** Sessions that are known by the id in URLs alone, where there are any. */
  readonly inUrls?: number;
  /** Why something could not be read, in words. */
  readonly reason?: string;
  /** No release is installed: there is nothing to lose. */
  readonly placeholder?: true;
}

type Printed = Pick<
  WaitIdleOutput,
  'sessions' | 'sessionCookie' | 'sessionRoute' | 'sessionTimeoutSeconds' | 'sessionsInUrls' | 'placeholder' | 'reason'
>;

export function sessionsSeen(answer: Printed): SessionsSeen {
  const { sessions, sessionCookie, sessionRoute, sessionTimeoutSeconds, sessionsInUrls, placeholder, reason } = answer;
  return {
    ...(sessions !== undefined && { count: sessions }),
    ...(sessionCookie !== undefined && { cookie: sessionCookie }),
    ...(sessionRoute !== undefined && { route: sessionRoute }),
    ...(sessionTimeoutSeconds !== undefined && { timeoutSeconds: sessionTimeoutSeconds }),
    ...(sessionsInUrls !== undefined && { inUrls: sessionsInUrls }),
    ...(reason !== undefined && { reason }),
    ...(placeholder && { placeholder }),
  };
}
