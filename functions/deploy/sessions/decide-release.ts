import { healthOf, type TargetHealth } from '../../shared/aws/target-group.ts';
import type { ReleaseProgress } from '../contract/roll.ts';

/** The load balancer as it is now. */
export interface DrainFront {
  /** The pattern by which the drain rule recognizes the sessions that it takes; undefined while it takes none. */
  readonly pattern: string | undefined;
  /** Targets of the drain group. */
  readonly drain: readonly TargetHealth[];
  /** Targets of the fleet's own group. */
  readonly main: readonly TargetHealth[];
}

export interface ReleaseLimits {
  readonly nowMs: number;
  /** How long a change takes until every node of the load balancer follows it. */
  readonly lagMs: number;
  /** How long a server is waited for that goes back into the main group. */
  readonly registerMs: number;
  /** Whether the server's previous release still serves, so that its sessions can go on in the main group. */
  readonly goesBack: (instanceId: string) => boolean;
}

export type ReleaseAction = (
  | { readonly action: 'done' | 'wait' }
  /** Into the main group, at the ports that the drain group has. */
  | { readonly action: 'register'; readonly targets: readonly TargetHealth[] }
  /** The rule takes no session from here on. */
  | { readonly action: 'release' }
  /** The drain group. */
  | { readonly action: 'leave'; readonly targets: readonly TargetHealth[] }
) & { readonly progress: ReleaseProgress };

export const NOT_RELEASED: ReleaseProgress = { waitingSinceMs: 0, healthySinceMs: 0, neutralSinceMs: 0 };

/**
 * What is next until the drain rule takes no session and the drain group is empty. A pinned server that still serves, and goes back, is
 * healthy in the main group first, at every node: its users' cookies name it there, and they stay. Any other server is released at once;
 * the only target of a group gets requests whatever its health is. The group is emptied once every node follows the rule, for a node that
 * does not would answer 503.
 */
export function decideRelease({ pattern, drain, main }: DrainFront, before: ReleaseProgress, limits: ReleaseLimits): ReleaseAction {
  const { nowMs, lagMs, registerMs, goesBack } = limits;
  const members = membersOf(drain);
  if (pattern === undefined) {
    if (members.length === 0) return { action: 'done', progress: NOT_RELEASED };
    const progress = { ...before, neutralSinceMs: before.neutralSinceMs || nowMs };
    const isEverywhere = nowMs - progress.neutralSinceMs >= lagMs;
    return isEverywhere ? { action: 'leave', targets: members, progress } : { action: 'wait', progress };
  }
  const release: ReleaseAction = { action: 'release', progress: { ...before, neutralSinceMs: 0 } };
  const serving = members.filter(({ instanceId, state }) => state === 'healthy' && goesBack(instanceId));
  if (serving.length === 0) return release;
  const waitingSinceMs = before.waitingSinceMs || nowMs;
  const isHealthy = serving.every(({ instanceId }) => healthOf(instanceId, main).state === 'healthy');
  const progress = { ...before, waitingSinceMs, healthySinceMs: isHealthy ? before.healthySinceMs || nowMs : 0 };
  const out = serving.filter(({ instanceId }) => ['unused', 'draining'].includes(healthOf(instanceId, main).state));
  if (out.length > 0 && before.waitingSinceMs === 0) return { action: 'register', targets: out, progress };
  const isBack = isHealthy && nowMs - progress.healthySinceMs >= lagMs;
  return isBack || nowMs - waitingSinceMs >= registerMs + lagMs ? release : { action: 'wait', progress };
}

/** Whether the rule sends sessions to servers of which none is healthy: the only target of a group gets requests whatever its health is. */
export const isPinFailed = ({ pattern, drain }: DrainFront): boolean =>
  pattern !== undefined && !membersOf(drain).some(({ state }) => state === 'healthy');

/** Those that have not left it. */
export const membersOf = (group: readonly TargetHealth[]): readonly TargetHealth[] => group.filter(({ state }) => state !== 'draining');
