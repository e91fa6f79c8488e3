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
  /** Newcomers, each with the time at which this deploy first saw it. */
  readonly newcomers: ReadonlyMap<string, number>;
  readonly nowMs: number;
  readonly limits: Pick<DeploySettings, 'minimumHealthyTargets' | 'newcomerTimeoutSeconds'>;
}

/** `leftOut`: newcomers whose time is up. */
export type NextStep =
  | { readonly verdict: 'ROLL'; readonly member: FleetMember; readonly mayFail: boolean }
  | { readonly verdict: 'WAIT'; readonly waitingSinceMs: number; readonly leftOut: readonly string[] }
  | { readonly verdict: 'DONE'; readonly leftOut: readonly string[] };

/** A wait for newcomers ends after this many times one newcomer's time, however many replace each other. */
export const LONGEST_WAIT_IN_TIMEOUTS = 2;

/**
 * The member to roll next, by the fleet as it is now: newcomers last, since the release has proven itself by then; of the others
 * unhealthy ones first, for they serve nobody; then by id. Members with the version are left alone while they are healthy. When
 * only instances that are starting are left, waits for each for its time: they install the fleet's current release, which may be
 * the old one. A newcomer fails the deploy only while no server has the release. When too few would stay healthy while the next one is
 * out, waits as long for those that are starting.
 * @throws TooFewHealthyTargets when too few would stay healthy, and none that is starting can change that; not with `recover`
 * @throws NewcomerTimedOut when no server has the release, and those that start never come
 */
export function chooseNextTarget(members: readonly FleetMember[], choice: Choice): NextStep {
  const { rolled, version, newcomers, nowMs, limits } = choice;
  const isProven = members.some((member) => rolled.has(member.instanceId) || (member.version === version && member.health === 'healthy'));
  const next = orderToRoll(members, choice)[0];
  const mayFail = next !== undefined && isProven && newcomers.has(next.instanceId);
  const limitMs = limits.newcomerTimeoutSeconds * 1000;
  const waitingSinceMs = choice.waitingSinceMs ?? nowMs;
  const waitIsOver = nowMs - waitingSinceMs >= LONGEST_WAIT_IN_TIMEOUTS * limitMs;
  const isTooFew = next !== undefined && !choice.recover && !keepsMinimum(members, next, limits.minimumHealthyTargets);
  // A newcomer waits, within its time, for the others to be healthy: they do not go back for its sake.
  const waits = mayFail && isTooFew;
  // One that replaces a member makes up the minimum again.
  const replaced = members.some((member) => isComing(member) && nowMs - (newcomers.get(member.instanceId) ?? waitingSinceMs) < limitMs);
  if (isTooFew && !waits && replaced && !waitIsOver) return { verdict: 'WAIT', waitingSinceMs, leftOut: [] };
  if (next && !waits) {
    if (!choice.recover) checkMinimum(members, next, limits.minimumHealthyTargets);
    return { verdict: 'ROLL', member: next, mayFail };
  }
  const starting = members
    .filter((member) => isStarting(member, choice) || (waits && needsRoll(member, choice)))
    .map(({ instanceId }) => instanceId);
  const leftOut = starting.filter((instanceId) => waitIsOver || nowMs - (newcomers.get(instanceId) ?? nowMs) >= limitMs);
  if (starting.length > leftOut.length) return { verdict: 'WAIT', waitingSinceMs, leftOut };
  if (leftOut.length > 0 && !isProven) {
    throw new NewcomerTimedOut(
      `no server has release ${version}, and these are still starting after ${limits.newcomerTimeoutSeconds} s: ${leftOut.join(', ')}`,
    );
  }
  return { verdict: 'DONE', leftOut };
}

/** Members that have to be rolled, in order. */
export function orderToRoll(
  members: readonly FleetMember[],
  choice: Pick<Choice, 'rolled' | 'version'> & Partial<Pick<Choice, 'newcomers'>>,
): readonly FleetMember[] {
  const rank = (member: FleetMember) => (choice.newcomers?.has(member.instanceId) ? 2 : 0) + Number(isHealthyRelease(member));
  return members.filter((member) => needsRoll(member, choice)).sort((a, b) => rank(a) - rank(b));
}

function needsRoll(member: FleetMember, choice: Pick<Choice, 'rolled' | 'version'>): boolean {
  if (member.lifecycle !== 'inService' || choice.rolled.has(member.instanceId) || isStarting(member, choice)) return false;
  return member.version !== choice.version || member.health !== 'healthy';
}

/** On its way into service, or in service with the version and awaiting its first health check. */
export function isStarting(member: FleetMember, { rolled, version }: Pick<Choice, 'rolled' | 'version'>): boolean {
  if (member.lifecycle === 'starting') return true;
  return member.version === version && member.health === 'initial' && !rolled.has(member.instanceId);
}

/** It can be healthy soon, with the deploy's release or another one. */
const isComing = ({ lifecycle, health, version }: FleetMember): boolean =>
  lifecycle === 'starting' || (health === 'initial' && version !== NO_RELEASE);

const isHealthyRelease = ({ health, version }: FleetMember): boolean => health === 'healthy' && version !== NO_RELEASE;

const healthyOthers = (members: readonly FleetMember[], { instanceId }: FleetMember): number =>
  members.filter((member) => isHealthyRelease(member) && member.instanceId !== instanceId).length;

const keepsMinimum = (members: readonly FleetMember[], next: FleetMember, minimumHealthyTargets: number): boolean =>
  next.version === NO_RELEASE || healthyOthers(members, next) >= minimumHealthyTargets;

/** A placeholder serves nobody: it can go at any time, and does not count. @throws TooFewHealthyTargets */
export function checkMinimum(members: readonly FleetMember[], next: FleetMember, minimumHealthyTargets: number): void {
  if (keepsMinimum(members, next, minimumHealthyTargets)) return;
  throw new TooFewHealthyTargets(
    `only ${healthyOthers(members, next)} targets would stay healthy while ${next.instanceId} is out of service, and minimumHealthyTargets is ${minimumHealthyTargets}; use --recover to roll the fleet anyway`,
  );
}
