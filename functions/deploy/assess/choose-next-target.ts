import { NO_RELEASE } from '../../shared/version.ts';
import { NewcomerTimedOut, TooFewHealthyTargets } from '../errors.ts';
import type { DeploySettings } from '../settings/settings.ts';
import type { FleetMember } from './fleet-members.ts';

export interface Choice {
  /** Instances that this deploy has rolled: none is rolled twice, so that a flapping one cannot hold up the deploy for ever. */
  readonly rolled: ReadonlySet<string>;
  readonly version: string;
  readonly recover: boolean;
  /** Since when the deploy has only waited for instances that are starting. */
  readonly waitingSinceMs?: number;
  readonly nowMs: number;
  readonly limits: Pick<DeploySettings, 'minimumHealthyTargets' | 'newcomerTimeoutSeconds'>;
}

export type NextStep =
  | { readonly verdict: 'ROLL'; readonly member: FleetMember }
  | { readonly verdict: 'WAIT'; readonly waitingSinceMs: number }
  | { readonly verdict: 'DONE' };

/**
 * The member to roll next, by the fleet as it is now: unhealthy ones first, for they serve nobody, then by id.
 * Members with the version are left alone while they are healthy. When only instances that are starting are left, waits
 * for them: they install the fleet's current release, which may be the old one.
 * @throws TooFewHealthyTargets when too few would stay healthy while the next one is out; not with `recover`
 * @throws NewcomerTimedOut
 */
export function chooseNextTarget(members: readonly FleetMember[], choice: Choice): NextStep {
  const next = orderToRoll(members, choice)[0];
  if (next) {
    if (!choice.recover) checkMinimum(members, next, choice.limits.minimumHealthyTargets);
    return { verdict: 'ROLL', member: next };
  }
  const newcomers = members.filter((member) => isNewcomer(member, choice));
  if (newcomers.length === 0) return { verdict: 'DONE' };
  const waitingSinceMs = choice.waitingSinceMs ?? choice.nowMs;
  if (choice.nowMs - waitingSinceMs >= choice.limits.newcomerTimeoutSeconds * 1000) {
    const names = newcomers.map(({ instanceId }) => instanceId).join(', ');
    throw new NewcomerTimedOut(`still starting after ${choice.limits.newcomerTimeoutSeconds} s: ${names}`);
  }
  return { verdict: 'WAIT', waitingSinceMs };
}

/** Members that have to be rolled, in order. */
export function orderToRoll(members: readonly FleetMember[], choice: Pick<Choice, 'rolled' | 'version'>): readonly FleetMember[] {
  return members
    .filter((member) => member.lifecycle === 'inService' && !choice.rolled.has(member.instanceId) && !isNewcomer(member, choice))
    .filter((member) => member.version !== choice.version || member.health !== 'healthy')
    .sort((a, b) => Number(a.health === 'healthy') - Number(b.health === 'healthy'));
}

/** On its way into service, or in service with the version and awaiting its first health check. */
function isNewcomer(member: FleetMember, { rolled, version }: Pick<Choice, 'rolled' | 'version'>): boolean {
  if (member.lifecycle === 'starting') return true;
  return member.version === version && member.health === 'initial' && !rolled.has(member.instanceId);
}

/** Not for a placeholder, which serves nobody. @throws TooFewHealthyTargets */
export function checkMinimum(members: readonly FleetMember[], next: FleetMember, minimumHealthyTargets: number): void {
  if (next.version === NO_RELEASE) return;
  const others = members.filter(({ instanceId, health }) => health === 'healthy' && instanceId !== next.instanceId).length;
  if (others >= minimumHealthyTargets) return;
  throw new TooFewHealthyTargets(
    `only ${others} targets would stay healthy while ${next.instanceId} is out of service, and minimumHealthyTargets is ${minimumHealthyTargets}; use --recover to roll the fleet anyway`,
  );
}
