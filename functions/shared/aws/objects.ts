import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Stores JSON as an object of a bucket. */
export type PutJson = (key: string, value: unknown) => Promise<void>;

/** Objects of one bucket, as text. @throws the SDK's errors */
export interface TextObjects {
  put(key: string, body: string, contentType: string): Promise<void>;
  get(key: string): Promise<string>;
}

export const textObjectsOf = (client: S3Client, bucket: string): TextObjects => ({
  async put(key, body, contentType) {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
  },
  async get(key) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body?.transformToString() ?? '';
  },
});

export const putJsonInto =
  (client: S3Client, bucket: string): PutJson =>
  async (key, value) => {
    const Body = JSON.stringify(value);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentType: 'application/json' }));
  };
