/** Who a request says it is from: exactly one signature of version 4, in the header or in the query. */
import { AwsError } from '../service/service.ts';
import { queryOf, type RequestHead, readPresignedQuery, readSignatureHeader, type SignatureHeader } from './signature.ts';

export interface Signer extends SignatureHeader {
  /** `YYYYMMDDTHHMMSSZ` */
  readonly date: string;
  readonly sessionToken: string | undefined;
  /** Lifetime of a signature in the query; undefined for one in the header. */
  readonly expiresSeconds: number | undefined;
}

const IN_QUERY = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature', 'Security-Token'].map(
  (name) => `X-Amz-${name}`,
);
const IDENTIFYING = new Set(['x-amz-algorithm', 'x-amz-credential', 'x-amz-signature']);
/** A presigned call of a service other than S3 is valid for 15 minutes. */
const DEFAULT_EXPIRES_SECONDS = 900;
/** Access keys of users and of sessions. What else the emulator takes for root (`test`, nothing, 12 digits) is no key here. */
const GIVEN_OUT = /^A[KS]IA[A-Z0-9]{4,60}$/;

/**
 * @param rootKey access key id of the account's root
 * @throws AwsError (403) for a request that is unsigned, signed twice or by version 2, and for a key that nobody was given
 */
export function readSigner({ url, headers }: RequestHead, rootKey: string): Signer {
  const authorization = headers['authorization'] as string | undefined;
  const names = [...queryOf(url).keys()];
  const lower = names.map((name) => name.toLowerCase());
  if (authorization?.startsWith('AWS ') || lower.includes('awsaccesskeyid')) {
    throw new AwsError(
      'InvalidRequest',
      "Signature Version 2 is not supported: sign with Signature Version 4 (boto3: Config(signature_version='s3v4')).",
      403,
    );
  }
  const isPresigned = lower.some((name) => IDENTIFYING.has(name));
  if (authorization === undefined && !isPresigned) {
    throw new AwsError('MissingAuthenticationToken', 'The request is not signed: use the credentials file that "holdfast up" prints.', 403);
  }
  if (authorization !== undefined && isPresigned) {
    throw new AwsError('InvalidArgument', 'Only one authentication mechanism is allowed: the header or the query.', 403);
  }
  const signer = isPresigned ? presigner(url, names, lower) : headerSigner(headers);
  if (!signer) throw new AwsError('IncompleteSignature', 'The signature is not one of AWS Signature Version 4.', 403);
  if (signer.accessKeyId !== rootKey && !GIVEN_OUT.test(signer.accessKeyId)) {
    throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
  }
  return signer;
}

function headerSigner(headers: RequestHead['headers']): Signer | undefined {
  const header = readSignatureHeader(headers['authorization'] as string);
  const sessionToken = headers['x-amz-security-token'] as string | undefined;
  return header && { ...header, date: String(headers['x-amz-date'] ?? ''), sessionToken, expiresSeconds: undefined };
}

/** Each parameter at most once and in AWS's own case, so that nobody else can read another key in it. */
function presigner(url: string, names: readonly string[], lower: readonly string[]): Signer | undefined {
  for (const name of IN_QUERY) {
    const same = lower.filter((other) => other === name.toLowerCase()).length;
    if (same > 1 || (same === 1 && !names.includes(name))) return undefined;
  }
  const presigned = readPresignedQuery(url);
  const expires = queryOf(url).get('X-Amz-Expires');
  const expiresSeconds = expires === null ? DEFAULT_EXPIRES_SECONDS : /^\d{1,6}$/.test(expires) ? Number(expires) : Number.NaN;
  return presigned && { ...presigned, expiresSeconds };
}
