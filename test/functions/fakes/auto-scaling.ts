import type { AutoScalingGroup, LifecycleActions } from '../../../functions/shared/aws/auto-scaling.ts';
import { type GroupHook, LIFECYCLE_HOOKS, type LifecycleKind } from '../../../functions/shared/foreign-hooks.ts';

/** An Auto Scaling group with the members and suspensions that a test gives it; remembers the calls. */
export function fakeAutoScalingGroup(
  members: Record<string, string> = {},
  suspended: readonly string[] = [],
): AutoScalingGroup & {
  suspended: Set<string>;
  readonly unhealthy: Set<string>;
  /** Availability Zones of the members that have one. */
  readonly zones: Record<string, string>;
  readonly calls: string[];
  /** Holdfast's own; a test adds those of other tools. */
  readonly hooksOf: GroupHook[];
} {
  const calls: string[] = [];
  const group = {
    name: 'holdfast-web',
    suspended: new Set(suspended),
    unhealthy: new Set<string>(),
    zones: {} as Record<string, string>,
    calls,
    hooksOf: Object.entries(LIFECYCLE_HOOKS).map(
      ([kind, name]): GroupHook => ({ name, kind: kind as LifecycleKind, timeoutSeconds: 600, defaultResult: 'ABANDON' }),
    ),
    hooks: async () => group.hooksOf,
    describe: async () => ({
      members: Object.entries(members).map(([instanceId, lifecycleState]) => ({
        instanceId,
        lifecycleState,
        healthStatus: group.unhealthy.has(instanceId) ? 'Unhealthy' : 'Healthy',
        ...(group.zones[instanceId] !== undefined && { zone: group.zones[instanceId] }),
      })),
      targetGroupArns: [] as readonly string[],
      suspendedProcesses: [...group.suspended],
    }),
    async suspend(processes: readonly string[]) {
      calls.push(`suspend ${processes.join(' ')}`);
      for (const process of processes) group.suspended.add(process);
    },
    async resume(processes: readonly string[]) {
      calls.push(`resume ${processes.join(' ')}`);
      for (const process of processes) group.suspended.delete(process);
    },
    async markHealthy(instanceId: string) {
      calls.push(`markHealthy ${instanceId}`);
    },
  };
  return group;
}

/** Lifecycle actions that are open until `over` is set. */
export function fakeLifecycleActions(): LifecycleActions & { over: boolean; readonly calls: string[] } {
  const calls: string[] = [];
  const actions = {
    over: false,
    calls,
    async heartbeat() {
      calls.push('heartbeat');
      return !actions.over;
    },
    async complete(_action: unknown, result: string) {
      calls.push(result);
      return !actions.over;
    },
  };
  return actions;
}
