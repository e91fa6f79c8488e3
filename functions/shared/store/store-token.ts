import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, Checksum, SourceData } from '@smithy/types';

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
  const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return `${hostname}/?${query.join('&')}`;
}

/** RFC 3986, as the signature is computed: encodeURIComponent leaves `!'()*` alone. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** What the signer hashes with: Node's own SHA-256, keyed when it is given a secret. */
export class Sha256 implements Checksum {
  private readonly secret: SourceData | undefined;
  private hash: Hash | Hmac;
  constructor(secret?: SourceData) {
    this.secret = secret;
    this.hash = create(secret);
  }
  update(data: Uint8Array): void {
    this.hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {
    this.hash = create(this.secret);
  }
}

function create(secret?: SourceData): Hash | Hmac {
  return secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
}

function bytes(data: SourceData): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}
