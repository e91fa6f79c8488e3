/**
 * Computes the signature that a request should have.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Before anything is unpacked. */
  readonly body: Buffer;
}

/** What the Authorization header says. */
export interface SignatureHeader {
  readonly accessKeyId: string;
  /** `YYYYMMDD` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** A GET request without a body whose signature is in its query. */
export interface PresignedRequest {
  readonly host: string;
  /** Path and query. */
  readonly url: string;
}

/** What the query of a presigned request says. */
export interface PresignedQuery extends SignatureHeader {
  /** `YYYYMMDDTHHMMSSZ` */
  readonly date: string;
  readonly sessionToken: string | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const FORM =
  /^AWS4-HMAC-SHA256 +Credential=([^/\s,]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request *, *SignedHeaders=([^,\s]+) *, *Signature=([0-9a-f]{64}) *$/;

export function readSignatureHeader(authorization: string | undefined): SignatureHeader | undefined {
  const found = FORM.exec(authorization ?? '');
  if (!found) return undefined;
  const [, accessKeyId = '', day = '', region = '', service = '', signedHeaders = '', signature = ''] = found;
  return { accessKeyId, day, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

export function readPresignedQuery(url: string): PresignedQuery | undefined {
  const query = new URLSearchParams(url.split(/\?(.*)/s)[1] ?? '');
  const value = (name: string): string => query.get(`X-Amz-${name}`) ?? '';
  const header = readSignatureHeader(
    `${value('Algorithm')} Credential=${value('Credential')}, SignedHeaders=${value('SignedHeaders')}, Signature=${value('Signature')}`,
  );
  return header && { ...header, date: value('Date'), sessionToken: query.get('X-Amz-Security-Token') ?? undefined };
}

/** True when the request was presigned with this secret. Only its host can be among the signed headers. */
export function isPresignedWith(secretAccessKey: string, presigned: PresignedQuery, { host, url }: PresignedRequest): boolean {
  if (presigned.signedHeaders.join() !== 'host') return false;
  const unsigned = url.replace(/&X-Amz-Signature=[^&]*/, '');
  const request = { method: 'GET', url: unsigned, headers: { host, 'x-amz-date': presigned.date }, body: Buffer.alloc(0) };
  return isSignedWith(secretAccessKey, presigned, request);
}

/** True when the request was signed with this secret, its body included. */
export function isSignedWith(secretAccessKey: string, header: SignatureHeader, request: SignedRequest): boolean {
  const date = String(request.headers['x-amz-date'] ?? '');
  const claimed = request.headers['x-amz-content-sha256'];
  const bodyHash = sha256(request.body);
  if (!date.startsWith(header.day) || !header.signedHeaders.includes('host')) return false;
  if (typeof claimed === 'string' && claimed !== bodyHash) return false;

  const [path = '/', query = ''] = request.url.split(/\?(.*)/s);
  const canonical = [
    request.method,
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...header.signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers[name])}`),
    '',
    header.signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
  const scope = `${header.day}/${header.region}/${header.service}/aws4_request`;
  const key = [header.day, header.region, header.service, 'aws4_request'].reduce<Buffer>(
    (from, part) => hmac(from, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  const expected = hmac(key, [ALGORITHM, date, scope, sha256(Buffer.from(canonical))].join('\n'));
  return timingSafeEqual(expected, Buffer.from(header.signature, 'hex'));
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = part.split(/=(.*)/s);
      return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`;
    })
    .toSorted()
    .join('&');
}

const canonicalHeader = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replaceAll(/ +/g, ' ');

/** RFC 3986: what encodeURIComponent leaves of the reserved characters is encoded too. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
