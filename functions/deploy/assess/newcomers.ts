import type { TargetProgress } from '../../records/types.ts';
import type { GroupHook } from '../../shared/foreign-hooks.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import type { DeployContext } from '../contract/common.ts';
import type { FleetMember } from './fleet-members.ts';

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
