/** Signs a request by hand, with whatever an attacker wants to be wrong in it, and sends it to a gateway. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import { type SignatureHeader, signatureOf } from '../../iam/signature.ts';
import { ROOT } from '../root-credentials.ts';

export interface Attempt {
  readonly method?: string;
  /** Path and query. */
  readonly path?: string;
  readonly service?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** When it was signed. @default now */
  readonly atMs?: number;
  /** What x-amz-content-sha256 says. @default the body's hash; undefined leaves the header out */
  readonly payload?: string | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

export const amzDate = (atMs: number): string => new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** The headers of a signed request, and its seed for the chunks of its body. */
export function signHeaders(url: string, attempt: Attempt): { headers: Record<string, string>; seed: SignatureHeader & { date: string } } {
  const { method = 'GET', path = '/', service = 's3', body = '' } = attempt;
  const { accessKeyId = ROOT.accessKeyId, secretAccessKey = ROOT.secretAccessKey, atMs = Date.now() } = attempt;
  const payload = 'payload' in attempt ? attempt.payload : sha256(body);
  const date = amzDate(atMs);
  const headers: Record<string, string> = { host: new URL(url).host, 'x-amz-date': date, ...attempt.headers };
  if (payload !== undefined) headers['x-amz-content-sha256'] = payload;
  const scope = { accessKeyId, day: date.slice(0, 8), region: 'us-east-1', service, signedHeaders: Object.keys(headers).toSorted() };
  const signature = signatureOf(secretAccessKey, scope, { method, url: path, headers }, date, payload ?? sha256(body));
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.day}/us-east-1/${service}/aws4_request, SignedHeaders=${scope.signedHeaders.join(';')}, Signature=${signature}`;
  return { headers, seed: { ...scope, signature, date } };
}

/** A presigned path. */
export function presign(url: string, attempt: Attempt & { expiresSeconds?: number }): string {
  const { method = 'GET', path = '/', service = 's3', accessKeyId = ROOT.accessKeyId, atMs = Date.now(), expiresSeconds = 60 } = attempt;
  const date = amzDate(atMs);
  const scope = { accessKeyId, day: date.slice(0, 8), region: 'us-east-1', service, signedHeaders: ['host'] };
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKeyId}/${scope.day}/us-east-1/${service}/aws4_request`,
    'X-Amz-Date': date,
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': 'host',
  });
  const unsigned = `${path}?${query}`;
  const head = { method, url: unsigned, headers: { host: new URL(url).host } };
  const payload = service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256('');
  const secret = attempt.secretAccessKey ?? ROOT.secretAccessKey;
  return `${unsigned}&X-Amz-Signature=${signatureOf(secret, scope, head, date, payload)}`;
}

/** Sends exactly these headers: fetch would not let Host and Origin be chosen. */
export function send(
  url: string,
  { method = 'GET', path = '/', headers = {}, body = '' }: Pick<Attempt, 'method' | 'path' | 'headers' | 'body'>,
): Promise<Reply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

export const sendSigned = (url: string, attempt: Attempt): Promise<Reply> =>
  send(url, { ...attempt, headers: signHeaders(url, attempt).headers });
