import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerRequest } from '../../../../functions/releases/publish/answer.ts';
import { stsUrl } from '../../../../functions/shared/caller/caller-proof.ts';
import { callerResolver } from '../../../../functions/shared/caller/verify-request.ts';
import { RELEASE, recordingLog, START_MS } from '../../fakes/fixtures.ts';

const PROOF = {
  authorization: `AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20260105/eu-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-holdfast-publish, Signature=${'0'.repeat(64)}`,
  date: '20260105T120000Z',
  securityToken: 'secret-session-token',
};
const identity = (arn: string) => `<GetCallerIdentityResult><Arn>${arn}</Arn><Account>123456789012</Account></GetCallerIdentityResult>`;
const ARN = 'arn:aws:sts::123456789012:assumed-role/ci/build-7';

let server: Server;
let url: URL;
let seen: { request: IncomingMessage; body: string }[];
/** Statuses and bodies of the answers to come; the last one repeats. */
let answers: [number, string, Record<string, string>?][];

beforeEach(async () => {
  seen = [];
  answers = [[200, identity(ARN)]];
  server = createServer(async (request, response) => {
    seen.push({ request, body: await text(request) });
    const [status, body, headers] = (answers.length > 1 ? answers.shift() : answers[0]) as (typeof answers)[0];
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('the STS that the function asks', () => {
  it.each([
    ['eu-west-1', undefined, 'https://sts.eu-west-1.amazonaws.com/'],
    ['cn-north-1', undefined, 'https://sts.cn-north-1.amazonaws.com.cn/'],
    ['eu-west-1', 'http://127.0.0.1:4566/any', 'http://127.0.0.1:4566/'],
  ])('is the one of its own Region %s, or the configured %s', (region, endpoint, expected) => {
    expect(stsUrl(region, endpoint).href).toBe(expected);
  });

  it('gets nothing of the caller but the signature, its date and its token', async () => {
    expect(await callerResolver(url)(PROOF, 'statement')).toEqual({ account: '123456789012', arn: ARN });
    const [{ request, body }] = seen as [(typeof seen)[0]];
    expect([request.method, request.url, body]).toEqual(['POST', '/', 'Action=GetCallerIdentity&Version=2011-06-15']);
    expect(request.headers).toMatchObject({
      host: url.host,
      authorization: PROOF.authorization,
      'x-amz-date': PROOF.date,
      'x-amz-security-token': PROOF.securityToken,
      'x-holdfast-publish': createHash('sha256').update('statement').digest('hex'),
    });
  });

  it('is asked three times at most', async () => {
    answers = [
      [503, ''],
      [200, identity(ARN)],
    ];
    expect((await callerResolver(url)(PROOF, 's')).arn).toBe(ARN);
    answers = [[500, '']];
    await expect(callerResolver(url)(PROOF, 's')).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(seen).toHaveLength(5);
  });

  it('is followed to no other host', async () => {
    answers = [[307, '', { location: 'http://127.0.0.1:9/' }]];
    await expect(callerResolver(url)(PROOF, 's')).rejects.toThrow('STS did not answer in 3 attempts');
  });

  it.each(['<Arn>not an ARN</Arn>', '{"Arn":"arn:aws:iam::1:root"}', ''])('answers without an identity: %j', async (body) => {
    answers = [[200, body]];
    await expect(callerResolver(url)(PROOF, 's')).rejects.toMatchObject({ name: 'UnknownCaller' });
  });
});

it('a caller who is refused sees no token, though STS quotes the request', async () => {
  answers = [[403, `<Code>SignatureDoesNotMatch</Code><Message>x-amz-security-token:${PROOF.securityToken}</Message>`]];
  const { version, sha256, sizeBytes, app } = RELEASE;
  const statement = JSON.stringify({ installation: 'holdfast', fleet: 'web', version, sha256, sizeBytes, app });
  const ports = {
    resolveCaller: callerResolver(url),
    publish: () => Promise.reject(new Error('published')),
    log: recordingLog(),
    now: () => START_MS,
    installation: 'holdfast',
    fleet: 'web',
    region: 'eu-west-1',
  };
  const reply = await answerRequest(ports, '123456789012', { statement, proof: PROOF });
  expect(reply).toMatchObject({ error: 'UnknownCaller', message: expect.stringContaining('SignatureDoesNotMatch') });
  expect(JSON.stringify(reply)).not.toContain('secret-session-token');
});
