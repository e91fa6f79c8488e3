/** Faults of calls at the gateway, as AWS's own clients see them. */
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCommandInvocationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faultControl } from '../../../demo/fault-control.ts';
import { createFaultRegistry } from '../../faults/fault-registry.ts';
import type { FaultInput } from '../../faults/fault-rule.ts';
import { type Fixture, service, startFixture } from '../gateway/gateway-fixture.ts';

const TOKEN = 'of the owner';
const CREDENTIALS = { region: 'us-east-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' } };
const faults = createFaultRegistry(Date.now);
let fixture: Fixture;
let control: ReturnType<typeof faultControl>;
let calls: string[] = [];
let ssm: SSMClient;
let elb: ElasticLoadBalancingV2Client;
let s3: S3Client;

beforeAll(async () => {
  const noting = (name: string, reply: object) => () => {
    calls.push(name);
    return reply;
  };
  fixture = await startFixture(
    [
      service({ signingNames: ['ssm'], operations: { GetCommandInvocation: noting('invocation', { Status: 'Success' }) } }),
      service({
        signingNames: ['elasticloadbalancing'],
        protocol: { kind: 'query', xmlNamespace: 'urn:e' },
        operations: { DescribeTargetHealth: noting('health', { TargetHealthDescriptions: [] }) },
      }),
    ],
    undefined,
    { registry: faults, token: TOKEN },
  );
  control = faultControl({ gatewayUrl: fixture.gateway.url, token: TOKEN });
  const config = {
    ...CREDENTIALS,
    endpoint: fixture.gateway.url,
    maxAttempts: 1,
  };
  ssm = new SSMClient(config);
  elb = new ElasticLoadBalancingV2Client(config);
  s3 = new S3Client({ ...config, forcePathStyle: true });
});
afterEach(async () => {
  await control.reset();
  calls = [];
  fixture.emulator.asked.length = 0;
});
afterAll(async () => {
  for (const client of [ssm, elb, s3]) client.destroy();
  await fixture.close();
});

const look = (InstanceId = 'i-1') => ssm.send(new GetCommandInvocationCommand({ CommandId: 'c', InstanceId }));
const health = () => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'arn:x' }));
const read = async () => (await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'web/a.tar' }))).Body?.transformToString();
const ssmFault = (effect: object, more: object = {}): FaultInput =>
  ({ on: 'call', match: { service: 'ssm' }, effect, ...more }) as FaultInput;

describe('an error', () => {
  it.each<[string, FaultInput, () => Promise<unknown>, object]>([
    [
      'of a JSON service',
      ssmFault({ kind: 'error', code: 'ThrottlingException' }),
      look,
      { name: 'ThrottlingException', message: 'Rate exceeded' },
    ],
    [
      'of a JSON service that a client has a class for',
      ssmFault({ kind: 'error', code: 'InvocationDoesNotExist', message: 'not yet' }),
      look,
      { name: 'InvocationDoesNotExist', message: 'not yet' },
    ],
    [
      'of a Query service',
      { on: 'call', match: { service: 'elasticloadbalancing', resource: 'arn:x' }, effect: { kind: 'error', code: 'Throttling' } },
      health,
      { name: 'Throttling', message: 'Rate exceeded', $retryable: undefined },
    ],
    [
      'of S3',
      {
        on: 'call',
        match: { service: 's3', action: 'GetObject' },
        effect: { kind: 'error', code: 'SlowDown', status: 503, message: 'Reduce' },
      },
      read,
      { name: 'SlowDown', message: 'Reduce', $metadata: expect.objectContaining({ httpStatusCode: 503 }) },
    ],
    [
      'of S3 without a body',
      { on: 'call', match: { service: 's3', action: 'HeadObject' }, effect: { kind: 'error', code: 'SlowDown', status: 503 } },
      () => s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' })),
      { $metadata: expect.objectContaining({ httpStatusCode: 503 }) },
    ],
  ])('%s has its name at the client, and nothing is done', async (_, rule, call, error) => {
    await control.set(rule);
    const { $retryable: __, ...wanted } = error as { $retryable?: unknown };
    await expect(call()).rejects.toMatchObject(wanted);
    expect(calls).toEqual([]);
    expect(fixture.emulator.asked).toEqual([]);
  });

  it('of the first calls lets the later ones through, by instance', async () => {
    await control.set(
      ssmFault({ kind: 'error', code: 'InvocationDoesNotExist' }, { match: { service: 'ssm', resource: 'i-1' }, when: { first: 2 } }),
    );
    expect((await look('i-2')).Status).toBe('Success');
    for (let count = 0; count < 2; count += 1) await expect(look()).rejects.toMatchObject({ name: 'InvocationDoesNotExist' });
    expect((await look()).Status).toBe('Success');
  });

  it('is tried again by a client that may, as on AWS', async () => {
    await control.set(ssmFault({ kind: 'error', code: 'ThrottlingException' }, { when: { first: 2 } }));
    const patient = new SSMClient({ ...CREDENTIALS, endpoint: fixture.gateway.url, maxAttempts: 3 });
    expect((await patient.send(new GetCommandInvocationCommand({ CommandId: 'c', InstanceId: 'i-1' }))).Status).toBe('Success');
    expect(await control.list()).toMatchObject([{ matched: 3, applied: 2 }]);
    patient.destroy();
  });
});

describe('the answer', () => {
  it('comes late', async () => {
    await control.set(ssmFault({ kind: 'delay', ms: 150 }));
    const begunMs = performance.now();
    await look();
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(149);
    expect(calls).toEqual(['invocation']);
  });

  it('is lost, though the work was done', async () => {
    await control.set(ssmFault({ kind: 'loseAnswer' }));
    await expect(look()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(calls).toEqual(['invocation']);
  });

  it('is lost, though the emulator did the work', async () => {
    await control.set({ on: 'call', match: { service: 's3', action: 'PutObject' }, effect: { kind: 'loseAnswer' } });
    await expect(s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'text' }))).rejects.toThrow();
    expect(fixture.emulator.asked).toMatchObject([{ method: 'PUT', path: '/b/k?x-id=PutObject' }]);
    expect(fixture.emulator.asked[0]?.body).toContain('text');
  });

  it('breaks off half-way in the body of an object', async () => {
    expect(await read()).toBe('from the emulator');
    await control.set({ on: 'call', match: { service: 's3', action: 'GetObject', resource: '*/web/*' }, effect: { kind: 'breakOff' } });
    const reply = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'web/a.tar' }));
    expect(reply.ContentLength).toBe('from the emulator'.length);
    const received: Buffer[] = [];
    const all = (async () => {
      for await (const chunk of reply.Body as unknown as AsyncIterable<Buffer>) received.push(chunk);
    })();
    await expect(all).rejects.toThrow('aborted');
    expect(Buffer.concat(received).toString()).toBe('from the');
  });

  it('is given to the second of two calls that were both done', async () => {
    await control.set(ssmFault({ kind: 'twice' }));
    expect((await look()).Status).toBe('Success');
    expect(calls).toEqual(['invocation', 'invocation']);
    await control.set({ on: 'call', match: { service: 's3', action: 'PutObject' }, effect: { kind: 'twice' } });
    await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'text' }));
    expect(fixture.emulator.asked).toHaveLength(2);
    expect(fixture.emulator.asked[1]?.body).toBe(fixture.emulator.asked[0]?.body);
  });
});

describe('a request that no fault hits', () => {
  it('goes to the emulator whole, although a rule is about its service', async () => {
    await control.set({ on: 'call', match: { service: 's3', action: 'GetObject' }, effect: { kind: 'breakOff' } });
    await control.set({ on: 'call', match: { service: 'sts', action: 'Other' }, effect: { kind: 'loseAnswer' } });
    const large = 'x'.repeat(9 * 1024 * 1024);
    await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: large }));
    expect(fixture.emulator.asked[0]?.body.length).toBeGreaterThanOrEqual(large.length);
    const headers = {
      authorization: 'AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/x-www-form-urlencoded',
    };
    await fetch(fixture.gateway.url, { method: 'POST', headers, body: 'Action=GetCallerIdentity' });
    expect(fixture.emulator.asked[1]?.body).toBe('Action=GetCallerIdentity');
    expect((await control.list()).map(({ matched }) => matched)).toEqual([0, 0]);
  });
});

describe('permission to set faults', () => {
  const ask = (path: string, token: string | undefined, body = '{}', type = 'application/json') =>
    fetch(`${fixture.gateway.url}/_holdfast/faults/${path}`, {
      method: 'POST',
      headers: { 'content-type': type, ...(token !== undefined && { 'x-holdfast-token': token }) },
      body,
    });

  it.each(['set', 'remove', 'list', 'reset'])('is who has the token of the cloud: %s', async (path) => {
    for (const token of [undefined, '', 'guessed']) expect((await ask(path, token)).status).toBe(403);
    expect((await ask(path, TOKEN, '{}', 'text/plain')).status).toBe(415);
  });

  it('reports what is wrong with a rule, and a fault that does not exist', async () => {
    await expect(control.set({ on: 'call', match: { service: '' }, effect: { kind: 'loseAnswer' } })).rejects.toThrow(
      /refused faults\/set with ValidationError: match\.service/,
    );
    await expect(control.remove('fault-0')).rejects.toThrow('no fault fault-0 is set');
    expect((await ask('unknown', TOKEN)).status).toBe(404);
  });

  it('refuses a cloud that is not on loopback', () => {
    expect(() => faultControl({ gatewayUrl: 'https://ssm.us-east-1.amazonaws.com', token: 't' })).toThrow('only in a local cloud');
  });
});

it('refuses to date events or to forget requests of services that the cloud does not have', async () => {
  await expect(control.dateEventsBack(1_000)).rejects.toThrow('nothing was changed');
  await expect(control.forgetRequests()).rejects.toThrow('nothing was changed');
  await expect(control.dateEventsBack(-1)).rejects.toThrow('date-events-back');
});
