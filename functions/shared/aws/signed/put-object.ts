import { encodeUri } from '../../encode-uri.ts';
import { CALL_LIMITS, type Signing, signedCalls } from './signed-calls.ts';
import { readXmlError } from './xml-error.ts';

/** Stores JSON as an object of a bucket. */
export type PutJson = (key: string, value: unknown) => Promise<void>;

/**
 * @param bucket a name without dots, for which S3 has a host name of its own
 * @throws AwsServiceError named by S3's error code
 */
export function putJsonInto(bucket: string, signing: Omit<Signing, 'service'>): PutJson {
  // Another address than S3's own has no host name per bucket.
  const isEmulated = !signing.url.host.startsWith('s3.');
  const url = isEmulated ? signing.url : new URL(`${signing.url.protocol}//${bucket}.${signing.url.host}`);
  const call = signedCalls({ ...signing, service: 's3', url }, CALL_LIMITS);
  return async (key, value) => {
    const path = `/${[...(isEmulated ? [bucket] : []), ...key.split('/')].map(encodeUri).join('/')}`;
    await call({ method: 'PUT', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }, readXmlError);
  };
}
