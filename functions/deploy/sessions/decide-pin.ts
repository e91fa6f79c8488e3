import { healthOf } from '../../shared/aws/target-group.ts';
import type { SessionsProgress } from '../contract/roll.ts';
import { PinTimedOut } from '../errors.ts';
import { type DrainState, decideRelease, membersOf, NOT_RELEASED, type ReleaseAction, type ReleaseLimits } from './unpin.ts';

export interface PinFacts extends DrainState {
  readonly instanceId: string;
  /** The pattern of the server's own sessions. */
  readonly wanted: string;
  readonly sessions: SessionsProgress;
  /** When the server began to be pinned. */
  readonly phaseStartedAtMs: number;
  /** A rollback takes a bad release from users, and so waits for nothing that does not come. */
  readonly isRollback: boolean;
}

export type PinAction =
  /** What another roll left goes first. */
  | { readonly action: 'clear'; readonly release: ReleaseAction; readonly sessions: SessionsProgress }
  /** `join`: the drain group. `pin`: the rule. `leaveMain`: new sessions go elsewhere. `skip`: it serves nobody. */
  | { readonly action: 'join' | 'pin' | 'leaveMain' | 'wait' | 'skip'; readonly sessions: SessionsProgress }
  /** `giveUp`: it serves, and its sessions are not waited for. */
  | { readonly action: 'giveUp'; readonly sessions: SessionsProgress };

/**
 * The next step on the way to a server whose sessions stay with it while new ones go elsewhere: healthy in the drain group, the rule,
 * every node of the load balancer, out of the main group.
 * @throws PinTimedOut when it does not become healthy in the drain group, or cannot join it; a rollback goes on without its sessions
 */
export function decidePin(facts: PinFacts, limits: ReleaseLimits): PinAction {
  const { instanceId, pattern, wanted, drain, main, sessions } = facts;
  const { nowMs, lagMs, registerMs } = limits;
  const isForeign = (pattern !== undefined && pattern !== wanted) || membersOf(drain).some((one) => one.instanceId !== instanceId);
  if (isForeign) {
    const release = decideRelease(facts, sessions.release ?? NOT_RELEASED, limits);
    return { action: 'clear', release, sessions: { ...sessions, release: release.progress } };
  }
  const { release: _, ...own } = sessions;
  const member = membersOf(drain).find((one) => one.instanceId === instanceId);
  const serves = ['healthy', 'initial'].includes(healthOf(instanceId, main).state);
  const decided = (action: Exclude<PinAction['action'], 'clear'>, pinnedAtMs?: number): PinAction => {
    const { pinnedAtMs: __, ...rest } = own;
    return { action, sessions: { ...rest, ...(pinnedAtMs !== undefined && { pinnedAtMs }) } };
  };
  if (!serves && pattern === undefined) return decided('skip');
  const isOver = nowMs - facts.phaseStartedAtMs >= registerMs;
  if (!member && !isOver) return decided('join');
  if (member?.state !== 'healthy') {
    if (!serves) return decided('skip');
    if (pattern !== undefined) {
      // The group's only target gets the sessions whatever its health is; without the rule, the load balancer looks at it.
      const release = decideRelease(facts, NOT_RELEASED, limits);
      return { action: 'clear', release, sessions: { ...own, release: release.progress } };
    }
    if (!isOver) return decided('wait');
    if (facts.isRollback) return decided('giveUp');
    const { state, detail } = healthOf(instanceId, drain);
    const why = detail === undefined ? '' : ` (${detail})`;
    throw new PinTimedOut(
      `${instanceId} was still ${state} in the drain group ${registerMs / 1000} s after it was to join it${why}; nothing was installed on it`,
    );
  }
  if (pattern === undefined) return decided('pin');
  const pinnedAtMs = own.pinnedAtMs ?? nowMs;
  return decided(nowMs - pinnedAtMs >= lagMs ? 'leaveMain' : 'wait', pinnedAtMs);
}
