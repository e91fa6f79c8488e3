import type { Records } from '../../records/records.ts';
import type { DeployRecord, FleetRecord, TargetProgress } from '../../records/types.ts';
import type { AutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import type { GroupHook } from '../../shared/foreign-hooks.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import type { DeployContext } from '../contract/common.ts';
import type { RestartedServer } from './choose-next-target.ts';
import { type FleetMember, type FleetView, fleetMembers, stoppedMembers } from './fleet-members.ts';

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

interface Fleet {
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

/** What makes a deploy roll servers that have its release already. */
export const allOf = ({ restartAll, startedAtMs }: DeployContext) => ({ installedBeforeMs: restartAll && startedAtMs });

/** A member on record before anything is done to it. */
export const progressOf = (
  { version, health, zone, environment }: Pick<FleetMember, 'version' | 'health' | 'zone' | 'environment'>,
  order: number,
  phase: 'waiting' | 'skipped',
  nowMs: number,
): TargetProgress => ({
  phase,
  order,
  fromVersion: version,
  healthBefore: health,
  phaseStartedAtMs: nowMs,
  ...(environment && { environment }),
  ...(zone !== undefined && { zone }),
});

type Targets = Readonly<Record<string, TargetProgress>>;

/** What a newcomer that the deploy did not wait for is left to. */
export const comesUpLater = ({ version }: Pick<DeployContext, 'version'>, seconds: number): string =>
  `still starting after ${seconds} s; it installs ${version} by itself before it serves, or Auto Scaling replaces it`;

/**
 * The same of a newcomer that waits in a lifecycle hook of a group in which another tool has one: its own release on record, Holdfast has
 * completed its own hook, and nothing but the other one holds it.
 */
export function waitsForOthers({ version }: Pick<FleetMember, 'version'>, hooks: readonly GroupHook[], seconds: number): string {
  const names = hooks.map(({ name }) => name).join(', ');
  const others = `lifecycle hook${hooks.length === 1 ? '' : 's'} ${names}, which ${hooks.length === 1 ? 'is' : 'are'} not Holdfast's`;
  return version === NO_RELEASE || version === UNKNOWN_RELEASE
    ? `still waits in a lifecycle hook after ${seconds} s; besides Holdfast's own its group has ${others}`
    : `has release ${version}, and still waits after ${seconds} s for ${others}: complete or delete what holds it`;
}

/** Describes what still serves on a newcomer that the deploy could not take out. */
export const keepsServing = ({ version }: FleetMember, seconds: number): string =>
  `in service: ${version === UNKNOWN_RELEASE ? 'what it was launched with' : `release ${version}`} still serves, for too few others were healthy for ${seconds} s to take it out`;

/** The targets with every member that the plan did not have, each with the time at which it was first seen. */
export function withNewcomers(targets: Targets, members: readonly FleetMember[], nowMs: number): Targets {
  const arrived = members.filter(({ instanceId }) => targets[instanceId] === undefined);
  const order = Object.keys(targets).length;
  return {
    ...targets,
    ...Object.fromEntries(
      arrived.map(({ instanceId, version, health, zone }, index): [string, TargetProgress] => [
        instanceId,
        {
          phase: 'waiting',
          order: order + index,
          fromVersion: version,
          healthBefore: health,
          ...(zone !== undefined && { zone }),
          phaseStartedAtMs: nowMs,
          newcomer: true,
          seenAtMs: nowMs,
        },
      ]),
    ),
  };
}

/** Newcomers with the time at which each was first seen. */
export const newcomersOf = (targets: Targets): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(targets).flatMap(([instanceId, { newcomer, seenAtMs = 0 }]) =>
      newcomer ? [[instanceId, seenAtMs] as [string, number]] : [],
    ),
  );

/** Targets that are not rolled again: those that are done, and newcomers that could not be rolled. */
export const rolledOf = (targets: Targets): ReadonlySet<string> =>
  new Set(
    Object.entries(targets).flatMap(([instanceId, { phase, newcomer }]) =>
      phase === 'done' || (newcomer && phase === 'failed') ? [instanceId] : [],
    ),
  );
