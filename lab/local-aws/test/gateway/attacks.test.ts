/** What a page in a browser and another user of the machine try at the gateway. None of it reaches the emulator. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../root-credentials.ts';
import { type Fixture, rootOnly, service, startFixture } from './gateway-fixture.ts';
import { type Attempt, presign, type Reply, send, sendSigned, signHeaders } from './sign-request.ts';

let fixture: Fixture;
let url: string;
let stops: string[] = [];

beforeAll(async () => {
  const operations = {
    StopEverything: () => {
      stops.push('stopped');
      return {};
    },
  };
  fixture = await startFixture([service({ signingNames: ['own'], operations })], rootOnly());
  url = fixture.gateway.url;
});
afterAll(() => fixture.close());
beforeEach(() => {
  stops = [];
  fixture.emulator.asked.length = 0;
});

const MINUTE_MS = 60_000;
const passed = () => fixture.emulator.asked.length;
const code = ({ text }: Reply): string | undefined => /<Code>(\w+)</.exec(text)?.[1];

describe('what root signs', () => {
  it.each<[string, Attempt]>([
    ['an object', { method: 'PUT', path: '/bucket/a%20b/%C3%A4(c)', body: 'x'.repeat(300_000) }],
    ['a path that nobody may normalize', { path: '/bucket/a/../b//c' }],
    ['a query', { path: '/bucket?prefix=a%2Fb&list-type=2&list-type-x=1&empty' }],
    ['an unsigned payload', { method: 'PUT', path: '/bucket/k', body: 'x', payload: 'UNSIGNED-PAYLOAD' }],
    [
      'an unsigned payload with trailers',
      { method: 'PUT', path: '/bucket/k', body: '0\r\n\r\n', payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
    ],
    ['headers of its own', { headers: { 'x-amz-meta-name': '  two   words ', 'x-holdfast-publish': '1.0.0' } }],
    [
      'a call whose body is signed by its hash alone',
      { method: 'POST', service: 'sts', body: 'Action=GetCallerIdentity', payload: undefined },
    ],
    ['an encoded path of another service', { service: 'lambda', path: '/2015-03-31/functions/arn%3Aaws%3Alambda/invocations' }],
  ])('reaches the emulator: %s', async (_what, attempt) => {
    expect((await sendSigned(url, attempt)).status).toBe(201);
    expect(fixture.emulator.asked).toMatchObject([{ path: attempt.path ?? '/', body: attempt.body ?? '' }]);
  });

  it('reaches the emulator by presigned GET and PUT', async () => {
    expect((await send(url, { path: presign(url, { path: '/bucket/k' }) })).status).toBe(201);
    const path = presign(url, { method: 'PUT', path: '/bucket/k' });
    expect((await send(url, { method: 'PUT', path, body: 'content' })).status).toBe(201);
    expect((await send(url, { path: presign(url, { service: 'sts' }) })).status).toBe(201);
  });

  it('reaches the emulator with the secret of the run and the key that was verified, whatever the client says', async () => {
    await sendSigned(url, { headers: { 'x-holdfast-run': 'guessed', 'x-holdfast-signer': 'test' } });
    expect(fixture.emulator.asked[0]?.headers).toMatchObject({
      'x-holdfast-run': 'token-of-the-run',
      'x-holdfast-signer': ROOT.accessKeyId,
    });
  });
});

describe('a page in a browser', () => {
  const signed = (headers: Record<string, string>) => ({ ...signHeaders(url, {}).headers, ...headers });

  it.each<[string, () => Parameters<typeof send>[1]]>([
    [
      'posts a simple request',
      () => ({ method: 'POST', headers: { origin: 'https://evil.example', 'content-type': 'text/plain' }, body: '{}' }),
    ],
    ['fetches as an opaque origin', () => ({ headers: signed({ origin: 'null' }) })],
    ['loads an image', () => ({ path: '/bucket/k', headers: signed({ 'sec-fetch-site': 'cross-site' }) })],
    ['is the gateway’s own, as far as the browser knows', () => ({ headers: signed({ 'sec-fetch-site': 'same-origin' }) })],
    ['sends a preflight', () => ({ method: 'OPTIONS', headers: { 'access-control-request-method': 'PUT' } })],
    ['has a name that resolves to 127.0.0.1', () => ({ headers: signed({ host: `evil.example:${new URL(url).port}` }) })],
    ['has another port', () => ({ headers: signed({ host: '127.0.0.1:1' }) })],
    ['has the gateway’s name in front of its own', () => ({ headers: signed({ host: `127.0.0.1:${new URL(url).port}.evil.example` }) })],
    ['uploads a form', () => ({ method: 'POST', path: '/bucket', headers: signed({ 'content-type': 'multipart/form-data; boundary=x' }) })],
  ])('is refused when it %s', async (_what, attempt) => {
    const reply = await send(url, attempt());
    expect([reply.status, passed()]).toEqual([403, 0]);
    expect(reply.text).toContain('Nothing was done.');
  });

  it.each(['/_holdfast/log-lines', '/_holdfast/cloudformation/types'])('is refused under a name of its own at %s', async (path) => {
    expect((await send(url, { path, headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await send(url, { path, headers: { host: new URL(url).host } })).status).not.toBe(200);
  });

  it('gets no header that lets it read an answer', async () => {
    const refused = await send(url, { headers: { origin: 'https://evil.example' } });
    const answered = await sendSigned(url, { path: '/bucket' });
    for (const { headers } of [refused, answered])
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('another user without the credentials file', () => {
  it.each<[string, Attempt]>([
    ['guesses the secret', { secretAccessKey: 'local' }],
    ['takes the emulator’s root key test', { accessKeyId: 'test', secretAccessKey: 'test' }],
    ['takes the emulator’s root key of 12 other digits', { accessKeyId: '111122223333', secretAccessKey: 'test' }],
    ['makes a key up', { accessKeyId: 'AKID', secretAccessKey: 'x' }],
    ['presents a session of root', { headers: { 'x-amz-security-token': 'token' } }],
    ['names the empty key', { accessKeyId: '' }],
  ])('%s', async (_what, attempt) => {
    for (const name of ['s3', 'sts', 'own']) {
      expect((await sendSigned(url, { service: name, ...attempt })).status).toBe(403);
      expect((await send(url, { path: presign(url, { service: name, ...attempt }) })).status).toBe(
        attempt.headers && name !== 'own' ? 201 : 403,
      );
    }
    expect([passed(), stops]).toEqual([attempt.headers ? 2 : 0, []]);
  });

  it.each<[string, Parameters<typeof send>[1], string]>([
    ['does not sign', { method: 'POST', body: 'Action=ListUsers' }, 'is not signed'],
    ['signs by version 2', { headers: { authorization: 'AWS test:c2lnbmF0dXJl' } }, 'Version 2 is not supported'],
    [
      'signs by version 2 in the query',
      { path: '/bucket/k?AWSAccessKeyId=test&Signature=x&Expires=9999999999' },
      'Version 2 is not supported',
    ],
    ['sends a password', { headers: { authorization: 'Basic eDp5' } }, 'Signature Version 4'],
  ])('%s', async (_what, attempt, message) => {
    const reply = await send(url, attempt);
    expect([reply.status, passed()]).toEqual([403, 0]);
    expect(reply.text).toContain(message);
  });

  it('adds a second key for the emulator to read', async () => {
    const second = 'X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request';
    const session = { accessKeyId: 'ASIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' };
    const presigned = presign(url, session);
    const attempts = [
      { headers: signHeaders(url, session).headers, path: `/?${second}` },
      { headers: signHeaders(url, session).headers, path: `/?${second.toLowerCase()}` },
      { headers: signHeaders(url, session).headers, path: '/?AWSAccessKeyId=test' },
      { path: `${presigned}&${second}` },
      { path: `${presigned}&${second.toLowerCase()}` },
      { path: presigned.replace('X-Amz-Credential', 'x-amz-credential') },
      { path: presigned.replace('X-Amz-Algorithm=AWS4-HMAC-SHA256', 'X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256') },
      { path: `/?${presigned.slice(1)}` },
    ];
    for (const attempt of attempts) expect((await send(url, attempt)).status).toBe(403);
    expect(passed()).toBe(0);
  });
});

it.each([
  '/_ministack/reset',
  '//_ministack/reset',
  '/./_ministack/reset',
  '/%5Fministack/reset',
  '/%2e/%5fministack/reset',
  '/_localstack/health',
  '/_aws/sqs/messages',
  '/_holdfast%2Fsessions',
  'http://127.0.0.1/_ministack/reset',
])('the owner of the cloud, misled, calls the emulator’s own path %s', async (path) => {
  for (const method of ['GET', 'POST']) {
    expect((await sendSigned(url, { method, path })).status).toBe(403);
    expect((await send(url, { method, path: presign(url, { method, path }) })).status).toBe(403);
  }
  expect(passed()).toBe(0);
});

describe('a request of root that was recorded', () => {
  it.each([
    ['an hour later', -60 * MINUTE_MS, 's3'],
    ['an hour early', 60 * MINUTE_MS, 's3'],
    ['ten minutes later, outside S3', -10 * MINUTE_MS, 'sts'],
  ])('is refused %s', async (_when, offMs, name) => {
    const reply = await sendSigned(url, { atMs: Date.now() + offMs, service: name });
    expect([reply.status, passed()]).toEqual([403, 0]);
    expect(reply.text).toContain('signature');
  });

  it.each<[string, Attempt]>([
    ['for another object', { path: '/bucket/other' }],
    ['with another method', { method: 'DELETE' }],
    ['for a copy of another object', { headers: { 'x-amz-copy-source': '/bucket/secret' } }],
  ])('is refused %s', async (_what, change) => {
    const recorded = { method: 'PUT', path: '/bucket/k', headers: {} };
    const { headers } = signHeaders(url, recorded);
    const reply = await send(url, { ...recorded, ...change, headers: { ...headers, ...change.headers } });
    expect([reply.status, passed()]).toEqual([403, 0]);
  });

  it('is refused with another body, of which the emulator never has the whole', async () => {
    const { headers } = signHeaders(url, { method: 'PUT', path: '/bucket/k', body: 'x'.repeat(500_000) });
    // Without a length only the connection's end tells the emulator that something is missing.
    for (const sent of [headers, { ...headers, 'transfer-encoding': 'chunked' }]) {
      const reply = await send(url, { method: 'PUT', path: '/bucket/k', headers: sent, body: 'y'.repeat(500_000) });
      expect([reply.status, code(reply), passed()]).toEqual([400, 'XAmzContentSHA256Mismatch', 0]);
    }
    const call = signHeaders(url, { method: 'POST', service: 'iam', body: 'Action=ListUsers', payload: undefined });
    expect((await send(url, { method: 'POST', headers: call.headers, body: 'Action=DeleteUser' })).status).toBe(403);
    expect(passed()).toBe(0);
  });

  it('is refused when its presigned URL has expired, is changed, lives for months or is used otherwise', async () => {
    const good = presign(url, { path: '/bucket/k' });
    const expired = presign(url, { path: '/bucket/k', atMs: Date.now() - 2 * MINUTE_MS });
    const attempts = [
      { path: expired },
      { path: expired.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000') },
      { path: presign(url, { path: '/bucket/k', expiresSeconds: 604_801 }) },
      { path: good.replace('/bucket/k', '/bucket/other') },
      { path: good, method: 'PUT' },
      { path: good, headers: { 'x-amz-copy-source': '/bucket/secret' } },
      { path: `${good}&versionId=1` },
      { path: `${good}%zz` },
    ];
    for (const attempt of attempts) expect((await send(url, attempt)).status).toBe(403);
    expect(passed()).toBe(0);
  });
});

afterEach(() => expect(fixture.logged.filter((line) => line.includes(ROOT.secretAccessKey))).toEqual([]));
