/** The gateway with real SDK clients in front and a policy evaluator that answers by a table. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { CancelCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccessControl } from '../../iam/access-control.ts';
import { createCalls } from '../../iam/calls.ts';
import type { Decision, Question } from '../../iam/policy-evaluator.ts';
import { createSessions } from '../../iam/sessions.ts';
import { type Fixture, service, signedFor, startFixture } from '../gateway/gateway-fixture.ts';
import { ROOT } from '../root-credentials.ts';

const ROLE = 'arn:aws:iam::000000000000:role/deployer';
const SESSION = 'arn:aws:sts::000000000000:assumed-role/deployer/fn';
const credentials = { accessKeyId: 'ASIADEPLOYER', secretAccessKey: 'secret', sessionToken: 'token' };
const NOW_MS = Date.now();

const calls = createCalls();
let nowMs: () => number = Date.now;
let decision: Decision;
let questions: Question[] = [];
let forgotten = 0;
let fixture: Fixture;

beforeAll(async () => {
  const evaluator = {
    decide: async (question: Question) => {
      questions.push(question);
      return decision;
    },
    forget: () => {
      forgotten += 1;
    },
  };
  const access = createAccessControl({
    token: 'shared',
    sessions: createSessions(ROOT, () => nowMs()),
    evaluator,
    calls,
    now: () => nowMs(),
  });
  fixture = await startFixture(
    [
      service({ signingNames: ['ssm'], operations: { CancelCommand: () => ({}) } }),
      service({
        signingNames: ['elasticloadbalancing'],
        protocol: { kind: 'query', xmlNamespace: 'urn:q' },
        operations: { DescribeTargetHealth: () => ({ TargetHealthDescriptions: [] }) },
        permissions: () => [{ resource: 'arn:first' }, { resource: 'arn:second', context: { 'ssm:resourceTag/a': 'b' } }],
      }),
      service({
        signingNames: ['monitoring'],
        iamPrefix: 'cloudwatch',
        protocol: { kind: 'json', version: '1.0', xmlNamespace: 'urn:cw' },
        operations: { DescribeAlarms: () => ({}) },
      }),
    ],
    access,
  );
});
afterAll(() => fixture.close());
beforeEach(() => {
  decision = 'allowed';
  questions = [];
  nowMs = Date.now;
});

const tell = (path: string, body: object, token = 'shared') =>
  fetch(`${fixture.gateway.url}/_holdfast/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-holdfast-token': token },
    body: JSON.stringify(body),
  });
const session = { ...credentials, principalArn: SESSION };
const config = (given: object = credentials) => ({
  region: 'us-east-1',
  endpoint: fixture.gateway.url,
  credentials: given as typeof credentials,
  maxAttempts: 1,
});
const cancel = (given?: object) => new SSMClient(config(given)).send(new CancelCommandCommand({ CommandId: '0'.repeat(36) }));
const health = (given?: object) =>
  new ElasticLoadBalancingV2Client(config(given)).send(new DescribeTargetHealthCommand({ TargetGroupArn: 'arn:first' }));

describe('the caller', () => {
  it('is unknown before the emulator has reported the session, and the role afterwards', async () => {
    await expect(cancel()).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    expect((await tell('sessions', session)).status).toBe(200);
    await cancel();
    expect(questions).toEqual([{ policySourceArn: ROLE, action: 'ssm:CancelCommand', resource: '*', context: {} }]);
  });

  it('is accepted from the emulator only', async () => {
    const reply = await tell('sessions', { ...session, accessKeyId: 'ASIATHIEF' }, 'guessed');
    expect([reply.status, await reply.json()]).toEqual([403, expect.objectContaining({ code: 'AccessDenied' })]);
    await expect(cancel({ ...credentials, accessKeyId: 'ASIATHIEF' })).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    const wrong = await tell('sessions', { ...session, principalArn: 1 });
    expect(wrong.status).toBe(400);
    expect(fixture.logged.join()).not.toContain('secret');
  });

  it.each(['cloudformation', 'log-lines', 'calls'])(
    'needs the emulator’s token for %s too: a function reaches the gateway as well',
    async (path) => {
      expect((await tell(path, {}, 'guessed')).status).toBe(403);
    },
  );

  it.each([
    ['an unknown key', { ...credentials, accessKeyId: 'ASIAUNKNOWN' }, 'UnrecognizedClientException', 'InvalidClientTokenId'],
    ['another session token', { ...credentials, sessionToken: 'other' }, 'UnrecognizedClientException', 'InvalidClientTokenId'],
    ['no session token', { ...credentials, sessionToken: undefined }, 'UnrecognizedClientException', 'InvalidClientTokenId'],
    ['another secret', { ...credentials, secretAccessKey: 'other' }, 'InvalidSignatureException', 'SignatureDoesNotMatch'],
    ["root's key with another secret", { ...ROOT, secretAccessKey: 'x' }, 'InvalidSignatureException', 'SignatureDoesNotMatch'],
  ])('is refused with %s in both protocols', async (_name, given, inJson, inQuery) => {
    await expect(cancel(given)).rejects.toMatchObject({ name: inJson, $metadata: { httpStatusCode: 400 } });
    await expect(health(given)).rejects.toMatchObject({ name: inQuery, $metadata: { httpStatusCode: 403 } });
    expect(questions).toEqual([]);
  });

  it('is refused without a signature that can be read', async () => {
    const headers = { ...signedFor('ssm'), 'x-amz-target': 'AmazonSSM.CancelCommand' };
    const reply = await fetch(fixture.gateway.url, { method: 'POST', headers, body: '{}' });
    expect([reply.status, await reply.json()]).toEqual([400, expect.objectContaining({ __type: 'IncompleteSignatureException' })]);
  });

  it('is refused with a date that is ten minutes off', async () => {
    nowMs = () => NOW_MS + 600_000;
    await expect(cancel()).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  it('is unknown once the session has expired', async () => {
    const short = { ...credentials, accessKeyId: 'ASIASHORT' };
    await tell('sessions', { ...session, ...short, expiresAtMs: NOW_MS - 1 });
    await expect(cancel(short)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });
});

describe('what is called', () => {
  it('is allowed to root without a question', async () => {
    await cancel(ROOT);
    expect(questions).toEqual([]);
  });

  it('is judged for each resource, with its condition keys', async () => {
    await health();
    const asked = { policySourceArn: ROLE, action: 'elasticloadbalancing:DescribeTargetHealth' };
    expect(questions).toEqual([
      { ...asked, resource: 'arn:first', context: {} },
      { ...asked, resource: 'arn:second', context: { 'ssm:resourceTag/a': 'b' } },
    ]);
  });

  it("is refused as each protocol refuses, in AWS's words", async () => {
    decision = 'implicitDeny';
    await expect(cancel()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ${SESSION} is not authorized to perform: ssm:CancelCommand on resource: * because no identity-based policy allows the ssm:CancelCommand action`,
      $metadata: { httpStatusCode: 400 },
    });
    decision = 'explicitDeny';
    await expect(health()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${SESSION} is not authorized to perform: elasticloadbalancing:DescribeTargetHealth on resource: arn:first with an explicit deny in an identity-based policy`,
      $metadata: { httpStatusCode: 403 },
    });
    await expect(new CloudWatchClient(config()).send(new DescribeAlarmsCommand({}))).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
      message: expect.stringContaining('cloudwatch:DescribeAlarms'),
    });
  });

  it('is evaluated again after an IAM call', async () => {
    const before = forgotten;
    await new IAMClient(config(ROOT)).send(new DeleteRolePolicyCommand({ RoleName: 'r', PolicyName: 'p' })).catch(() => {});
    expect(forgotten).toBe(before + 1);
  });

  it("is recorded once, by role, with the emulator's own calls", async () => {
    await cancel();
    await cancel();
    const call = { accessKeyId: credentials.accessKeyId, action: 'dynamodb:GetItem', resource: 'arn:table', allowed: true };
    await tell('calls', { calls: [call, call, { ...call, accessKeyId: 'ASIAUNKNOWN' }] });
    const ofRole = calls.list().filter(({ principal }) => principal === ROLE);
    expect(ofRole.filter(({ action, allowed }) => action === 'ssm:CancelCommand' && allowed)).toHaveLength(1);
    expect(ofRole.filter(({ action }) => action === 'dynamodb:GetItem')).toEqual([
      { principal: ROLE, action: 'dynamodb:GetItem', resource: 'arn:table', allowed: true },
    ]);
    expect(calls.list()).toContainEqual({
      principal: 'arn:aws:iam::000000000000:root',
      action: 'ssm:CancelCommand',
      resource: '*',
      allowed: true,
    });
  });
});
