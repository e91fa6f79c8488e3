/**
 * Instance refreshes: a group replaces its instances, some at a time, by new ones from its launch template.
 *
 * Unkind where the documentation leaves it open: an instance that is in service and past the warm-up is ready, whatever the load balancer
 * finds; and a refresh is Successful while the last old instance still drains.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-how-suspending-processes-affects-other-processes.html
 */
import { z } from 'zod';
import { flag, list, page, requiredText, whole } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import type { EngineContext } from './engine-context.ts';
import type { Group, InstanceRefresh, Member } from './group-state.ts';
import { pageInput, parseInput } from './input.ts';
import { beginTermination } from './member-steps.ts';
import { COUNTED } from './plan-capacity.ts';

/** "waits for a time period of up to 60 minutes after it reaches the minimum healthy threshold before it eventually fails". */
const STUCK_MS = 3_600_000;
const NEEDED = ['InstanceRefresh', 'Launch', 'Terminate'] as const;
/** The one that is under way. */
export const openRefresh = ({ refreshes }: Group): InstanceRefresh | undefined => refreshes.find(({ status }) => OPEN.has(status));
const OPEN: ReadonlySet<InstanceRefresh['status']> = new Set(['Pending', 'InProgress', 'Cancelling']);

export interface RefreshView {
  readonly desired: number;
  readonly members: readonly Readonly<
    Pick<Member, 'instanceId' | 'state' | 'health' | 'launchedAtMs' | 'inServiceAtMs' | 'protectedFromScaleIn'>
  >[];
  /** Launches that have no instance yet. */
  readonly launching: number;
  readonly refresh: Pick<InstanceRefresh, 'known' | 'toReplace' | 'preferences'>;
  /** It replaces nothing now, because a process that it needs is suspended or it is being cancelled. */
  readonly paused: boolean;
}

export interface RefreshPlan {
  /** Instances above the desired capacity that the group has for now. */
  readonly surplus: number;
  readonly terminate: readonly string[];
  /** Instances that are to be replaced, or whose replacements are not ready. */
  readonly remaining: number;
}

/** What a refresh does now. Values in, values out. */
export function planRefresh({ desired, members, launching, refresh, paused }: RefreshView, nowMs: number): RefreshPlan {
  const { preferences, known, toReplace } = refresh;
  const counted = members.filter(({ state }) => COUNTED.has(state));
  const old = counted.filter(({ instanceId }) => toReplace.has(instanceId));
  const ready = counted.filter(
    ({ instanceId, state, health, inServiceAtMs = 0 }) =>
      state === 'InService' &&
      health === 'Healthy' &&
      (known.has(instanceId) || nowMs >= inServiceAtMs + preferences.InstanceWarmup * 1000),
  );
  const newcomers = counted.length - old.length + launching;
  const readyNewcomers = ready.filter(({ instanceId }) => !toReplace.has(instanceId)).length;
  const remaining = Math.max(old.length, newcomers - readyNewcomers, desired - ready.length, 0);

  const { MinHealthyPercentage: min, MaxHealthyPercentage: max } = preferences;
  const least = Math.ceil((desired * min) / 100);
  const most = Math.floor((desired * (max ?? 100)) / 100);
  // Where both bounds cannot be kept, an explicit maximum launches first, and without one an instance goes first.
  const fits = least < most;
  const ceiling = fits || max === undefined ? most : desired + 1;
  const floor = fits || max !== undefined ? least : desired - 1;
  if (paused) return { surplus: Math.max(counted.length + launching - desired, 0), terminate: [], remaining };
  const terminate = old
    .filter(
      ({ state, protectedFromScaleIn }) =>
        state === 'InService' && (!protectedFromScaleIn || preferences.ScaleInProtectedInstances === 'Refresh'),
    )
    .slice(0, Math.max(ready.length - floor, 0))
    .map(({ instanceId }) => instanceId);
  return { surplus: Math.min(ceiling - desired, old.length - terminate.length), terminate, remaining };
}

/** Goes on with the group's refresh. @returns how many instances it has above its desired capacity for now */
export function stepRefresh(context: EngineContext, group: Group): number {
  const refresh = openRefresh(group);
  if (refresh === undefined) return 0;
  const nowMs = context.now();
  const isCancelling = refresh.status === 'Cancelling';
  const paused = isCancelling || NEEDED.some((process) => group.suspended.has(process));
  const members = [...group.members.values()];
  const plan = planRefresh({ desired: group.desired, members, launching: group.launching.size, refresh, paused }, nowMs);
  if (paused || plan.remaining < refresh.remaining) refresh.progressAtMs = nowMs;
  refresh.remaining = plan.remaining;
  const end = (status: InstanceRefresh['status'], reason?: string) => {
    Object.assign(refresh, { status, endedAtMs: nowMs, ...(reason !== undefined && { reason }) });
    return 0;
  };
  const isMoving = group.launching.size > 0 || members.some(({ state }) => /^(Pending|Terminating)(?!:Retained)/.test(state));
  if (isCancelling) return isMoving ? plan.surplus : end('Cancelled');
  if (paused) return plan.surplus;
  refresh.status = 'InProgress';
  if (plan.remaining === 0) return end('Successful');
  if (nowMs - refresh.progressAtMs >= STUCK_MS)
    return end('Failed', 'The instance refresh made no progress for an hour: instances are not healthy, or are protected from scale in.');
  for (const instanceId of plan.terminate) {
    const member = group.members.get(instanceId);
    if (member !== undefined && !member.busy)
      beginTermination(context, group, member, 'an instance was taken out of service in response to an instance refresh');
  }
  return plan.surplus;
}

const preferencesInput = z.strictObject({
  MinHealthyPercentage: whole(0, 100).optional(),
  MaxHealthyPercentage: whole(100, 200).optional(),
  InstanceWarmup: whole(0).optional(),
  SkipMatching: flag.default(false),
  ScaleInProtectedInstances: z.enum(['Refresh', 'Ignore', 'Wait']).default('Wait'),
  StandbyInstances: z.enum(['Terminate', 'Ignore', 'Wait']).default('Wait'),
});
const startInput = z.strictObject({
  AutoScalingGroupName: requiredText,
  Strategy: z.literal('Rolling').optional(),
  Preferences: preferencesInput.prefault({}),
});
const cancelInput = z.object({ AutoScalingGroupName: requiredText, WaitForTransitioningInstances: flag.default(true) });
const describeInput = pageInput.extend({ AutoScalingGroupName: requiredText, InstanceRefreshIds: list(requiredText).default([]) });

export function refreshOperations(context: EngineContext): Record<string, Operation> {
  const { registry, now, newId } = context;
  return {
    StartInstanceRefresh(input) {
      const { AutoScalingGroupName, Preferences: wanted } = parseInput(startInput, input);
      const group = registry.need(AutoScalingGroupName);
      const { MinHealthyPercentage: min, MaxHealthyPercentage: max } = wanted;
      if (max !== undefined && (min === undefined || max - min > 100)) {
        const message = 'MaxHealthyPercentage needs MinHealthyPercentage, and the difference between them cannot be greater than 100.';
        throw new AwsError('ValidationError', message);
      }
      if (openRefresh(group)) {
        const message = 'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.';
        throw new AwsError('InstanceRefreshInProgress', message);
      }
      const preferences = {
        ...wanted,
        MinHealthyPercentage: min ?? 90,
        InstanceWarmup: wanted.InstanceWarmup ?? group.healthCheckGracePeriodSeconds,
      };
      const toReplace = [...group.members.values()].filter(
        ({ state, launchTemplate, protectedFromScaleIn }) =>
          COUNTED.has(state) &&
          !(wanted.SkipMatching && isSame(launchTemplate, group.launchTemplate)) &&
          !(protectedFromScaleIn && wanted.ScaleInProtectedInstances === 'Ignore'),
      );
      const refresh: InstanceRefresh = {
        id: newId(),
        startedAtMs: now(),
        progressAtMs: now(),
        status: 'Pending',
        preferences,
        known: new Set(group.members.keys()),
        toReplace: new Set(toReplace.map(({ instanceId }) => instanceId)),
        remaining: toReplace.length,
      };
      group.refreshes.unshift(refresh);
      return { InstanceRefreshId: refresh.id };
    },
    CancelInstanceRefresh(input) {
      const request = parseInput(cancelInput, input);
      const refresh = openRefresh(registry.need(request.AutoScalingGroupName));
      if (refresh === undefined)
        throw new AwsError('ActiveInstanceRefreshNotFound', 'There is no in progress or pending Instance Refresh to cancel.');
      if (request.WaitForTransitioningInstances) refresh.status = 'Cancelling';
      else Object.assign(refresh, { status: 'Cancelled', endedAtMs: now() });
      return { InstanceRefreshId: refresh.id };
    },
    DescribeInstanceRefreshes(input) {
      const request = parseInput(describeInput, input);
      const group = registry.need(request.AutoScalingGroupName);
      const ids = request.InstanceRefreshIds;
      const { items, nextToken } = page(
        group.refreshes.filter(({ id }) => ids.length === 0 || ids.includes(id)),
        request.NextToken,
        request.MaxRecords,
      );
      return { InstanceRefreshes: items.map((refresh) => describeRefresh(group, refresh)), ...nextToken };
    },
  };
}

const isSame = (one: Member['launchTemplate'], other: Group['launchTemplate']): boolean =>
  one?.id === other?.id && one?.name === other?.name && one?.version === other?.version;

function describeRefresh(
  group: Group,
  { id, status, reason, startedAtMs, endedAtMs, preferences, toReplace, remaining }: InstanceRefresh,
): object {
  const left = Math.min(remaining, toReplace.size);
  return {
    InstanceRefreshId: id,
    AutoScalingGroupName: group.name,
    Status: status,
    ...(reason !== undefined && { StatusReason: reason }),
    StartTime: new Date(startedAtMs),
    ...(endedAtMs !== undefined && { EndTime: new Date(endedAtMs) }),
    PercentageComplete: toReplace.size === 0 ? 100 : Math.round(100 - (100 * left) / toReplace.size),
    InstancesToUpdate: left,
    Preferences: preferences,
    Strategy: 'Rolling',
  };
}
