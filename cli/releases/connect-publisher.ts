import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ReleaseRecord } from '../../functions/records/types.ts';
import type { PublishReply, PublishStatement } from '../../functions/releases/publish/contract.ts';
import { parseJson } from '../../functions/shared/json.ts';
import { functionName, incomingReleaseKey, PUBLISH_ROLE } from '../../functions/shared/naming.ts';
import { invoke } from '../call-function.ts';
import type { Cloud } from '../cloud.ts';
import { nameMissingPolicy } from '../name-missing-policy.ts';
import { releasesBucketOf, SILENT } from '../open-stores.ts';
import { checkVersion, type PackageOptions, packageRelease, type ReleaseContent } from './package-release.ts';
import { PublishRefused, ReleaseExists } from './release-errors.ts';

/** The function's own limit is 300 s. */
const CALL_LIMIT_MS = 310_000;
/** 5 GB at 1.5 MB/s; an upload in which nothing moves for a minute ends earlier. */
const UPLOAD_LIMIT_MS = 3_600_000;
const IDLE_LIMIT_MS = 60_000;

/** The fleet's publish function and the place of its uploads; close it after use. */
export function connectPublisher(
  cloud: Pick<Cloud, 'client' | 'installation' | 'fleet' | 'region' | 'local' | 'account' | 'caller'>,
): Publisher & { close(): void } {
  const { client, installation, fleet } = cloud;
  const named = <T>(made: T): T => nameMissingPolicy(made, installation, fleet);
  const limits = (requestTimeout: number) => ({
    requestHandler: { ...client.requestHandler, requestTimeout, socketTimeout: IDLE_LIMIT_MS },
  });
  const s3 = named(new S3Client({ ...client, ...limits(UPLOAD_LIMIT_MS), forcePathStyle: cloud.local, logger: SILENT }));
  const lambda = named(new LambdaClient({ ...client, requestHandler: { ...client.requestHandler, requestTimeout: CALL_LIMIT_MS } }));
  return {
    fleet,
    publishedBy: cloud.caller,
    async call(release) {
      const { payload, isFailure } = await invoke(lambda, functionName(installation, fleet, PUBLISH_ROLE), release);
      if (isFailure) throw failed(fleet, release, payload);
      return JSON.parse(payload) as PublishReply;
    },
    upload: ({ version, sha256 }, file, sent) =>
      uploadArchive(s3, { bucket: releasesBucketOf(cloud), key: incomingReleaseKey(fleet, version, sha256), sha256 }, file, sent),
    close() {
      s3.destroy();
      lambda.destroy();
    },
  };
}

/** The function ended with an error of its own, which it has logged: it may have ended at any point. */
function failed(fleet: string, { version }: PublishStatement, payload: string): PublishRefused {
  // A payload that is not valid JSON is an answer of Lambda itself.
  const failure = parseJson(payload) as { errorType?: string; errorMessage?: string } | undefined;
  const reason = failure ? `${failure.errorType}: ${failure.errorMessage}`.split('\n', 1)[0] : 'it reported no reason';
  const message = `The publish function of fleet ${fleet} failed (${reason}). Release ${version} may be published or not. Run the same command again: it publishes nothing twice.`;
  return new PublishRefused('PublishFailed', message);
}

/** The SDK does not send a stream again by itself: each of these tries reads the file anew. */
const TRIES = 3;

const REPORT_MS = 1_000;

interface UploadTarget {
  readonly bucket: string;
  readonly key: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Uploads a file as one object. S3 refuses it when its bytes do not have the checksum, and keeps the checksum with it.
 * @param sent gets the bytes that were sent, once per second; a further try begins with 0 again
 */
export async function uploadArchive(
  client: S3Client,
  { bucket, key, sha256 }: UploadTarget,
  file: string,
  sent?: (bytes: number) => void,
): Promise<void> {
  const { size } = await stat(file);
  for (let attempt = 1; ; attempt += 1) {
    const body = createReadStream(file);
    const timer = setInterval(() => sent?.(body.bytesRead), REPORT_MS);
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentLength: size,
          ContentType: 'application/gzip',
          ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
        }),
      );
      return;
    } catch (error) {
      if (attempt === TRIES || !isTransient(error)) throw error;
    } finally {
      clearInterval(timer);
      body.destroy();
    }
  }
}

/** Errors without a status never reached S3 or lost its answer; 5xx and 429 are S3's own "later". */
function isTransient(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === undefined || status >= 500 || status === 429;
}

/** What a publisher may do: upload an archive to where the fleet's publish function takes it from, and call that function. */
interface Publisher {
  readonly fleet: string;
  /** Who publishes, for the record. */
  readonly publishedBy: string;
  /** States who publishes what, and gives the function's answer. @throws PublishRefused when it has none */
  call(statement: PublishStatement): Promise<PublishReply>;
  /** Uploads `file`. The store itself checks the bytes against the statement's SHA-256. */
  upload(statement: PublishStatement, file: string, sent?: (bytes: number) => void): Promise<void>;
}

export interface PublishRequest {
  readonly publisher: Publisher;
  readonly version: string;
  /** A folder with holdfast.app.json or an appspec at its root. */
  readonly path: string;
  readonly bundleFleet?: PackageOptions['bundleFleet'];
  /** Where the archive is made; it is gone when this returns. */
  readonly workFolder: string;
  /** Gets what is in the archive, before anything is uploaded. @default nobody does */
  readonly packaged?: (content: ReleaseContent, archiveBytes: number) => void;
  /** Gets how much of the archive was uploaded, once per second. @default nobody does */
  readonly sent?: (bytes: number, archiveBytes: number) => void;
}

interface PublishResult {
  readonly result: 'published' | 'alreadyPublished';
  readonly release: ReleaseRecord;
  readonly missing?: readonly string[];
}

/**
 * Packages a release, uploads it unless it is published already, and has the fleet's function publish it. Publishing the same content again
 * succeeds and changes nothing.
 * @throws InvalidRelease, ReleaseExists when the version has other content, PublishRefused, and whatever the publisher throws
 */
export async function publishRelease({ publisher, version, path, workFolder, ...follow }: PublishRequest): Promise<PublishResult> {
  checkVersion(version);
  const { archivePath, content, assets: packedAssets, ...packaged } = await packageRelease(path, version, workFolder, follow);
  const { fleet, publishedBy } = publisher;
  const { archivePath: assetsPath, ...assets } = packedAssets ?? { archivePath: undefined };
  const statement: PublishStatement = {
    ...{ version, ...packaged, publishedBy },
    ...('sha256' in assets && { assets }),
  };
  try {
    follow.packaged?.(content, packaged.sizeBytes);
    const first = await publisher.call(statement);
    if (first.result !== 'uploadFirst') return resultOf(first, fleet, version);
    if (assetsPath !== undefined && statement.assets) await publisher.upload({ ...statement, ...statement.assets }, assetsPath);
    await publisher.upload(statement, archivePath, (bytes) => follow.sent?.(bytes, packaged.sizeBytes));
    return resultOf(await publisher.call(statement), fleet, version);
  } finally {
    await rm(dirname(archivePath), { recursive: true, force: true });
  }
}

function resultOf(reply: PublishReply, fleet: string, version: string): PublishResult {
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
