import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { Sha256 } from '../aws/sha256.ts';
import { encodeUri } from '../encode-uri.ts';

export interface StoreTokenRequest {
  readonly replicationGroupId: string;
  readonly userName: string;
  readonly region: string;
  readonly credentials: AwsCredentialIdentity;
  /** When the token is signed. */
  readonly now: Date;
}

/** The longest that ElastiCache takes. */
const TOKEN_LIFE_SECONDS = 900;

/**
 * The password of an ElastiCache IAM user: a presigned `connect` request over the replication group's id, without its
 * scheme. Signed locally: no call leaves the function.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
export async function signStoreToken({ replicationGroupId, userName, region, credentials, now }: StoreTokenRequest): Promise<string> {
  const hostname = replicationGroupId.toLowerCase();
  const signer = new SignatureV4({ service: 'elasticache', region, credentials, sha256: Sha256 });
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/',
    query: { Action: 'connect', User: userName },
    headers: { host: hostname },
  };
  const signed = await signer.presign(request, { signingDate: now, expiresIn: TOKEN_LIFE_SECONDS });
  const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${encodeUri(name)}=${encodeUri(String(value))}`);
  return `${hostname}/?${query.join('&')}`;
}
