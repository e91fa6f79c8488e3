/** The custom resource that empties an ephemeral installation's bucket before CloudFormation deletes it. */
import type { CustomResourceRequest } from '../shared/aws/answer-cloud-formation.ts';
import { describeError } from '../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';

export type ResourceRequest = CustomResourceRequest<{ readonly BucketName: string }>;

export type ObjectVersion = { readonly key: string; readonly versionId: string };

/** A versioned bucket. */
export interface VersionedBucket {
  /** At most one page of versions and delete markers; undefined when the bucket does not exist. */
  listVersions(bucket: string): Promise<readonly ObjectVersion[] | undefined>;
  /** @throws Error with the first object that S3 did not delete */
  deleteVersions(bucket: string, versions: readonly ObjectVersion[]): Promise<void>;
}

export interface EmptyBucketPorts {
  readonly bucket: VersionedBucket;
  /** Sends CloudFormation the outcome. */
  readonly answer: (url: string, body: object) => Promise<void>;
  readonly log: Log;
  /** The function's remaining time, milliseconds. */
  readonly remainingMs: () => number;
}

/** Maximum time to list and delete a page, including the SDK's retries. */
const ONE_PAGE_MS = 60_000;

/** Empties the bucket when its stack is deleted. Always responds: without a response the stack waits. */
export async function emptyBucket(ports: EmptyBucketPorts, request: ResourceRequest): Promise<void> {
  const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties } = request;
  const { BucketName } = ResourceProperties;
  const about = { StackId, RequestId, LogicalResourceId, PhysicalResourceId: request.PhysicalResourceId ?? BucketName };
  let outcome: object = { Status: 'SUCCESS' };
  try {
    if (RequestType === 'Delete') await empty(ports, BucketName);
  } catch (error) {
    outcome = { Status: 'FAILED', Reason: `the bucket ${BucketName} is not empty yet: delete the stack again. ${describeError(error)}` };
    ports.log.warn(LOG_EVENTS.bucketNotEmptied, { error: describeError(error) });
  }
  await ports.answer(ResponseURL, { ...outcome, ...about });
}

async function empty({ bucket, remainingMs }: EmptyBucketPorts, name: string): Promise<void> {
  for (;;) {
    const versions = await bucket.listVersions(name);
    if (!versions || versions.length === 0) return;
    if (remainingMs() < ONE_PAGE_MS) throw new Error('it has more objects than one run can delete');
    await bucket.deleteVersions(name, versions);
  }
}
