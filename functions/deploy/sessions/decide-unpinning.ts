import { healthOf, type TargetHealth } from '../../shared/aws/target-group.ts';
import type { UnpinningProgress } from '../contract/roll.ts';

/** The drain rule and the targets of both groups, as they are now. */
export interface DrainState {
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
  /** How long the release waits for a server that goes back into the main group to become healthy there. */
  readonly registerMs: number;
  /** Whether the server's previous release still serves, so that its sessions can go on in the main group. */
  readonly goesBack: (instanceId: string) => boolean;
}

export type ReleaseAction = (
  | { readonly action: 'done' | 'wait' }
  /** These targets are registered in the main group, at the ports that they have in the drain group. */
  | { readonly action: 'register'; readonly targets: readonly TargetHealth[] }
  /** The drain rule is changed so that it takes no session. */
  | { readonly action: 'release' }
  /** These targets are deregistered from the drain group. */
  | { readonly action: 'leave'; readonly targets: readonly TargetHealth[] }
) & { readonly progress: UnpinningProgress };

export const NOT_RELEASED: UnpinningProgress = { waitingSinceMs: 0, healthySinceMs: 0, neutralSinceMs: 0 };

/**
 * The next step towards a drain rule that takes no session and an empty drain group. While a pinned server still serves and is to go back,
 * it is registered in the main group first, and the rule is released once every node of the load balancer knows it to be healthy there:
 * its users' cookies name it there, so that they stay with it. Without such a server the rule is released at once, because the
 * load balancer sends requests to the only target of a group whatever its health is. The drain group is emptied last, once every node
 * follows the changed rule: a node that still led sessions to an empty group would answer 503.
 */
export function decideRelease({ pattern, drain, main }: DrainState, before: UnpinningProgress, limits: ReleaseLimits): ReleaseAction {
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
  const { awaitsDelay, ...rest } = before;
  const progress = { ...rest, waitingSinceMs, healthySinceMs: isHealthy ? before.healthySinceMs || nowMs : 0 };
  const isOver = nowMs - waitingSinceMs >= registerMs + lagMs;
  const out = serving.filter(({ instanceId }) => ['unused', 'draining'].includes(healthOf(instanceId, main).state));
  if (out.length > 0 && (before.waitingSinceMs === 0 || (awaitsDelay && !isOver))) return { action: 'register', targets: out, progress };
  const isBack = isHealthy && nowMs - progress.healthySinceMs >= lagMs;
  return isBack || isOver ? release : { action: 'wait', progress };
}

/** Whether the rule sends sessions to servers of which none is healthy: the only target of a group gets requests whatever its health is. */
export const isPinFailed = ({ pattern, drain }: DrainState): boolean =>
  pattern !== undefined && !membersOf(drain).some(({ state }) => state === 'healthy');

/** The group's targets, without those that are leaving it. */
export const membersOf = (group: readonly TargetHealth[]): readonly TargetHealth[] => group.filter(({ state }) => state !== 'draining');
