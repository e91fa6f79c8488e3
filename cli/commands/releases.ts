import path from 'node:path';
import { type CloudOptions, connect } from '../cloud.ts';
import { STATE_FOLDER } from '../cloud-state.ts';
import { type Output, table } from '../output.ts';
import { publishRelease } from '../release/publish-release.ts';
import { s3Objects } from '../release/s3-objects.ts';

/** Packages a folder or archive, uploads it and records it as a release. */
export async function publish(version: string, releasePath: string, options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.print(cloud.title);
  const published = await publishRelease({
    records: cloud.records,
    objects: s3Objects(cloud.s3, cloud.releasesBucket),
    fleet: cloud.fleet,
    version,
    path: releasePath,
    publishedBy: cloud.caller,
    now: Date.now,
    workFolder: path.join(STATE_FOLDER, 'tmp'),
  });
  const { release } = published;
  output.result({ release: { result: published.result, version, sha256: release.sha256, sizeBytes: release.sizeBytes } }, () =>
    published.result === 'published'
      ? `published ${version}: ${release.sizeBytes} bytes, SHA-256 ${release.sha256}`
      : `${version} is already published with the same content`,
  );
}

/** Lists a fleet's releases, newest first, and marks the current one. */
export async function list(options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.print(cloud.title);
  const [releases, fleet] = await Promise.all([cloud.records.listReleases(cloud.fleet), cloud.records.getFleet(cloud.fleet)]);
  const value = releases.map(({ version, sha256, sizeBytes, publishedAtMs, publishedBy }) => ({
    version,
    current: version === fleet?.currentVersion,
    sha256,
    sizeBytes,
    publishedAtMs,
    publishedBy,
  }));
  output.result({ releases: value }, () =>
    value.length === 0
      ? 'No releases yet. Publish one with: npx holdfast releases publish VERSION PATH'
      : table([
          ['VERSION', '', 'PUBLISHED', 'BYTES', 'SHA-256'],
          ...value.map((r) => [
            r.version,
            r.current ? 'current' : '',
            new Date(r.publishedAtMs).toISOString(),
            String(r.sizeBytes),
            r.sha256.slice(0, 16),
          ]),
        ]),
  );
}
