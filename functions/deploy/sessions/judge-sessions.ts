import type { TargetProgress } from '../../records/types.ts';

/** Why the wait for a server's sessions has ended. */
export type SessionsEnd = 'gone' | 'timeout' | 'endedByHand' | 'serverFailed';

export interface SessionsFacts {
  /** At the last look; undefined where it could not be read. */
  readonly count: number | undefined;
  /** The load balancer's state for the server in the drain group: `healthy`, `draining`, … */
  readonly state: string;
  readonly endDrain: boolean;
  /** When the server left the main group. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly longestMs: number;
  /** A node that does not know yet that the server has left can still begin sessions on it. */
  readonly lagMs: number;
}

/** Undefined while there are sessions to wait for. A count that could not be read is not 0. */
export function judgeSessions({ count, state, endDrain, sinceMs, nowMs, longestMs, lagMs }: SessionsFacts): SessionsEnd | undefined {
  if (state !== 'healthy') return 'serverFailed';
  if (endDrain) return 'endedByHand';
  if (nowMs - sinceMs >= longestMs) return 'timeout';
  return count === 0 && nowMs - sinceMs >= lagMs ? 'gone' : undefined;
}

/** Whether somebody has ended this wait. The server's earlier roll, before its rollback, had a wait of its own. */
export const isEndedByHand = ({ endDrain, phases = [] }: Pick<TargetProgress, 'endDrain' | 'phases'> = {}): boolean =>
  endDrain !== undefined && endDrain.atMs >= (phases.findLast(({ phase }) => phase === 'pinning')?.startedAtMs ?? 0);
