import type { GroupMember } from '../shared/auto-scaling.ts';
import type { InstanceRecord } from '../shared/record-types.ts';
import { healthOf, type TargetHealth } from '../shared/target-group.ts';

/** An instance that a deploy has to do with. */
export interface FleetMember {
  readonly instanceId: string;
  /** `starting`: on its way into service. `inService`: can be rolled. */
  readonly standing: 'starting' | 'inService';
  /** Release by its record; `unknown` when nothing was recorded. */
  readonly version: string;
  /** Load balancer's target state. */
  readonly health: string;
}

/** What Auto Scaling, the load balancer and the records say, at one moment. */
export interface FleetView {
  readonly group?: readonly GroupMember[];
  /** Of a fleet without Auto Scaling: its members, registered or not. */
  readonly named?: readonly string[];
  readonly targets: readonly TargetHealth[];
  readonly instances: readonly InstanceRecord[];
}

/**
 * The members of a fleet, by instance id: of its group, or as the configuration names them. `Pending…` ones are starting. Instances that leave (`Terminating…`,
 * `Detaching`) or that somebody set aside (`Standby`, `EnteringStandby`) are none of a deploy's; one that comes back from
 * standby passes `Pending`, and is rolled by the next deploy.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
 */
export function fleetMembers(view: FleetView): readonly FleetMember[] {
  const group = view.group ?? (view.named ?? []).map((instanceId) => ({ instanceId, lifecycleState: 'InService' }));
  const versions = new Map(view.instances.map((instance) => [instance.instanceId, instance.version]));
  return group
    .flatMap(({ instanceId, lifecycleState }): FleetMember[] => {
      const standing = lifecycleState === 'InService' ? 'inService' : lifecycleState.startsWith('Pending') ? 'starting' : undefined;
      if (standing === undefined) return [];
      return [{ instanceId, standing, version: versions.get(instanceId) ?? 'unknown', health: healthOf(instanceId, view.targets).state }];
    })
    .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
}
