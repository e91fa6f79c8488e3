import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import { isSignedWith, readSignatureHeader, type SignedRequest } from '../../iam/signature.ts';

const BODY = 'Action=DescribeTargetHealth&TargetGroupArn=arn%3Aaws';

class Sha256 {
  private readonly hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', typeof secret === 'string' ? secret : asBytes(secret));
  }
  update(data: string | Uint8Array): void {
    this.hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {}
}
const asBytes = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

/** Signed by the SDK's own signer. */
async function sign(changes: { path?: string; query?: Record<string, string> } = {}): Promise<SignedRequest> {
  const signer = new SignatureV4({
    service: 'elasticloadbalancing',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
    sha256: Sha256,
  });
  const { path = '/', query = {} } = changes;
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    path,
    query,
    headers: { host: '127.0.0.1:4566', 'x-amz-meta-spaced': '  two   words ' },
    body: BODY,
  });
  const search = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return { method: 'POST', url: search ? `${path}?${search}` : path, headers, body: Buffer.from(BODY) };
}

async function verify(request: SignedRequest, secret = 'secret'): Promise<boolean> {
  const header = readSignatureHeader(request.headers['authorization'] as string);
  if (!header) throw new Error('the header is not one');
  return isSignedWith(secret, header, request);
}

describe('a signature', () => {
  it.each([
    ['the root path', {}],
    ['a path of its own', { path: '/service/GraniteServiceVersion20100801/operation/DescribeAlarms' }],
    ['a path with reserved characters', { path: "/a b/(c)'!*" }],
    ['a query', { query: { b: '2', a: 'x y/z' } }],
  ])('of the SDK is right for %s', async (_name, changes) => {
    expect(await verify(await sign(changes))).toBe(true);
  });

  it.each<[string, (request: SignedRequest) => SignedRequest]>([
    ['another body', (request) => ({ ...request, body: Buffer.from('Action=DeregisterTargets') })],
    ['another path', (request) => ({ ...request, url: '/other' })],
    ['another method', (request) => ({ ...request, method: 'PUT' })],
    ['another signed header', (request) => ({ ...request, headers: { ...request.headers, host: 'elsewhere' } })],
    ['another date', (request) => ({ ...request, headers: { ...request.headers, 'x-amz-date': '20260101T000000Z' } })],
  ])('is wrong for %s', async (_name, change) => {
    expect(await verify(change(await sign()))).toBe(false);
  });

  it('is wrong with another secret', async () => {
    expect(await verify(await sign(), 'other')).toBe(false);
  });

  it.each([undefined, 'Bearer x', 'AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ssm/aws4_request, SignedHeaders=host, Signature=0'])(
    'is not read from the header %s',
    (header) => {
      expect(readSignatureHeader(header)).toBeUndefined();
    },
  );
});
