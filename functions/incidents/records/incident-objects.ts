import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';

/** What runbooks collect and report, in the releases bucket. */
export interface IncidentObjects {
  put(key: string, body: string, contentType: 'application/json' | 'text/markdown; charset=utf-8'): Promise<void>;
  /** Undefined for one that does not exist. */
  get(key: string): Promise<string | undefined>;
}

export function createIncidentObjects(client: S3Client, bucket: string): IncidentObjects {
  return {
    async put(key, body, contentType) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
    },
    async get(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await Body?.transformToString();
      } catch (error) {
        // Without permission to list the bucket, S3 says AccessDenied of a key that does not exist.
        if (isAwsError(error, 'NoSuchKey', 'AccessDenied')) return undefined;
        throw error;
      }
    },
  };
}
