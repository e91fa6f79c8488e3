/**
 * The next step of one instance on its way into or out of service. Values and `now` in, at most one step out.
 *
 * The order is AWS's: on the way in the launch hooks wait first, then the instance is registered with the load balancer,
 * then it is InService and the grace period starts. On the way out it is deregistered first and drained (activity status
 * WaitingForELBConnectionDraining); only then do the terminating hooks wait, and then the machine ends.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html steps 2–6: "before the instance
 *   reaches the InService state … the instance is registered with the load balancer", "the terminating instance is first
 *   deregistered from the load balancer", and after that "the lifecycle hook puts the instance into a wait state".
 */
import { type Hook, type HookResult, LAUNCHING, type LifecycleAction, type LifecycleState, TERMINATING } from './group-state.ts';

export interface MemberView {
  readonly state: LifecycleState;
  readonly actions: readonly LifecycleAction[];
  /** Undefined until the targets were deregistered. */
  readonly drainDeadlineMs?: number;
  /** State of each target that was deregistered. */
  readonly targetStates: readonly (string | undefined)[];
  /** The group's hooks. */
  readonly hooks: readonly Hook[];
  /** The group keeps an instance whose terminating hook was abandoned. @default false */
  readonly retainsAbandoned?: boolean;
}

export type MemberStep =
  | { readonly kind: 'waitForHooks'; readonly state: 'Pending:Wait' | 'Terminating:Wait'; readonly hooks: readonly Hook[] }
  | { readonly kind: 'proceed'; readonly state: 'Pending:Proceed' | 'Terminating:Proceed' }
  | { readonly kind: 'abandonLaunch'; readonly hookName: string }
  | { readonly kind: 'enterService' }
  | { readonly kind: 'deregister' }
  | { readonly kind: 'retain' }
  | { readonly kind: 'endMachine' };

export function nextStep(member: MemberView, nowMs: number): MemberStep | undefined {
  switch (member.state) {
    case 'Pending': {
      const hooks = hooksFor(member, LAUNCHING);
      return hooks.length > 0 ? { kind: 'waitForHooks', state: 'Pending:Wait', hooks } : { kind: 'enterService' };
    }
    case 'Pending:Wait': {
      const verdict = verdictOf(member.actions, nowMs);
      if (verdict === 'CONTINUE') return { kind: 'proceed', state: 'Pending:Proceed' };
      const abandoned = member.actions.find((action) => resultOf(action, nowMs) === 'ABANDON');
      return abandoned === undefined ? undefined : { kind: 'abandonLaunch', hookName: abandoned.hook.name };
    }
    case 'Pending:Proceed':
      return { kind: 'enterService' };
    case 'Terminating': {
      if (member.drainDeadlineMs === undefined) return { kind: 'deregister' };
      if (isDraining(member, nowMs)) return undefined;
      const hooks = hooksFor(member, TERMINATING);
      return hooks.length > 0
        ? { kind: 'waitForHooks', state: 'Terminating:Wait', hooks }
        : { kind: 'proceed', state: 'Terminating:Proceed' };
    }
    case 'Terminating:Wait':
      return afterTermination(member, nowMs);
    case 'Terminating:Proceed':
      return { kind: 'endMachine' };
    default:
      return undefined;
  }
}

/**
 * ABANDON ends the other hooks' waits too; the instance is terminated either way, unless the group's instance lifecycle policy retains it.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/configure-instance-retention.html
 */
function afterTermination(member: MemberView, nowMs: number): MemberStep | undefined {
  const verdict = verdictOf(member.actions, nowMs);
  if (verdict === undefined) return undefined;
  return verdict === 'ABANDON' && member.retainsAbandoned ? { kind: 'retain' } : { kind: 'proceed', state: 'Terminating:Proceed' };
}

/** A hook's result: its completion, else its default after the heartbeat time-out, else undefined. */
export function resultOf(action: LifecycleAction, nowMs: number): HookResult | undefined {
  if (action.result !== undefined) return action.result;
  return nowMs >= Math.min(action.deadlineMs, action.globalDeadlineMs) ? action.hook.defaultResult : undefined;
}

/** The result of all hooks together: ABANDON as soon as one hook abandons, CONTINUE once every hook has continued. */
function verdictOf(actions: readonly LifecycleAction[], nowMs: number): HookResult | undefined {
  const results = actions.map((action) => resultOf(action, nowMs));
  if (results.includes('ABANDON')) return 'ABANDON';
  return results.includes(undefined) ? undefined : 'CONTINUE';
}

function hooksFor(member: MemberView, transition: Hook['transition']): Hook[] {
  return member.hooks.filter((hook) => hook.transition === transition);
}

function isDraining(member: MemberView, nowMs: number): boolean {
  return nowMs < (member.drainDeadlineMs ?? 0) && member.targetStates.includes('draining');
}
