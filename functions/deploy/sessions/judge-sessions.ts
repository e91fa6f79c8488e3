import type { TargetProgress } from '../../records/types.ts';
import type { DeployContext } from '../contract/common.ts';

/** Why the wait for a server's sessions has ended. */
export type SessionsEnd = 'gone' | 'timeout' | 'endedByHand' | 'serverFailed';

interface SessionsFacts {
  /** At the last look; undefined where it could not be read. */
  readonly count: number | undefined;
  /** The load balancer's state for the server in the drain group: `healthy`, `draining`, … */
  readonly state: string;
  /** Why, as the load balancer says it: `Target.Timeout: …`. */
  readonly detail?: string | undefined;
  /** The look before found {@link isBalancersFault} as well. */
  readonly isRepeated?: boolean;
  readonly endDrain: boolean;
  /** When the server left the main group. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly longestMs: number;
  /** A node that does not know yet that the server has left can still begin sessions on it. */
  readonly lagMs: number;
}

/** Undefined while there are sessions to wait for. A count that could not be read is not 0. */
export function judgeSessions(facts: SessionsFacts): SessionsEnd | undefined {
  const { count, state, isRepeated = false, endDrain, sinceMs, nowMs, longestMs, lagMs } = facts;
  if (state !== 'healthy' && (isRepeated || !isBalancersFault(facts))) return 'serverFailed';
  if (endDrain) return 'endedByHand';
  if (nowMs - sinceMs >= longestMs) return 'timeout';
  return count === 0 && nowMs - sinceMs >= lagMs ? 'gone' : undefined;
}

/**
 * Whether the load balancer's own check failed, which shows nothing of the server.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
export const isBalancersFault = ({ state, detail = '' }: Pick<SessionsFacts, 'state' | 'detail'>): boolean =>
  state === 'unavailable' || (state === 'unhealthy' && detail.startsWith('Elb.'));

/**
 * Whether somebody has ended this wait. The server's earlier roll, before its rollback, had a wait of its own.
 * @param begins the phase that the wait begins with: `draining` for requests
 */
export function isEndedByHand(
  { endDrain, phases = [] }: Pick<TargetProgress, 'endDrain' | 'phases'> = {},
  begins: 'pinning' | 'draining' = 'pinning',
): boolean {
  const sinceMs = phases.findLast(({ phase }) => phase === begins)?.startedAtMs;
  if (endDrain === undefined) return false;
  return begins === 'pinning' ? endDrain.atMs >= (sinceMs ?? 0) : sinceMs !== undefined && endDrain.atMs > sinceMs;
}

/**
 * Whether the deploy goes on where it cannot wait for users' sessions: an operator has said so. One that resumes another deploy begins with
 * too few healthy targets by itself, and ends nobody's session for that.
 */
export const endsSessions = ({ recover, keepsSessions }: Pick<DeployContext, 'recover' | 'keepsSessions'>): boolean =>
  recover && keepsSessions !== true;
