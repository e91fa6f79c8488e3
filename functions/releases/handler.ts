import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { answerCloudFormation } from '../shared/aws/answer-cloud-formation.ts';
import { isAwsError } from '../shared/aws/classify-aws-error.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { createLog } from '../shared/logger.ts';
import { emptyBucket, type ObjectVersion, type ResourceRequest, type VersionedBucket } from './empty-bucket.ts';

const log = createLog('empty-bucket');
const bucket = versionedBucket(new S3Client(CLIENT_OPTIONS));

export const handler = (request: ResourceRequest, context: { getRemainingTimeInMillis(): number }): Promise<void> =>
  emptyBucket({ bucket, answer: answerCloudFormation, log, remainingMs: () => context.getRemainingTimeInMillis() }, request);

/** The S3 adapter. A page has at most 1,000 versions, the maximum of one DeleteObjects. */
function versionedBucket(client: S3Client): VersionedBucket {
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
