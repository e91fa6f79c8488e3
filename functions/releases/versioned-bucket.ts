import { DeleteObjectsCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { isAwsError } from '../shared/aws/classify-aws-error.ts';
import type { ObjectVersion, VersionedBucket } from './empty-bucket.ts';

/** The S3 adapter. A page has at most 1,000 versions, the maximum of one DeleteObjects. */
export function versionedBucket(client: S3Client): VersionedBucket {
  return {
    async listVersions(bucket) {
      try {
        const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1_000 }));
        return [...Versions, ...DeleteMarkers].map(
          ({ Key = '', VersionId = 'null' }): ObjectVersion => ({ key: Key, versionId: VersionId }),
        );
      } catch (error) {
        if (isAwsError(error, 'NoSuchBucket')) return undefined;
        throw error;
      }
    },
    async deleteVersions(bucket, versions) {
      const Objects = versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
      const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
      const [first] = Errors;
      if (first) throw new Error(`${Errors.length} objects were not deleted, the first is ${first.Key}: ${first.Code}`);
    },
  };
}
