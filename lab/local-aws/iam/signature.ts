/**
 * Computes the signature that a request should have.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request as it came over the wire, without its body. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface SignedRequest extends RequestHead {
  /** The body as it was sent, before anything is unpacked. */
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

/** The parameters of the query, decoded. URLSearchParams alone would skip a second question mark, which the emulator does not. */
export const queryOf = (url: string): URLSearchParams => new URLSearchParams(`&${url.split(/\?(.*)/s)[1] ?? ''}`);

export function readPresignedQuery(url: string): PresignedQuery | undefined {
  const query = queryOf(url);
  const value = (name: string): string => query.get(`X-Amz-${name}`) ?? '';
  const header = readSignatureHeader(
    `${value('Algorithm')} Credential=${value('Credential')}, SignedHeaders=${value('SignedHeaders')}, Signature=${value('Signature')}`,
  );
  return header && { ...header, date: value('Date'), sessionToken: query.get('X-Amz-Security-Token') ?? undefined };
}

/** True when the request was presigned with this secret. Only its host can be among the signed headers. */
export function isPresignedWith(secretAccessKey: string, presigned: PresignedQuery, { host, url }: PresignedRequest): boolean {
  if (presigned.signedHeaders.join() !== 'host' || !presigned.date.startsWith(presigned.day)) return false;
  const head = { method: 'GET', url, headers: { host } };
  return areEqual(signatureOf(secretAccessKey, presigned, head, presigned.date, sha256('')), presigned.signature);
}

/** True when the request was signed with this secret, its body included. */
export function isSignedWith(secretAccessKey: string, header: SignatureHeader, request: SignedRequest): boolean {
  const date = String(request.headers['x-amz-date'] ?? '');
  const claimed = request.headers['x-amz-content-sha256'];
  if (!date.startsWith(header.day) || !header.signedHeaders.includes('host')) return false;
  const payload = sha256(request.body);
  if (typeof claimed === 'string' && claimed !== payload) return false;
  return areEqual(signatureOf(secretAccessKey, header, request, date, payload), header.signature);
}

/** The Authorization header of a request to a service of the local cloud's own, which no SDK has a client for. */
export function authorizationOf(secretAccessKey: string, scope: Scope, request: SignedRequest): string {
  const { accessKeyId, day, region, service, signedHeaders } = scope;
  const signature = signatureOf(secretAccessKey, scope, request, String(request.headers['x-amz-date'] ?? ''), sha256(request.body));
  return `${ALGORITHM} Credential=${accessKeyId}/${day}/${region}/${service}/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
}

type Scope = Omit<SignatureHeader, 'signature'>;

/**
 * The signature that the request should have.
 *
 * @param date `YYYYMMDDTHHMMSSZ`
 * @param payload the body's hash in hex, or S3's word for a body that is unsigned or signed in chunks
 */
export function signatureOf(
  secretAccessKey: string,
  scope: Scope,
  { method, url, headers }: RequestHead,
  date: string,
  payload: string,
): string {
  const [path = '/', query = ''] = url.split(/\?(.*)/s);
  const canonical = [
    method,
    scope.service === 's3' ? path : canonicalPath(path),
    canonicalQuery(query),
    ...scope.signedHeaders.map((name) => `${name}:${canonicalHeader(headers[name])}`),
    '',
    scope.signedHeaders.join(';'),
    payload,
  ].join('\n');
  // Node reads headers as Latin-1: this gives back the bytes that were sent.
  return sign(secretAccessKey, scope, [ALGORITHM, date, scopeName(scope), sha256(Buffer.from(canonical, 'latin1'))]);
}

interface Seed extends Scope {
  readonly date: string;
}

/** @param previous signature of the chunk before, or of the request */
export const chunkSignature = (secretAccessKey: string, seed: Seed, previous: string, hash: string): string =>
  sign(secretAccessKey, seed, [`${ALGORITHM}-PAYLOAD`, seed.date, scopeName(seed), previous, sha256(''), hash]);

export const trailerSignature = (secretAccessKey: string, seed: Seed, previous: string, hash: string): string =>
  sign(secretAccessKey, seed, [`${ALGORITHM}-TRAILER`, seed.date, scopeName(seed), previous, hash]);

const scopeName = ({ day, region, service }: Scope): string => `${day}/${region}/${service}/aws4_request`;

function sign(secretAccessKey: string, { day, region, service }: Scope, lines: readonly string[]): string {
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
  return hmac(key, lines.join('\n')).toString('hex');
}

/** Compares in constant time. */
export function areEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1'));
}

/** `20261120T105151Z` in milliseconds since the epoch; NaN when it is anything else. */
export function amzDateMs(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  return parts ? Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`) : Number.NaN;
}

/** Services other than S3 sign the normalized path, encoded once more. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  return `/${segments.join('/')}${path.endsWith('/') && segments.length > 0 ? '/' : ''}`;
}

function canonicalQuery(query: string): string {
  return (
    query
      .split('&')
      .filter((part) => part !== '')
      .map((part) => part.split(/=(.*)/s).slice(0, 2))
      .map(([name = '', value = '']) => [encode(decoded(name)), encode(decoded(value))] as const)
      // The signature itself is in the query of a presigned request.
      .filter(([name]) => name !== 'X-Amz-Signature')
      .toSorted(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
      .map((pair) => pair.join('='))
      .join('&')
  );
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** What is not percent-encoded UTF-8 is left as it is: nobody can have signed it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const canonicalHeader = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replaceAll(/ +/g, ' ');

/** RFC 3986: what encodeURIComponent leaves of the reserved characters is encoded too. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
