import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

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
