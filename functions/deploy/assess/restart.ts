import { holdfast, OWN_OPTIONS } from '../../shared/command-options.ts';
import { counted } from '../../shared/counted.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { InvalidInput, TargetFailed, TooFewHealthyTargets } from '../errors.ts';
import type { Choice, NextStep } from './choose-next-target.ts';
import type { FleetMember } from './fleet-members.ts';

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
  const { fleet, instanceId, version, current } = restarted;
  const refuse = (why: string) => new InvalidInput(`${instanceId} was not restarted: ${why}; nothing was changed`);
  if (version !== current) {
    throw refuse(`a restart keeps the release, and the current one of fleet ${fleet} is ${current ?? NO_RELEASE}, not ${version}`);
  }
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
