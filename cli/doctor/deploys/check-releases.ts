import type { AppContract } from '../../../functions/shared/app-contract.ts';
import { holdfast } from '../../../functions/shared/command-options.ts';
import { releaseKey } from '../../../functions/shared/naming.ts';
import { commandFor } from '../../command-options.ts';
import type { DeployLookups } from '../facts.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import { isLockHeld } from './check-lock.ts';

/** Whether the fleet has a release, and whether its archive is the published one. */
export const checkReleases: Check = (facts, subject) => {
  const { fleet, releasesBucket } = subject;
  const releases = known(facts.releases);
  if (!releases || facts.fleetRecord.state !== 'known') return [];
  const about = topic('release', fleet, 'a new instance installs the current release before it comes into service');
  const before = topic('release', fleet, 'until a deploy succeeds, servers keep what they have: created ones answer users with 503');
  if (releases.length === 0)
    return before.notice(
      `no release of ${fleet} is published`,
      `publish one with: ${commandFor(subject, 'releases publish VERSION PATH')}`,
    );
  if (!facts.fleetRecord.value)
    return before.notice(
      `no deploy of ${fleet} has succeeded yet`,
      `deploy a published release with: ${commandFor(subject, 'deploy VERSION')}`,
    );
  const { currentVersion } = facts.fleetRecord.value;
  const current = releases.find(({ version }) => version === currentVersion);
  if (!current) {
    return about.error(
      `the current release ${currentVersion} is not among the ${releases.length} published releases`,
      'publish it again with its version',
    );
  }
  const archive = known(facts.archive);
  if (!archive) return [];
  const where = topic(
    'release',
    `s3://${releasesBucket}/${releaseKey(fleet, current.version)}`,
    'a server refuses an archive whose checksum differs from the recorded one',
  );
  if (archive.sha256 === undefined) {
    return where.warning(
      `the archive of ${current.version} has no SHA-256 in S3, so only the servers can verify it`,
      `publish releases only with "${holdfast('releases publish')}"`,
    );
  }
  if (archive.sha256 !== current.sha256 || archive.sizeBytes !== current.sizeBytes) {
    return where.error(
      `the archive of ${current.version} is not the published one: its SHA-256 is ${archive.sha256.slice(0, 16)}…, and the recorded one is ${current.sha256.slice(0, 16)}…`,
      'restore the previous version of the object in S3',
    );
  }
  return where.ok(`release ${current.version} is current, and its archive has the recorded checksum`);
};

/** Contract of the current release; undefined when nothing is published or it is unknown. */
export function currentContract({ fleetRecord, releases }: Pick<DeployLookups, 'fleetRecord' | 'releases'>): AppContract | undefined {
  const current = known(fleetRecord)?.currentVersion;
  return known(releases)?.find(({ version }) => version === current)?.app;
}

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
    `deploy the current release again, which leaves out the servers that have it: ${commandFor(subject, `deploy ${current}`)}`,
  );
};
