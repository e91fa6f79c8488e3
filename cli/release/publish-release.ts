import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReleaseRecord } from '../../functions/records/types.ts';
import { releaseKey } from '../../functions/shared/naming.ts';
import { checkVersion, type PackagedRelease, packageRelease } from './package-release.ts';
import { ReleaseExists } from './release-errors.ts';

/** Where archives lie. */
export interface ReleaseObjects {
  /** The bucket's name, for the record. */
  readonly bucket: string;
  /**
   * Uploads `file`. The store itself checks the bytes against `sha256` (lower-case hex).
   *
   * @returns names the stored copy for `withdraw`; undefined when the bucket keeps no versions
   */
  put(key: string, file: string, sha256: string): Promise<string | undefined>;
  /** Removes one stored copy, so that the one before it is current again. */
  withdraw(key: string, copy: string): Promise<void>;
}

/** Where releases are recorded. */
export interface ReleaseRecords {
  getRelease(fleet: string, version: string): Promise<ReleaseRecord | undefined>;
  /** Writes the record unless the version has one. Returns false, or throws, when it has. */
  putRelease(record: ReleaseRecord): Promise<unknown>;
}

export interface PublishRequest {
  readonly records: ReleaseRecords;
  readonly objects: ReleaseObjects;
  readonly fleet: string;
  readonly version: string;
  /** A folder with holdfast.app.json at its root, or a .tar.gz of one. */
  readonly path: string;
  /** A user or role name, for the record. */
  readonly publishedBy: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where the archive is made; it is gone when this returns. */
  readonly workFolder: string;
}

export interface PublishResult {
  readonly result: 'published' | 'alreadyPublished';
  readonly release: ReleaseRecord;
}

/**
 * Packages a release, uploads it, and only then records it: a record never names an archive that is not there.
 * Publishing the same content again succeeds and changes nothing.
 *
 * @throws InvalidRelease, ReleaseExists when the version has other content, and whatever the ports throw
 */
export async function publishRelease(request: PublishRequest): Promise<PublishResult> {
  const { records, fleet, version } = request;
  checkVersion(version);
  const packaged = await packageRelease(request.path, version, request.workFolder);
  try {
    const existing = await records.getRelease(fleet, version);
    return existing === undefined ? await publishNew(request, packaged) : same(existing, packaged);
  } finally {
    await rm(dirname(packaged.archivePath), { recursive: true, force: true });
  }
}

async function publishNew(request: PublishRequest, packaged: PackagedRelease): Promise<PublishResult> {
  const { records, objects, fleet, version } = request;
  const key = releaseKey(fleet, version);
  const copy = await objects.put(key, packaged.archivePath, packaged.sha256);
  const { sha256, sizeBytes, app } = packaged;
  const release: ReleaseRecord = {
    fleet,
    version,
    bucket: objects.bucket,
    key,
    sha256,
    sizeBytes,
    publishedAtMs: request.now(),
    publishedBy: request.publishedBy,
    app,
  };
  let refusal: unknown;
  try {
    if ((await records.putRelease(release)) !== false) return { result: 'published', release };
  } catch (error) {
    refusal = error;
  }
  // Another user has published this version in the meantime, or the write failed: the record shows which.
  const winner = await records.getRelease(fleet, version);
  if (winner === undefined) throw refusal ?? new Error(`The release ${version} could not be recorded.`);
  if (winner.sha256 !== sha256 && copy !== undefined) await objects.withdraw(key, copy);
  return same(winner, packaged);
}

function same(existing: ReleaseRecord, packaged: PackagedRelease): PublishResult {
  if (existing.sha256 !== packaged.sha256) throw new ReleaseExists(existing.fleet, existing.version);
  return { result: 'alreadyPublished', release: existing };
}
