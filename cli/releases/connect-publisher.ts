import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import type { PublishReply, PublishStatement } from '../../functions/releases/publish/contract.ts';
import { functionName, incomingReleaseKey, PUBLISH_ROLE } from '../../functions/shared/naming.ts';
import type { Cloud } from '../cloud.ts';
import { nameMissingPolicy } from '../name-missing-policy.ts';
import { releasesBucketOf, SILENT } from '../open-stores.ts';
import { invokeSigned } from '../send-signed.ts';
import type { Publisher } from './publish-release.ts';
import { PublishRefused } from './release-errors.ts';
import { uploadArchive } from './upload-archive.ts';

/** The function's own limit is 300 s. */
const CALL_LIMIT_MS = 310_000;
/** 5 GB at 1.5 MB/s; an upload in which nothing moves for a minute ends earlier. */
const UPLOAD_LIMIT_MS = 3_600_000;
const IDLE_LIMIT_MS = 60_000;

/** The fleet's publish function and the place of its uploads; close it after use. */
export function connectPublisher(
  cloud: Pick<Cloud, 'client' | 'installation' | 'fleet' | 'region' | 'local' | 'account'>,
): Publisher & { close(): void } {
  const { client, installation, fleet } = cloud;
  const named = <T>(made: T): T => nameMissingPolicy(made, installation, fleet);
  const limits = (requestTimeout: number) => ({
    requestHandler: { ...client.requestHandler, requestTimeout, socketTimeout: IDLE_LIMIT_MS },
  });
  const s3 = named(new S3Client({ ...client, ...limits(UPLOAD_LIMIT_MS), forcePathStyle: cloud.local, logger: SILENT }));
  const lambda = named(new LambdaClient({ ...client, requestHandler: { ...client.requestHandler, requestTimeout: CALL_LIMIT_MS } }));
  return {
    installation,
    fleet,
    async call(release) {
      const { payload, isFailure } = await invokeSigned(lambda, cloud, functionName(installation, fleet, PUBLISH_ROLE), release);
      if (isFailure) throw failed(release, payload);
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
function failed({ fleet, version }: PublishStatement, payload: string): PublishRefused {
  let reason = 'it reported no reason';
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
    reason = `${errorType}: ${errorMessage}`.split('\n', 1)[0] ?? reason;
  } catch {
    // A payload that is not valid JSON is an answer of Lambda itself.
  }
  const message = `The publish function of fleet ${fleet} failed (${reason}). Release ${version} may be published or not. Run the same command again: it publishes nothing twice.`;
  return new PublishRefused('PublishFailed', message);
}
