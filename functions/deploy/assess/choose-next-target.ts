import { holdfast, OWN_OPTIONS } from '../../shared/command-options.ts';
import { counted } from '../../shared/texts.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { InvalidInput, NewcomerTimedOut, TargetFailed, TooFewHealthyTargets } from '../errors.ts';
import { emptiesZone } from '../rolls/in-flight.ts';
import type { DeploySettings } from '../settings/settings.ts';
import type { FleetMember } from './fleet-members.ts';

export interface Choice {
  /** Instances that this deploy has rolled: none is rolled twice, so that a flapping one cannot hold up the deploy for ever. */
  readonly rolled: ReadonlySet<string>;
  /** Instances that the deploy works on: from being chosen until done with their bake, they do not count as healthy. */
  readonly inFlight: ReadonlySet<string>;
  /** Their Availability Zones by the record, as far as it names them: an instance that does not run is no member any more. */
  readonly zonesInFlight?: ReadonlyMap<string, string>;
  /** How many it works on at once. */
  readonly mostAtOnce: number;
  readonly version: string;
  /** A restart of all servers: what was installed before is rolled whatever release it is. */
  readonly installedBeforeMs?: number | undefined;
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
  /** Whatever is next, one of those in flight has to end first. */
  | { readonly verdict: 'AWAIT' }
  | { readonly verdict: 'WAIT'; readonly waitingSinceMs: number; readonly leftOut: readonly string[] }
  | { readonly verdict: 'DONE'; readonly leftOut: readonly string[] };

/** A wait for newcomers ends after this many times one newcomer's time, however many replace each other. */
export const LONGEST_WAIT_IN_TIMEOUTS = 2;

/**
 * The member to roll next, by the fleet as it is now: newcomers last, since the release has proven itself by then; of the others
 * unhealthy ones first, for they serve nobody; then so that those at work are spread over the Availability Zones, beginning where most are
 * left; then by id. Members with the version are left alone while they are healthy. No zone is left without a server that serves while one
 * in flight comes back there. When only instances that are starting are left, waits for each for its time: they install the fleet's
 * current release, which may be the old one. A newcomer fails the deploy only while no server has the release. When too few would stay healthy while the next one is
 * out, waits for those in flight, or as long for those that are starting.
 * @throws TooFewHealthyTargets when too few would stay healthy, and none that is starting or in flight can change that; not with `recover`
 * @throws NewcomerTimedOut when no server has the release, and those that start never come
 */
export function chooseNextTarget(members: readonly FleetMember[], choice: Choice): NextStep {
  const { rolled, inFlight, version, newcomers, nowMs, limits } = choice;
  if (inFlight.size >= choice.mostAtOnce) return AWAIT;
  const others = members.filter(({ instanceId }) => !inFlight.has(instanceId));
  const isProven = others.some((member) => rolled.has(member.instanceId) || (member.version === version && member.health === 'healthy'));
  const candidates = orderToRoll(members, choice);
  const zones = zonesOf(members, choice);
  const next = candidates.find((member) => !emptiesZone(zones, member.instanceId, inFlight)) ?? candidates[0];
  const isTooFew = next !== undefined && !choice.recover && !keepsMinimum(others, next, limits.minimumHealthyTargets);
  if (inFlight.size > 0) {
    const waitsForProof = next !== undefined && newcomers.has(next.instanceId) && !isProven;
    if (next === undefined || isTooFew || waitsForProof || emptiesZone(zones, next.instanceId, inFlight)) return AWAIT;
  }
  const mayFail = next !== undefined && isProven && newcomers.has(next.instanceId);
  const limitMs = limits.newcomerTimeoutSeconds * 1000;
  const waitingSinceMs = choice.waitingSinceMs ?? nowMs;
  const waitIsOver = nowMs - waitingSinceMs >= LONGEST_WAIT_IN_TIMEOUTS * limitMs;
  // A newcomer waits, within its time, for the others to be healthy: they do not go back for its sake.
  const waits = mayFail && isTooFew;
  // A member that is still starting, as a replacement, can make up the minimum again.
  const replaced = members.some((member) => isComing(member) && nowMs - (newcomers.get(member.instanceId) ?? waitingSinceMs) < limitMs);
  if (isTooFew && !waits && replaced && !waitIsOver) return { verdict: 'WAIT', waitingSinceMs, leftOut: [] };
  if (next && !waits) {
    if (!choice.recover) checkEnoughHealthy(others, next, limits.minimumHealthyTargets);
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

const AWAIT = { verdict: 'AWAIT' } as const;

type Ordering = Pick<Choice, 'rolled' | 'version' | 'installedBeforeMs'> & Partial<Pick<Choice, 'newcomers' | 'inFlight'>>;

/** Members that have to be rolled and are not in flight, in order. */
export function orderToRoll(members: readonly FleetMember[], choice: Ordering): readonly FleetMember[] {
  const { rolled, newcomers, inFlight } = choice;
  const rank = (member: FleetMember) => (newcomers?.has(member.instanceId) ? 2 : 0) + Number(isHealthyRelease(member));
  const ranked = members
    .filter((member) => !inFlight?.has(member.instanceId) && needsRoll(member, choice))
    .sort((a, b) => rank(a) - rank(b));
  // How many of a zone are out before it is its turn, and how many come after the release was brought to it.
  const taken = new Map<string | undefined, number>();
  const take = (zone: string | undefined) => taken.set(zone, (taken.get(zone) ?? 0) + 1);
  for (const { instanceId, zone } of members) if (rolled.has(instanceId) || inFlight?.has(instanceId)) take(zone);
  const places = new Map(ranked.map((member) => [member, take(member.zone).get(member.zone) ?? 0]));
  const place = (member: FleetMember) => places.get(member) ?? 0;
  // The last two of a zone cannot be out at once: a zone with more servers left comes first, so that no zone is left over at the end.
  const left = (member: FleetMember) => (member.zone === undefined ? 0 : (taken.get(member.zone) ?? 0) - place(member));
  const out = (member: FleetMember) => members.filter(({ instanceId, zone }) => zone === member.zone && inFlight?.has(instanceId)).length;
  return ranked.sort((a, b) => rank(a) - rank(b) || out(a) - out(b) || left(b) - left(a) || place(a) - place(b));
}

/** Adds those in flight that were stopped meanwhile to the members: until their rolls have ended, their zones wait for them. */
function zonesOf(members: readonly FleetMember[], { inFlight, zonesInFlight }: Pick<Choice, 'inFlight' | 'zonesInFlight'>) {
  const known = new Set(members.map(({ instanceId }) => instanceId));
  const stopped = [...inFlight].filter((instanceId) => !known.has(instanceId));
  return [
    ...members.map((member) => ({ instanceId: member.instanceId, zone: member.zone, serves: isHealthyRelease(member) })),
    ...stopped.map((instanceId) => ({ instanceId, zone: zonesInFlight?.get(instanceId), serves: false })),
  ];
}

function needsRoll(member: FleetMember, choice: Pick<Choice, 'rolled' | 'version' | 'installedBeforeMs'>): boolean {
  if (member.lifecycle !== 'inService' || choice.rolled.has(member.instanceId) || isStarting(member, choice)) return false;
  const { installedAtMs = 0 } = member;
  return member.version !== choice.version || member.health !== 'healthy' || installedAtMs < (choice.installedBeforeMs ?? 0);
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
export function checkEnoughHealthy(members: readonly FleetMember[], next: FleetMember, minimumHealthyTargets: number): void {
  if (keepsMinimum(members, next, minimumHealthyTargets)) return;
  throw new TooFewHealthyTargets(
    `only ${counted(healthyOthers(members, next), 'target')} would stay healthy while ${next.instanceId} is out of service, and minimumHealthyTargets is ${minimumHealthyTargets}; use --recover to roll the fleet anyway`,
  );
}

/** One server of the fleet that is to be restarted with the release that it has. */
export interface RestartedServer {
  readonly fleet: string;
  readonly instanceId: string;
  /** Release of the restart, which has to be the fleet's and the server's. */
  readonly version: string;
  /** The fleet's current release; undefined before the first. */
  readonly current: string | undefined;
  readonly minimumHealthyTargets: number;
}

/**
 * The member to restart, before anything is touched. A server that is not healthy can always be restarted; one that serves only while
 * the minimum of others, and at least one, stays healthy.
 * @throws InvalidInput, TooFewHealthyTargets
 */
export function memberToRestart(members: readonly FleetMember[], restarted: RestartedServer): FleetMember {
  const { fleet, instanceId, version } = restarted;
  const refuse = (why: string) => new InvalidInput(`${instanceId} was not restarted: ${why}; nothing was changed`);
  checkIsCurrent(restarted, instanceId);
  const member = members.find((one) => one.instanceId === instanceId);
  if (member?.lifecycle !== 'inService') {
    throw refuse(
      `it is ${member ? 'still starting' : 'no server in service'} in fleet ${fleet}; list its servers with: ${holdfast(`status ${OWN_OPTIONS}`)}`,
    );
  }
  if (member.version !== version) {
    throw refuse(
      `it has ${member.version === NO_RELEASE ? 'no release' : `release ${member.version}`} and not ${version}: deploy ${version}`,
    );
  }
  checkOthers(members, member, restarted);
  return member;
}

/** @param what the server that is restarted, or all of them @throws InvalidInput for a release that is not the fleet's */
export function checkIsCurrent({ fleet, version, current }: Pick<RestartedServer, 'fleet' | 'version' | 'current'>, what: string): void {
  if (version === current) return;
  throw new InvalidInput(
    `${what} was not restarted: a restart keeps the release, and the current one of fleet ${fleet} is ${current ?? NO_RELEASE}, not ${version}; nothing was changed`,
  );
}

/** The next step of a restart: its one server, once. @throws TooFewHealthyTargets, and TargetFailed when the server has left meanwhile */
export function nextToRestart(
  members: readonly FleetMember[],
  restarted: RestartedServer,
  { rolled, inFlight }: Pick<Choice, 'rolled' | 'inFlight'>,
): NextStep {
  const { fleet, instanceId } = restarted;
  if (inFlight.size > 0) return { verdict: 'AWAIT' };
  if (rolled.has(instanceId)) return { verdict: 'DONE', leftOut: [] };
  const member = members.find((one) => one.instanceId === instanceId && one.lifecycle === 'inService');
  if (member === undefined) throw new TargetFailed(`${instanceId} has left fleet ${fleet} before it was restarted; nothing was changed`);
  checkOthers(members, member, restarted);
  return { verdict: 'ROLL', member, mayFail: false };
}

function checkOthers(
  members: readonly FleetMember[],
  { instanceId, health }: FleetMember,
  { minimumHealthyTargets }: RestartedServer,
): void {
  if (health !== 'healthy') return;
  const others = members.filter((one) => one.instanceId !== instanceId && one.health === 'healthy' && one.version !== NO_RELEASE).length;
  if (others === 0) throw new TooFewHealthyTargets(`${instanceId} is the last healthy server of the fleet; it was not restarted`);
  if (others >= minimumHealthyTargets) return;
  throw new TooFewHealthyTargets(
    `only ${counted(others, 'target')} would stay healthy while ${instanceId} is restarted, and minimumHealthyTargets is ${minimumHealthyTargets}; it was not restarted`,
  );
}
