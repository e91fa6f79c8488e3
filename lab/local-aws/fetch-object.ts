/** Reads what aws:downloadContent names, as the agent does: with the role of its instance. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CLIENT_OPTIONS } from './client-options.ts';
import { credentialsOf } from './instances/instance-role.ts';
import type { FetchObject } from './ssm/agent.ts';

/**
 * Objects below a key make it a folder to the agent; without permission to list them it takes the key for a file.
 * @see https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/plugins/downloadcontent/s3resource/s3resource.go
 */
async function keysBelow(s3: S3Client, Bucket: string, Prefix: string): Promise<readonly string[]> {
  try {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return Contents.flatMap(({ Key }) => (Key === undefined || Key.endsWith('/') ? [] : [Key]));
  } catch {
    return [];
  }
}

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
      const read = async (key: string): Promise<Buffer> => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      };
      const below = await keysBelow(s3, Bucket, `${Key}/`);
      if (below.length === 0) return await read(Key);
      const folder = new Map<string, Uint8Array>();
      for (const key of below) folder.set(key.slice(Key.length), await read(key));
      return folder;
    } finally {
      s3.destroy();
    }
  };
}
