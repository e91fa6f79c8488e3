import type { InstanceRecord } from '../../records/types.ts';
import type { GroupMember } from '../../shared/aws/auto-scaling.ts';
import { healthOf, type TargetHealth } from '../../shared/aws/target-group.ts';
import type { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import { holdsSessions } from '../command/session-looks.ts';

/** An instance that a deploy can roll, now or once it has started. */
export interface FleetMember {
  readonly instanceId: string;
  /** `starting`: on its way into service. `inService`: can be rolled. */
  readonly lifecycle: 'starting' | 'inService';
  /** Its launch was completed: it comes into service in seconds with what it has. */
  readonly proceeds?: true;
  /** It waits in a lifecycle hook on its way into service. */
  readonly waits?: true;
  /** Release by its record; without one `none`, the placeholder, or `unknown`. */
  readonly version: string;
  /** When that was installed; absent without a record. */
  readonly installedAtMs?: number;
  /** As in its {@link InstanceRecord}. */
  readonly environment?: InstanceRecord['environment'];
  /** Availability Zone; absent where no group names it. */
  readonly zone?: string;
  /** Load balancer's target state. */
  readonly health: string;
  /** Why the load balancer can never send it a request, in its own words; absent where it can. */
  readonly unreachable?: string;
}

/** Whether users can have sessions on it. */
export const servesUsers = ({ health, version }: Pick<FleetMember, 'health' | 'version'>): boolean =>
  holdsSessions({ healthBefore: health, fromVersion: version });

/** What Auto Scaling, the load balancer and the records show at one moment. */
export interface FleetView {
  readonly group?: readonly GroupMember[];
  /** The members of a fleet without Auto Scaling, registered or not. */
  readonly named?: readonly string[];
  readonly targets: readonly TargetHealth[];
  readonly instances: readonly InstanceRecord[];
  /**
   * What an instance without a record has: `none` in a created fleet of which no deploy has succeeded, `unknown` otherwise, for
   * an existing server has its own release, and the record of a launch can be missing.
   */
  readonly unrecorded: typeof NO_RELEASE | typeof UNKNOWN_RELEASE;
}

/** The reason of the load balancer for a registered instance that was stopped or terminated. */
const NOT_RUNNING = 'Target.InvalidState';

const isStopped = ({ state, detail = '' }: TargetHealth): boolean => state === 'unused' && detail.startsWith(NOT_RUNNING);

/** Its zone is not enabled for the load balancer, or no rule uses the target group: it is `unused` as long as that is so. */
const NOT_IN_USE = 'Target.NotInUse';

/** Why the load balancer sends nothing to a registered target and checks its health never; undefined for one that it can reach. */
export const whyUnreachable = ({ state, detail = '' }: TargetHealth): string | undefined =>
  state === 'unused' && detail.startsWith(NOT_IN_USE) ? detail : undefined;

/**
 * Instances that a group lists as in service and that do not run, by id: EC2 has ended them, and the group's health checks, which would
 * notice, are suspended while a deploy works on the group. Nothing can be installed on them.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
export const stoppedMembers = ({ group = [], targets }: Pick<FleetView, 'group' | 'targets'>): readonly string[] =>
  group
    .filter(({ instanceId, lifecycleState }) => lifecycleState === 'InService' && isStopped(healthOf(instanceId, targets)))
    .map(({ instanceId }) => instanceId)
    .sort();

/**
 * The members of a fleet, by instance id: of its group, or as the configuration names them. `Pending…` ones are starting. Instances that leave (`Terminating…`,
 * `Detaching`), are on standby (`Standby`, `EnteringStandby`) or do not run are not members; one that returns from standby passes
 * `Pending`, and is rolled by the next deploy.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
 */
export function fleetMembers(view: FleetView): readonly FleetMember[] {
  const group: readonly Pick<GroupMember, 'instanceId' | 'lifecycleState' | 'zone'>[] =
    view.group ?? (view.named ?? []).map((instanceId) => ({ instanceId, lifecycleState: 'InService' }));
  const stopped = new Set(stoppedMembers(view));
  const recorded = new Map(view.instances.map((instance) => [instance.instanceId, instance]));
  return group
    .flatMap(({ instanceId, lifecycleState, zone }): FleetMember[] => {
      const lifecycle = lifecycleState === 'InService' ? 'inService' : lifecycleState.startsWith('Pending') ? 'starting' : undefined;
      if (lifecycle === undefined || stopped.has(instanceId)) return [];
      const waits = lifecycleState === 'Pending:Wait' && ({ waits: true } as const);
      const { version = view.unrecorded, installedAtMs, environment } = recorded.get(instanceId) ?? {};
      const target = healthOf(instanceId, view.targets);
      const unreachable = whyUnreachable(target);
      const proceeds = lifecycleState === 'Pending:Proceed' && ({ proceeds: true } as const);
      return [
        {
          instanceId,
          lifecycle,
          ...proceeds,
          ...waits,
          ...(zone !== undefined && { zone }),
          version,
          ...(installedAtMs !== undefined && { installedAtMs }),
          ...(environment && { environment }),
          health: target.state,
          ...(unreachable !== undefined && { unreachable }),
        },
      ];
    })
    .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
}
