import { optionsOf } from '../../command-options.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import { isLockHeld } from './check-lock.ts';

/**
 * Whether every server has the fleet's current release. One without a release on record is starting, or was never deployed to. What is on
 * record of servers that are gone does not matter.
 */
export const checkServerReleases: Check = (facts, subject) => {
  const current = known(facts.fleetRecord)?.currentVersion;
  const servers = known(facts.installed)?.filter(({ instanceId }) => facts.memberIds.includes(instanceId)) ?? [];
  if (current === undefined || servers.length === 0) return [];
  const about = topic('server-release', subject.fleet, 'users meet another release on each server, depending on which one answers them');
  const others = servers.filter(({ version }) => version !== current);
  if (others.length === 0)
    return about.ok(`release ${current} is on ${servers.length === 1 ? 'the server' : `all ${servers.length} servers`}`);
  const named = others.map(({ instanceId, version }) => `${instanceId} has ${version}`).join(', ');
  const what = `${others.length} of ${servers.length} servers ${others.length === 1 ? 'has' : 'have'} another release than the current ${current}: ${named}`;
  // A deploy makes a fleet mixed, and ends that.
  if (isLockHeld(known(facts.lock), facts.nowMs)) return about.notice(what, 'run doctor again when what holds the lock has ended');
  return about.warning(
    what,
    `deploy the current release again, which leaves out the servers that have it: npx holdfast deploy ${current} ${optionsOf(subject)}`,
  );
};
