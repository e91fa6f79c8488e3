/** Auto Scaling of the simulated cloud: one group, by the local cloud's engine and operations, in virtual time. */
import type { EngineContext } from '#local-aws/auto-scaling/engine-context.ts';
import { createGroup } from '#local-aws/auto-scaling/group-operations.ts';
import type { Group, Member } from '#local-aws/auto-scaling/group-state.ts';
import { hookInput, putHook } from '#local-aws/auto-scaling/hook-operations.ts';
import { createScalingEngine } from '#local-aws/auto-scaling/scaling-engine.ts';
import type { Installation, LifecycleHook } from '../../installation/installation.ts';
import type { Service } from '../../seam/call.ts';
import { createContext, type Launches, type Surroundings } from './engine-context.ts';
import { createGroupOperator, type GroupOperator } from './group-operator.ts';
import { createGroupService } from './group-service.ts';
import { settleStandby } from './standby.ts';

/** Auto Scaling looks at its groups every few seconds, and soon after a call. */
const LOOK_MS = 5_000;
const LOOK_AFTER_CALL_MS = { least: 500, most: 5_000 };

export interface AutoScalingOptions extends Surroundings {
  readonly installation: Pick<Installation, 'group' | 'hooks' | 'targetGroup'>;
  /** Bounds of the group, where those of the installation do not fit. */
  readonly sizes?: { readonly least: number; readonly most: number };
}

export interface AutoScaling {
  readonly service: Service;
  /** The state itself, for predicates. */
  readonly group: Group;
  readonly operator: GroupOperator;
  /**
   * Servers that are in service when the run begins, registered; the desired capacity becomes their number. They wait for no hook,
   * and somebody else has started their machines.
   * @throws Error outside of the group's bounds
   */
  begin(instanceIds: readonly string[]): void;
}

/** @throws AwsError for settings that the API refuses */
export function createAutoScaling(options: AutoScalingOptions): AutoScaling {
  const { kernel, loadBalancer } = options;
  const launches: Launches = { refusedUntilMs: 0, registeredSlowlyUntilMs: 0 };
  const context = createContext(options, launches);
  const group = createGroup(context, () => undefined, groupInput(options));
  for (const hook of Object.values(options.installation.hooks)) putHook(group, hookInputOf(hook));

  const engine = createScalingEngine(context);
  const look = () => {
    engine.tick();
    settleStandby(context, group);
  };
  kernel.every(LOOK_MS, look, kernel.random('auto scaling: phase').whole(0, LOOK_MS));
  const delays = kernel.random('auto scaling: calls');
  const lookSoon = () => void kernel.after(delays.whole(LOOK_AFTER_CALL_MS.least, LOOK_AFTER_CALL_MS.most), look);
  const service = createGroupService(context, engine, lookSoon);

  return {
    service,
    group,
    operator: createGroupOperator(context, group, service, launches, kernel.random('auto scaling: standby')),
    begin(instanceIds) {
      if (instanceIds.length < group.minSize || instanceIds.length > group.maxSize) {
        throw new Error(`a group of ${group.minSize} to ${group.maxSize} does not begin with ${instanceIds.length} instances`);
      }
      group.desired = instanceIds.length;
      for (const [index, instanceId] of instanceIds.entries()) {
        group.members.set(instanceId, memberInService(context, group, instanceId, index));
        if (!loadBalancer.registered().includes(instanceId)) loadBalancer.register(instanceId);
      }
    },
  };
}

function groupInput({ installation: { group, targetGroup }, sizes = { least: group.minSize, most: group.maxSize } }: AutoScalingOptions) {
  return {
    AutoScalingGroupName: group.name,
    MinSize: sizes.least,
    MaxSize: sizes.most,
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.gracePeriodSeconds,
    LaunchTemplate: { LaunchTemplateId: 'lt-00000000000000001', Version: '1' },
    TargetGroupARNs: [targetGroup.arn],
    // The network has a subnet in each of three zones.
    AvailabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  };
}

const hookInputOf = ({ name, transition, heartbeatSeconds, defaultResult }: LifecycleHook) =>
  hookInput.parse({
    LifecycleHookName: name,
    LifecycleTransition: transition,
    HeartbeatTimeout: heartbeatSeconds,
    DefaultResult: defaultResult,
  });

function memberInService(context: EngineContext, group: Group, instanceId: string, index: number): Member {
  return {
    instanceId,
    privateIp: `10.0.0.${index + 4}`,
    availabilityZone: group.availabilityZones[index % group.availabilityZones.length] as string,
    instanceType: 't4g.small',
    imageId: 'ami-00000000000000001',
    ...(group.launchTemplate && { launchTemplate: group.launchTemplate }),
    launchedAtMs: context.now(),
    state: 'InService',
    health: 'Healthy',
    inServiceAtMs: context.now(),
    protectedFromScaleIn: group.newInstancesProtected,
    actions: [],
    registeredWith: new Set(group.targetGroupArns),
    busy: false,
  };
}
