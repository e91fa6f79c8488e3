import { S3Client } from '@aws-sdk/client-s3';
import { answerCloudFormation } from '../shared/aws/answer-cloud-formation.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { createLog } from '../shared/logger.ts';
import { emptyBucket, type ResourceRequest } from './empty-bucket.ts';
import { versionedBucket } from './versioned-bucket.ts';

const log = createLog('empty-bucket');
const bucket = versionedBucket(new S3Client(CLIENT_OPTIONS));

export const handler = (request: ResourceRequest, context: { getRemainingTimeInMillis(): number }): Promise<void> =>
  emptyBucket({ bucket, answer: answerCloudFormation, log, remainingMs: () => context.getRemainingTimeInMillis() }, request);
