/** Reads what aws:downloadContent names, as the agent does: with the role of its instance. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CLIENT_OPTIONS } from '../../functions/shared/aws/client-options.ts';
import { credentialsOf } from './instances/instance-role.ts';
import type { FetchObject } from './ssm/agent.ts';

/** @throws Error from each fetch: a URL that is no object's, an instance without a role, what S3 says */
export function createFetchObject(endpoint: string, region: string): FetchObject {
  return async (url, { instanceId, environment }) => {
    const { hostname, pathname } = new URL(url);
    const Bucket = /^(.+)\.s3[.-][a-z0-9-]+\.amazonaws\.com$/.exec(hostname)?.[1];
    if (!Bucket) throw new Error(`${url} is not the URL of an S3 object: https://BUCKET.s3.REGION.amazonaws.com/KEY`);
    const credentials = credentialsOf(environment);
    if (!credentials) throw new Error(`${instanceId} has no role: its instance profile has no credentials`);
    const s3 = new S3Client({ endpoint, region, credentials, ...CLIENT_OPTIONS, forcePathStyle: true });
    try {
      const Key = decodeURIComponent(pathname.slice(1));
      // A prefix with several objects is a folder to the agent.
      await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key, MaxKeys: 2 }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } finally {
      s3.destroy();
    }
  };
}
