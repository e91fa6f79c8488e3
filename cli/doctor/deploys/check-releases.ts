import type { AppContract } from '../../../functions/shared/app-contract.ts';
import { releaseKey } from '../../../functions/shared/naming.ts';
import { optionsOf } from '../../command-options.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { DeployLookups } from './deploy-facts.ts';

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
      `publish one with: npx holdfast releases publish VERSION PATH ${optionsOf(subject)}`,
    );
  if (!facts.fleetRecord.value)
    return before.notice(
      `no deploy of ${fleet} has succeeded yet`,
      `deploy a published release with: npx holdfast deploy VERSION ${optionsOf(subject)}`,
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
      'publish releases only with "npx holdfast releases publish"',
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
