import path from 'node:path';
import { type CloudOptions, connect } from '../cloud.ts';
import { STATE_FOLDER } from '../cloud-state.ts';
import { optionsOf } from '../command-options.ts';
import { type Output, table } from '../output.ts';
import { connectPublisher } from '../release/connect-publisher.ts';
import { publishRelease } from '../release/publish-release.ts';

/** Packages a folder or archive, uploads it and has the fleet's function publish it as a release. */
export async function publish(version: string, releasePath: string, options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.print(cloud.title);
  const publisher = connectPublisher(cloud);
  const request = { publisher, version, path: releasePath, workFolder: path.join(STATE_FOLDER, 'tmp') };
  const published = await publishRelease(request).finally(() => publisher.close());
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
      ? `No releases yet. Publish one with: npx holdfast releases publish VERSION PATH ${optionsOf(cloud)}`
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
