import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** The SDK does not send a stream again by itself: each of these tries reads the file anew. */
const TRIES = 3;

/**
 * Uploads a file as one object. S3 refuses it when its bytes do not have the checksum, and keeps the checksum with it.
 * @param sha256 lower-case hex
 */
export async function uploadArchive(client: S3Client, bucket: string, key: string, file: string, sha256: string): Promise<void> {
  const { size } = await stat(file);
  for (let attempt = 1; ; attempt += 1) {
    const body = createReadStream(file);
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
      body.destroy();
    }
  }
}

/** Errors without a status never reached S3 or lost its answer; 5xx and 429 are S3's own "later". */
function isTransient(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === undefined || status >= 500 || status === 429;
}
