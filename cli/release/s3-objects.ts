import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ReleaseObjects } from './publish-release.ts';

/** The SDK does not send a stream again by itself: each of these tries reads the file anew. */
const TRIES = 3;

/** The releases bucket. S3 refuses an upload whose bytes do not have the checksum. */
export function s3Objects(client: S3Client, bucket: string): ReleaseObjects {
  return {
    bucket,
    async put(key, file, sha256) {
      const { size } = await stat(file);
      for (let attempt = 1; ; attempt += 1) {
        const body = createReadStream(file);
        try {
          const reply = await client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: key,
              Body: body,
              ContentLength: size,
              ContentType: 'application/gzip',
              ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
            }),
          );
          return reply.VersionId;
        } catch (error) {
          if (attempt === TRIES || !isTransient(error)) throw error;
        } finally {
          body.destroy();
        }
      }
    },
    async withdraw(key, copy) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: copy }));
    },
  };
}

/** Errors without a status never reached S3 or lost its answer; 5xx and 429 are S3's own "later". */
function isTransient(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === undefined || status >= 500 || status === 429;
}
