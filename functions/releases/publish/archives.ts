import { CopyObjectCommand, DeleteObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';

/** One version of an object, as S3 has it. */
export interface StoredArchive {
  readonly versionId: string | undefined;
  readonly etag: string;
  readonly sizeBytes: number;
  /** Lower-case hex, of the whole object, as S3 computed it; undefined when it was uploaded without, or in parts. */
  readonly sha256: string | undefined;
  readonly modifiedAtMs: number;
}

/** The releases bucket, as the publish function uses it. */
export interface Archives {
  /** The object's current version; undefined when there is none. */
  find(key: string): Promise<StoredArchive | undefined>;
  /** Within S3. False when `to` is not as expected any more. @param expected what `to` is now: no object, or exactly this one */
  copy(from: string, version: StoredArchive, to: string, expected: StoredArchive | undefined): Promise<boolean>;
  /** Hides the object behind a delete marker; no version is deleted. */
  remove(key: string): Promise<void>;
}

/** Another write of the same key is under way: S3 asks for another attempt. */
const MAX_ATTEMPTS = 3;

/** @param copying a client whose time limit fits the largest archive */
export function s3Archives(client: S3Client, copying: S3Client, bucket: string): Archives {
  return {
    async find(key) {
      try {
        return describe(await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' })));
      } catch (error) {
        // Without s3:ListBucket, S3 answers 403 for an object that does not exist.
        if (isAwsError(error, 'NotFound', 'NoSuchKey') || statusOf(error) === 403) return undefined;
        throw error;
      }
    },
    async copy(from, { versionId }, to, expected) {
      const source = `${bucket}/${from}`.split('/').map(encodeURIComponent).join('/');
      const request = new CopyObjectCommand({
        Bucket: bucket,
        Key: to,
        // The version that was checked: the publisher can replace the object at any moment.
        CopySource: `${source}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`,
        ...(expected === undefined ? { IfNoneMatch: '*' } : { IfMatch: expected.etag }),
        // Only the publisher's bytes are copied: the object's metadata and tags are replaced.
        MetadataDirective: 'REPLACE',
        TaggingDirective: 'REPLACE',
        ContentType: 'application/gzip',
      });
      for (let attempt = 1; ; attempt += 1) {
        try {
          await copying.send(request);
          return true;
        } catch (error) {
          if (isAwsError(error, 'PreconditionFailed') || statusOf(error) === 412) return false;
          if (attempt === MAX_ATTEMPTS || statusOf(error) !== 409) throw error;
        }
      }
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
}

function describe(head: HeadObjectCommandOutput): StoredArchive {
  const { VersionId, ETag = '', ContentLength = 0, ChecksumSHA256, ChecksumType, LastModified } = head;
  // A checksum of parts is not one of the object: `…-2`.
  const isWhole = ChecksumSHA256 !== undefined && ChecksumType !== 'COMPOSITE' && !ChecksumSHA256.includes('-');
  return {
    versionId: VersionId,
    etag: ETag,
    sizeBytes: ContentLength,
    sha256: isWhole ? Buffer.from(ChecksumSHA256, 'base64').toString('hex') : undefined,
    modifiedAtMs: LastModified?.getTime() ?? 0,
  };
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
