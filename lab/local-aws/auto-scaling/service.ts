/** Auto Scaling of the local cloud: groups whose instances are real machines, with AWS's lifecycle around them. */

import { randomUUID } from 'node:crypto';
import type { MetricSink } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';
import type { LocalService } from '../service/service.ts';
import { attempt, DEFAULT_SETTINGS, type EngineContext, type ScalingSettings, startRealTimer } from './engine-context.ts';
import { recordGroupMetrics } from './group-metrics.ts';
import { groupOperations } from './group-operations.ts';
import { createGroupRegistry } from './group-registry.ts';
import type { ZoneLookup } from './group-settings.ts';
import { hookOperations } from './hook-operations.ts';
import { instanceOperations } from './instance-operations.ts';
import { refreshOperations } from './instance-refresh.ts';
import { permissionsOf } from './permissions.ts';
import { resourceTypes } from './resource-types.ts';
import { createScalingEngine } from './scaling-engine.ts';
import { tagOperations } from './tag-operations.ts';

export interface AutoScalingOptions extends Omit<EngineContext, 'settings' | 'registry' | 'isStopped' | 'startTimer' | 'newId'> {
  /** The zone of a subnet. @default zones a, b, c, … in the order of the subnets */
  readonly availabilityZoneOf?: ZoneLookup;
  readonly settings?: Partial<ScalingSettings>;
  /** @default group metrics are not published */
  readonly metrics?: MetricSink;
}

/** Features of Auto Scaling that the local cloud does not have. */
export const NOT_EMULATED = [
  'Scaling policies, scheduled actions, Standby, attaching and detaching instances, and attaching and detaching target groups by the API (a stack update can change them) do not exist. Suspending AlarmNotification or ScheduledActions is only recorded.',
  'Instance refreshes have no desired configuration, checkpoint, bake time, alarm or rollback, send no event, and compare launch templates as they are named: `$Latest` always matches.',
  'Warm pools, maximum instance lifetime, Spot, mixed instances (only the launch template is used) and capacity rebalancing do not exist.',
  'An instance appears in its group once its machine has booted; until then it only counts towards the capacity.',
  'Lifecycle hooks send EventBridge events only; NotificationTargetARN is recorded but not notified.',
  'Cooldowns, HonorCooldown and termination policies other than the default have no effect.',
  'Of the group metrics (AWS/AutoScaling) only GroupTerminatingRetainedInstances is published, by groups whose template collects it; EnableMetricsCollection does not exist.',
  'An instance that is retained sends no event; a deleted group ends it with the others.',
] as const;

export function createAutoScalingService(options: AutoScalingOptions): LocalService {
  let stopped = false;
  const context: EngineContext = {
    ...options,
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    registry: createGroupRegistry(options.now, randomUUID),
    isStopped: () => stopped,
    startTimer: startRealTimer,
    newId: randomUUID,
  };
  const engine = createScalingEngine(context);
  const zoneOf = options.availabilityZoneOf ?? (() => undefined);

  const timer = setInterval(() => {
    try {
      engine.tick();
      for (const group of context.registry.groups.values()) recordGroupMetrics(options.metrics, group, options.now());
    } catch (error) {
      context.log(`auto-scaling: ${messageOf(error)}`);
    }
  }, context.settings.tickMs);
  timer.unref();

  return {
    signingNames: ['autoscaling'],
    protocol: { kind: 'query', xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/' },
    permissions: permissionsOf(context),
    operations: {
      ...groupOperations(context, engine, zoneOf),
      ...instanceOperations(context),
      ...hookOperations(context),
      ...refreshOperations(context),
      ...tagOperations(context.registry),
    },
    resourceTypes: resourceTypes(context, engine, zoneOf),
    notEmulated: NOT_EMULATED,
    async stop() {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      // Machines end at once: while the local cloud stops, there is no traffic to drain.
      const ends = [...context.registry.groups.values()].flatMap((group) => {
        group.deleting = true;
        return [...group.members.keys()].map((instanceId) => context.machines.terminate(instanceId));
      });
      await attempt(context, context.settings.terminateTimeoutMs, 'ending the instances', () => Promise.allSettled(ends));
      await engine.settle(context.settings.terminateTimeoutMs);
    },
  };
}
