/**
 * Verifies the signature of a request whose body is still to come.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
import { AwsError } from '../service/service.ts';
import { checkHash, checkLater, type PayloadCheck, UNCHECKED } from './payload-check.ts';
import type { Signer } from './read-signer.ts';
import { amzDateMs, areEqual, queryOf, type RequestHead, signatureOf } from './signature.ts';
import { checkChunks } from './signed-chunks.ts';

/** How far a request's date may be off: 15 minutes in S3, 5 elsewhere. */
const SKEW_MS = { s3: 15 * 60_000, others: 5 * 60_000 };
/** Seven days. */
const MAX_EXPIRES_SECONDS = 604_800;
const UNSIGNED = new Set(['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER']);
const CHUNKED = new Set(['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER']);

/**
 * @returns what the body has to pass; nothing may act on the request before that
 * @throws AwsError (403) for another secret, another request or another time
 */
export function verifySignature(secretAccessKey: string, signer: Signer, head: RequestHead, nowMs: number): PayloadCheck {
  checkTime(signer, nowMs);
  const unsigned = Object.keys(head.headers).find((name) => name.startsWith('x-amz-') && !signer.signedHeaders.includes(name));
  if (!signer.signedHeaders.includes('host') || unsigned !== undefined) {
    throw new AwsError('AccessDenied', `There were headers present in the request which were not signed: ${unsigned ?? 'host'}.`, 403);
  }
  const verify = (payload: string) => {
    if (!areEqual(signatureOf(secretAccessKey, signer, head, signer.date, payload), signer.signature)) throw mismatch();
  };
  const payload = payloadOf(signer, head);
  // Only the whole body has the hash that was signed.
  if (payload === undefined) return checkLater(verify);
  verify(payload);
  if (UNSIGNED.has(payload)) return UNCHECKED;
  if (CHUNKED.has(payload)) return checkChunks(secretAccessKey, signer, payload.endsWith('-TRAILER'));
  if (/^[0-9a-f]{64}$/.test(payload)) return checkHash(payload);
  throw new AwsError('InvalidArgument', `x-amz-content-sha256 cannot be ${JSON.stringify(payload)}.`);
}

function checkTime({ date, day, service, expiresSeconds }: Signer, nowMs: number): void {
  const ageMs = nowMs - amzDateMs(date);
  const skewMs = service === 's3' ? SKEW_MS.s3 : SKEW_MS.others;
  if (!date.startsWith(day) || !(ageMs >= -skewMs)) {
    throw new AwsError('RequestTimeTooSkewed', `The signature is not yet current, or has no date: ${date}.`, 403);
  }
  if (expiresSeconds === undefined) {
    if (ageMs > skewMs) throw new AwsError('RequestTimeTooSkewed', `The signature has expired: ${date}.`, 403);
    return;
  }
  if (!(expiresSeconds <= MAX_EXPIRES_SECONDS)) {
    throw new AwsError('AuthorizationQueryParametersError', 'X-Amz-Expires must be a number of seconds, at most a week.', 403);
  }
  if (ageMs > expiresSeconds * 1_000) throw new AwsError('AccessDenied', 'Request has expired', 403);
}

/** The payload's part of the signature; undefined when it is the hash of a body that no header names. */
function payloadOf({ service, expiresSeconds }: Signer, { url, headers }: RequestHead): string | undefined {
  const claimed = headers['x-amz-content-sha256'];
  if (typeof claimed === 'string') return claimed;
  if (service !== 's3') return undefined;
  if (expiresSeconds !== undefined) return queryOf(url).get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD';
  throw new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
}

const mismatch = () =>
  new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method: the secret of a local cloud is in the credentials file that "holdfast up" prints.',
    403,
  );
