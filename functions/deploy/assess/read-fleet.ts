import type { Records } from '../../records/records.ts';
import type { DeployRecord, FleetRecord, TargetProgress } from '../../records/types.ts';
import type { AutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import type { DeployContext } from '../contract/common.ts';
import { type FleetMember, type FleetView, fleetMembers, stoppedMembers } from './fleet-members.ts';
import type { RestartedServer } from './restart.ts';

export interface FleetPorts {
  readonly records: Records;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  /** Absent for a fleet of named instances. */
  readonly group?: Pick<AutoScalingGroup, 'name' | 'describe' | 'hooks'>;
  /** Ids of the named instances. */
  readonly named?: readonly string[];
  /** The fleet's servers ran before Holdfast: no placeholder is on them. */
  readonly prepares: boolean;
}

export interface Fleet {
  readonly current: FleetRecord | undefined;
  /** The deploy's own. */
  readonly record: DeployRecord | undefined;
  readonly members: readonly FleetMember[];
  /** Ids of the group's instances that do not run. */
  readonly stopped: readonly string[];
  /** ARNs of the target groups that the Auto Scaling group is attached to; undefined without one. */
  readonly registersWith: readonly string[] | undefined;
}

/** The fleet as it is now, and what the deploy has recorded of it. */
export async function readFleet(
  { group, named, prepares, targetGroup, records }: FleetPorts,
  { fleet, deployId }: Pick<DeployContext, 'fleet' | 'deployId'>,
): Promise<Fleet> {
  const [described, targets, instances, current, record] = await Promise.all([
    group?.describe(),
    targetGroup.describeHealth(),
    records.getInstances(fleet),
    records.getFleet(fleet),
    records.getDeploy(fleet, deployId),
  ]);
  // A first deploy is still the first one after its own promotion: what launched before that still has the placeholder.
  const isFirst = !current || (current.deployId === deployId && record?.from === NO_RELEASE);
  const unrecorded = isFirst && !prepares ? NO_RELEASE : UNKNOWN_RELEASE;
  const view: FleetView = { group: described?.members, named, targets, instances, unrecorded };
  const registersWith = described?.targetGroupArns;
  return { current, record, members: fleetMembers(view), stopped: stoppedMembers(view), registersWith };
}

/** The one server that a deploy restarts; undefined for one that brings a release to the fleet. */
export const restartOf = (
  { restart, fleet, version, settings }: DeployContext,
  current: FleetRecord | undefined,
): RestartedServer | undefined =>
  restart === undefined ? undefined : { ...settings, fleet, instanceId: restart, version, current: current?.currentVersion };

/** A member on record before anything is done to it. */
export const progressOf = (
  { version, health, zone }: FleetMember,
  order: number,
  phase: 'waiting' | 'skipped',
  nowMs: number,
): TargetProgress => ({
  phase,
  order,
  fromVersion: version,
  healthBefore: health,
  phaseStartedAtMs: nowMs,
  ...(zone !== undefined && { zone }),
});
