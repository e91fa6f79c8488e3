/** Auto Scaling of the simulated cloud: one group, by the local cloud's engine and operations, in virtual time. */
import type { EngineContext } from '../../../../local/aws/auto-scaling/engine-context.ts';
import { createGroup } from '../../../../local/aws/auto-scaling/group-operations.ts';
import type { Group, Member } from '../../../../local/aws/auto-scaling/group-state.ts';
import { hookInput, putHook } from '../../../../local/aws/auto-scaling/hook-operations.ts';
import { createScalingEngine } from '../../../../local/aws/auto-scaling/scaling-engine.ts';
import type { Service } from '../../seam/call.ts';
import { createContext, type Launches, type Surroundings } from './engine-context.ts';
import { createGroupOperator, type GroupOperator } from './group-operator.ts';
import { createGroupService } from './group-service.ts';
import { settleStandby } from './standby.ts';

/** Auto Scaling looks at its groups every few seconds, and soon after a call. */
const LOOK_MS = 5_000;
const LOOK_AFTER_CALL_MS = 1_000;

export interface AutoScalingOptions extends Surroundings {
  /** Properties of the `AWS::AutoScaling::AutoScalingGroup`, every reference resolved. It has one target group. */
  readonly group: Readonly<Record<string, unknown>>;
  /** Properties of its `AWS::AutoScaling::LifecycleHook`s. */
  readonly hooks: readonly Readonly<Record<string, unknown>>[];
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

/** @throws AwsError for properties that the API refuses; Error unless there is one target group */
export function createAutoScaling(options: AutoScalingOptions): AutoScaling {
  const { kernel, loadBalancer } = options;
  const launches: Launches = { refusedUntilMs: 0 };
  const context = createContext(options, launches);
  // Without a lookup the zones are a, b, c, … in the order of the subnets.
  const group = createGroup(context, () => undefined, options.group);
  for (const hook of options.hooks) putHook(group, hookInput.parse(hook));
  if (group.targetGroupArns.size !== 1) throw new Error(`the simulation has one target group, not ${group.targetGroupArns.size}`);

  const engine = createScalingEngine(context);
  const look = () => {
    engine.tick();
    settleStandby(context, group);
  };
  kernel.every(LOOK_MS, look, kernel.random('auto scaling: phase').whole(0, LOOK_MS));
  const service = createGroupService(context, engine, () => void kernel.after(LOOK_AFTER_CALL_MS, look));

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
