import { topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** Whether the fleet has a release, and whether its archive is what was published. */
export const checkReleases: Check = (facts, { fleet }) => {
  const releases = seen(facts.releases);
  if (!releases || facts.fleetRecord.state !== 'seen') return [];
  const about = topic('release', fleet, 'an instance that starts installs the current release; without it, it never comes into service');
  if (releases.length === 0)
    return [about.notice(`no release of ${fleet} is published`, 'publish one: "npx holdfast releases publish VERSION PATH"')];
  const currentVersion = facts.fleetRecord.value?.currentVersion;
  const current = releases.find(({ version }) => version === currentVersion);
  if (!current) {
    return [
      about.error(
        `the current release ${currentVersion} is not among the ${releases.length} published ones`,
        'publish it again under its version',
      ),
    ];
  }
  const archive = seen(facts.archive);
  if (!archive) return [];
  const where = topic(
    'release',
    `s3://${current.bucket}/${current.key}`,
    'a server refuses an archive whose checksum is not the recorded one',
  );
  if (archive.sha256 === undefined) {
    return [
      where.warning(
        `the archive of ${current.version} has no SHA-256 in S3, so only the servers can compare it`,
        'publish releases with "holdfast releases publish" only',
      ),
    ];
  }
  if (archive.sha256 !== current.sha256 || archive.sizeBytes !== current.sizeBytes) {
    return [
      where.error(
        `the archive of ${current.version} is not the one that was published: its SHA-256 is ${archive.sha256.slice(0, 16)}…, recorded is ${current.sha256.slice(0, 16)}…`,
        'restore the object’s earlier version in S3',
      ),
    ];
  }
  return [where.ok(`release ${current.version} is current, and its archive has the recorded checksum`)];
};
