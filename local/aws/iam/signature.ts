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

/** The parts of the Authorization header. */
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

/** The parts of a presigned request's query. */
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
  if (!date.startsWith(header.day) || !header.signedHeaders.includes('host')) return false;
  if (typeof claimed === 'string' && claimed !== sha256(request.body)) return false;
  return timingSafeEqual(Buffer.from(signatureOf(secretAccessKey, header, request), 'hex'), Buffer.from(header.signature, 'hex'));
}

/** The Authorization header of a request to a service of the local cloud's own, which no SDK has a client for. */
export function authorizationOf(secretAccessKey: string, scope: Omit<SignatureHeader, 'signature'>, request: SignedRequest): string {
  const { accessKeyId, day, region, service, signedHeaders } = scope;
  const signature = signatureOf(secretAccessKey, scope, request);
  return `${ALGORITHM} Credential=${accessKeyId}/${day}/${region}/${service}/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
}

function signatureOf(secretAccessKey: string, header: Omit<SignatureHeader, 'signature'>, request: SignedRequest): string {
  const date = String(request.headers['x-amz-date'] ?? '');
  const [path = '/', query = ''] = request.url.split(/\?(.*)/s);
  const canonical = [
    request.method,
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...header.signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers[name])}`),
    '',
    header.signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const scope = `${header.day}/${header.region}/${header.service}/aws4_request`;
  const key = [header.day, header.region, header.service, 'aws4_request'].reduce<Buffer>(
    (from, part) => hmac(from, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  return hmac(key, [ALGORITHM, date, scope, sha256(Buffer.from(canonical))].join('\n')).toString('hex');
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
