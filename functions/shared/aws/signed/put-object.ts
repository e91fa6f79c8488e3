import { encodeUri } from '../../urls.ts';
import { CALL_LIMITS, readXmlError, type Signing, signedCalls } from './signed-calls.ts';

/** Stores JSON as an object of a bucket. */
export type PutJson = (key: string, value: unknown) => Promise<void>;

/** Objects of one bucket, as text. */
export interface TextObjects {
  put(key: string, body: string, contentType: string): Promise<void>;
  get(key: string): Promise<string>;
}

/**
 * @param bucket a name without dots, for which S3 has a host name of its own
 * @throws AwsServiceError named by S3's error code
 */
export function textObjectsOf(bucket: string, signing: Omit<Signing, 'service'>): TextObjects {
  // Another address than S3's own has no host name per bucket.
  const isEmulated = !signing.url.host.startsWith('s3.');
  const url = isEmulated ? signing.url : new URL(`${signing.url.protocol}//${bucket}.${signing.url.host}`);
  const call = signedCalls({ ...signing, service: 's3', url }, CALL_LIMITS);
  const pathOf = (key: string) => `/${[...(isEmulated ? [bucket] : []), ...key.split('/')].map(encodeUri).join('/')}`;
  return {
    async put(key, body, contentType) {
      await call({ method: 'PUT', path: pathOf(key), headers: { 'content-type': contentType }, body }, readXmlError);
    },
    get: (key) => call({ method: 'GET', path: pathOf(key), headers: {}, body: '' }, readXmlError),
  };
}

/** Stores JSON in the bucket, as {@link textObjectsOf} stores text. */
export function putJsonInto(bucket: string, signing: Omit<Signing, 'service'>): PutJson {
  const objects = textObjectsOf(bucket, signing);
  return (key, value) => objects.put(key, JSON.stringify(value), 'application/json');
}
