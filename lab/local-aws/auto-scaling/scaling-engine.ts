/** The loop that brings groups to their desired state: it reads the state, calls the pure decisions, and carries them out. */
import { messageOf } from '../service/message-of.ts';
import { type EngineContext, withTimeout } from './engine-context.ts';
import type { Group, Member } from './group-state.ts';
import { openRefresh, stepRefresh } from './instance-refresh.ts';
import { judgeHealth } from './judge-health.ts';
import { noteFailedLaunch, noteHealthy } from './launch-backoff.ts';
import { launchInstance } from './launch-instance.ts';
import { beginTermination, carryOut } from './member-steps.ts';
import { type CapacityAction, planCapacity } from './plan-capacity.ts';
import { nextStep } from './plan-lifecycle.ts';

export interface ScalingEngine {
  /** Checks every group once; slow steps continue in the background. */
  tick(): void;
  /** Ends the group's instances at once, without hooks, and forgets it. */
  endGroup(group: Group): Promise<void>;
  /** Resolves when all background work has ended, or after `timeoutMs`. */
  settle(timeoutMs: number): Promise<void>;
}

export function createScalingEngine(context: EngineContext): ScalingEngine {
  const running = new Set<Promise<void>>();

  const background = (work: Promise<void>, what: string): void => {
    const tracked = work
      .catch((error: unknown) => context.log(`auto-scaling: ${what}: ${messageOf(error)}`))
      .finally(() => running.delete(tracked));
    running.add(tracked);
  };

  const stepMembers = (group: Group): void => {
    for (const member of group.members.values()) {
      if (member.busy) continue;
      const step = nextStep(
        {
          ...member,
          targetStates: [...member.registeredWith].map((arn) => context.targetGroups.health(arn, member.instanceId)),
          hooks: [...group.hooks.values()],
          retainsAbandoned: group.retainsAbandoned,
        },
        context.now(),
      );
      if (step === undefined) continue;
      member.busy = true;
      const work = carryOut(context, group, member, step).finally(() => {
        member.busy = false;
      });
      background(work, `${group.name} ${member.instanceId} ${step.kind}`);
    }
  };

  const checkHealth = (group: Group): void => {
    const nowMs = context.now();
    if (group.suspended.has('HealthCheck') || nowMs - group.lastHealthCheckMs < context.settings.healthCheckFrequencyMs) return;
    group.lastHealthCheckMs = nowMs;
    for (const member of group.members.values()) {
      if (member.state !== 'InService' || member.health === 'Unhealthy' || member.busy) continue;
      const view = healthView(context, group, member);
      const finding = judgeHealth(view, nowMs);
      if (finding === undefined) {
        if (view.running && view.targetStates.every((state) => state === 'healthy')) noteHealthy(group, member);
        continue;
      }
      member.health = 'Unhealthy';
      const waitMs = member.wasHealthy ? 0 : noteFailedLaunch(group, nowMs, context.settings);
      const wait = waitMs > 0 ? `; the next launch waits ${waitMs} ms, since ${group.launchFailures} failed in a row` : '';
      context.log(`auto-scaling: ${group.name}: ${member.instanceId} failed the ${finding} health check${wait}`);
    }
  };

  const apply = (group: Group, action: CapacityAction): void => {
    if (action.kind === 'launch') {
      const cause = `At ${new Date(context.now()).toISOString()} an instance was started in response to ${
        action.reason === 'rebalance' ? 'an imbalance between Availability Zones' : 'a difference between desired and actual capacity'
      }, with a desired capacity of ${group.desired}.`;
      background(launchInstance(context, group, action.availabilityZone, cause), `${group.name} launch`);
      return;
    }
    const member = group.members.get(action.instanceId);
    if (member === undefined || member.busy) return;
    const cause = action.reason === 'excess' ? 'a difference between desired and actual capacity' : 'a failed health check';
    beginTermination(context, group, member, `an instance was taken out of service in response to ${cause}`);
  };

  const capacity = (group: Group): void => {
    const plan = planCapacity(
      {
        desired: group.desired + stepRefresh(context, group),
        suspended: new Set(group.suspended.keys()),
        availabilityZones: group.availabilityZones,
        refreshed: openRefresh(group)?.toReplace,
        launchingZones: [...group.launching].map((launch) => launch.availabilityZone),
        members: [...group.members.values()],
        launchNotBeforeMs: group.launchNotBeforeMs,
      },
      context.now(),
    );
    for (const action of plan) apply(group, action);
  };

  return {
    tick() {
      if (context.isStopped()) return;
      for (const group of context.registry.groups.values()) {
        if (!group.deleting) {
          checkHealth(group);
          capacity(group);
        }
        stepMembers(group);
      }
    },
    async endGroup(group) {
      group.deleting = true;
      const ends = [...group.members.values()].map(async (member) => {
        member.busy = true;
        await Promise.all([...member.registeredWith].map((arn) => context.targetGroups.deregister(arn, member.instanceId)));
        await context.machines.terminate(member.instanceId);
      });
      const results = await withTimeout(
        context.startTimer,
        Promise.allSettled(ends),
        context.settings.terminateTimeoutMs,
        `ending ${group.name}`,
      ).catch((error: unknown) => [{ status: 'rejected' as const, reason: error }]);
      for (const result of results) {
        if (result.status === 'rejected') context.log(`auto-scaling: ${group.name}: ${messageOf(result.reason)}`);
      }
      group.members.clear();
      if (context.registry.groups.get(group.name) === group) context.registry.groups.delete(group.name);
    },
    async settle(timeoutMs) {
      await withTimeout(context.startTimer, Promise.all(running), timeoutMs, 'background work').catch((error: unknown) =>
        context.log(`auto-scaling: ${messageOf(error)}`),
      );
    },
  };
}

function healthView(context: EngineContext, group: Group, member: Member) {
  return {
    healthCheckType: group.healthCheckType,
    inServiceAtMs: member.inServiceAtMs ?? member.launchedAtMs,
    gracePeriodSeconds: group.healthCheckGracePeriodSeconds,
    running: context.machines.isRunning(member.instanceId),
    // A target that was registered by hand counts as well; one that was never registered does not.
    targetStates: [...group.targetGroupArns].flatMap((arn) => {
      const state = context.targetGroups.health(arn, member.instanceId);
      return state !== undefined || member.registeredWith.has(arn) ? [state] : [];
    }),
  };
}
