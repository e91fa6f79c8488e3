import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReleaseRecord } from '../../functions/records/types.ts';
import type { PublishReply, PublishStatement } from '../../functions/releases/publish/contract.ts';
import { checkVersion, packageRelease, type ReleaseContent } from './package-release.ts';
import { PublishRefused, ReleaseExists } from './release-errors.ts';

/** What a publisher may do: upload an archive to where the fleet's publish function takes it from, and call that function. */
export interface Publisher {
  readonly installation: string;
  readonly fleet: string;
  /** States and proves who publishes what, and gives the function's answer. @throws PublishRefused when it has none */
  call(statement: PublishStatement): Promise<PublishReply>;
  /** Uploads `file`. The store itself checks the bytes against the statement's SHA-256. */
  upload(statement: PublishStatement, file: string, sent?: (bytes: number) => void): Promise<void>;
}

export interface PublishRequest {
  readonly publisher: Publisher;
  readonly version: string;
  /** A folder with holdfast.app.json at its root, or a .tar.gz of one. */
  readonly path: string;
  /** Where the archive is made; it is gone when this returns. */
  readonly workFolder: string;
  /** Gets what is in the archive, before anything is uploaded. @default nobody does */
  readonly packaged?: (content: ReleaseContent, archiveBytes: number) => void;
  /** Gets how much of the archive was uploaded, once per second. @default nobody does */
  readonly sent?: (bytes: number, archiveBytes: number) => void;
}

export interface PublishResult {
  readonly result: 'published' | 'alreadyPublished';
  readonly release: ReleaseRecord;
}

/**
 * Packages a release, uploads it unless it is published already, and has the fleet's function publish it. Publishing the
 * same content again succeeds and changes nothing.
 *
 * @throws InvalidRelease, ReleaseExists when the version has other content, PublishRefused, and whatever the publisher throws
 */
export async function publishRelease({ publisher, version, path, workFolder, ...follow }: PublishRequest): Promise<PublishResult> {
  checkVersion(version);
  const { archivePath, content, assets: packedAssets, ...packaged } = await packageRelease(path, version, workFolder);
  const { installation, fleet } = publisher;
  const { archivePath: assetsPath, ...assets } = packedAssets ?? { archivePath: undefined };
  const statement: PublishStatement = {
    ...{ installation, fleet, version, ...packaged },
    ...('sha256' in assets && { assets }),
  };
  try {
    follow.packaged?.(content, packaged.sizeBytes);
    const first = await publisher.call(statement);
    if (first.result !== 'uploadFirst') return resultOf(first, statement);
    if (assetsPath !== undefined && statement.assets) await publisher.upload({ ...statement, ...statement.assets }, assetsPath);
    await publisher.upload(statement, archivePath, (bytes) => follow.sent?.(bytes, packaged.sizeBytes));
    return resultOf(await publisher.call(statement), statement);
  } finally {
    await rm(dirname(archivePath), { recursive: true, force: true });
  }
}

function resultOf(reply: PublishReply, { fleet, version }: PublishStatement): PublishResult {
  if (reply.result === 'uploadFirst') {
    throw new PublishRefused(
      'PublishFailed',
      `The archive of ${version} was uploaded, and the publish function does not find it. Nothing was published. Run the same command again.`,
    );
  }
  if (reply.result !== 'refused') return reply;
  if (reply.error === 'ReleaseExists') throw new ReleaseExists(fleet, version);
  throw new PublishRefused(reply.error, reply.message);
}
