import type { Records } from './records.ts';
import type { ReleaseRecord } from './types.ts';

/** A release with assets, and the checksum of their archive. */
export type WantedAssets = Pick<ReleaseRecord, 'version' | 'sha256'>;

/** As many as stage-assets takes; a tenth of a server's disk has room for these, or for fewer. */
const MOST_RELEASES = 10;
/** Some restart a server, or deploy a release again. */
const LATEST_DEPLOYS = 20;

/**
 * The releases whose assets servers keep, of those that have any: the given ones, the fleet's current one, then those that it had, the
 * latest first. Pages of others can still be open, and are answered by a CDN or by nobody.
 */
export async function wantedAssets(
  records: Records,
  fleet: string,
  given: readonly (string | undefined)[],
): Promise<readonly WantedAssets[]> {
  const [current, deploys] = await Promise.all([records.getFleet(fleet), records.latestDeploys(fleet, LATEST_DEPLOYS)]);
  const had = deploys.flatMap(({ status, to, from }) => (status === 'SUCCEEDED' ? [to, from] : []));
  const versions = [...new Set([...given, current?.currentVersion, ...had])];
  const releases = await Promise.all(versions.map((version) => (version === undefined ? undefined : records.getRelease(fleet, version))));
  return releases
    .flatMap((release) => (release?.assets ? [{ version: release.version, sha256: release.assets.sha256 }] : []))
    .slice(0, MOST_RELEASES);
}
