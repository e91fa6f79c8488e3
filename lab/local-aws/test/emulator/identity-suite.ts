import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetAccountSummaryCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CancelCommandCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import type { LocalService } from '../../service/service.ts';
import { ROLE, type World } from './world.ts';

const instance = (id: string) => `arn:aws:ec2:us-east-1:000000000000:instance/${id}`;
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/guarded';

/** A service of the gateway that judges by instance and by its tag. */
export const guarded: LocalService = {
  signingNames: ['ssm'],
  protocol: { kind: 'json', version: '1.1' },
  operations: { CancelCommand: () => ({}), SendCommand: () => ({}) },
  permissions: (operation, input) =>
    operation === 'SendCommand'
      ? (input['InstanceIds'] as string[]).map((id) => ({ resource: instance(id), context: { 'ssm:resourceTag/fleet': id.slice(2) } }))
      : [{ resource: '*' }],
  resourceTypes: {},
  notEmulated: [],
  stop: async () => {},
};

/** Roles limit what their sessions call, in the gateway and in the emulator. */
export function describeIdentity(world: () => World): void {
  describe('a function', () => {
    let credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
    let clients: {
      dynamoDb: DynamoDBClient;
      eventBridge: EventBridgeClient;
      iam: IAMClient;
      ssm: SSMClient;
      lambda: LambdaClient;
      sts: STSClient;
    };

    beforeAll(async () => {
      const root = new DynamoDBClient(world().config);
      await root.send(
        new CreateTableCommand({
          TableName: 'guarded',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        }),
      );
      root.destroy();
      await world().makeFunction(
        'credentials',
        'const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env; export const handler = async () => ({ accessKeyId, secretAccessKey, sessionToken });',
      );
      credentials = (await world().invoke('credentials')).value as typeof credentials;
      // A copy: the SDK notes in the object where it came from.
      const config = { ...world().config, credentials: { ...credentials } };
      clients = {
        dynamoDb: new DynamoDBClient(config),
        eventBridge: new EventBridgeClient(config),
        iam: new IAMClient(config),
        lambda: new LambdaClient(config),
        ssm: new SSMClient(config),
        sts: new STSClient(config),
      };
    });
    afterAll(() => {
      for (const client of Object.values(clients)) client.destroy();
    });
    beforeEach(() => world().allow({ Effect: 'Allow', Action: 'sqs:ListQueues', Resource: '*' }));

    const get = () => clients.dynamoDb.send(new GetItemCommand({ TableName: 'guarded', Key: { pk: { S: 'a' } } }));
    const put = (pk: string) => clients.dynamoDb.send(new PutItemCommand({ TableName: 'guarded', Item: { pk: { S: pk } } }));
    const query = (pk: string) =>
      clients.dynamoDb.send(
        new QueryCommand({
          TableName: 'guarded',
          KeyConditionExpression: '#pk = :pk',
          ExpressionAttributeNames: { '#pk': 'pk' },
          ExpressionAttributeValues: { ':pk': { S: pk } },
        }),
      );
    const cancel = () => clients.ssm.send(new CancelCommandCommand({ CommandId: '0'.repeat(36) }));
    const send = (...InstanceIds: string[]) => clients.ssm.send(new SendCommandCommand({ DocumentName: 'any', InstanceIds }));

    it('reads and writes only the items whose partition key its policy names', async () => {
      await world().allow({
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        Resource: TABLE,
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } },
      });
      await put('a');
      await get();
      expect((await query('a')).Items).toEqual([{ pk: { S: 'a' } }]);
      await expect(put('b')).rejects.toMatchObject({ name: 'AccessDeniedException' });
      await expect(query('b')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    });

    it('puts events of the source that its policy names, and of no other', async () => {
      await world().allow({
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Resource: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
        Condition: { 'ForAllValues:StringEquals': { 'events:source': ['own.app'] } },
      });
      const put = (...sources: string[]) =>
        clients.eventBridge.send(
          new PutEventsCommand({ Entries: sources.map((Source) => ({ Source, DetailType: 'Happened', Detail: '{}' })) }),
        );
      expect((await put('own.app')).FailedEntryCount).toBe(0);
      await expect(put('other.app')).rejects.toMatchObject({ name: 'AccessDeniedException' });
      await expect(put('own.app', 'other.app')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    });

    it("has a session of its own role, not the account's key", async () => {
      expect(credentials).toEqual({
        accessKeyId: expect.stringMatching(/^ASIA/),
        secretAccessKey: expect.any(String),
        sessionToken: expect.any(String),
      });
      const { Arn } = await clients.sts.send(new GetCallerIdentityCommand({}));
      expect(Arn).toBe('arn:aws:sts::000000000000:assumed-role/anybody/credentials');
    });

    it("calls the emulator's services as its role allows", async () => {
      await expect(get()).rejects.toThrow(/anybody.*is not authorized to perform: dynamodb:GetItem/);
      await world().allow({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE });
      await get();
      const put = clients.dynamoDb.send(new PutItemCommand({ TableName: 'guarded', Item: { pk: { S: 'a' } } }));
      await expect(put).rejects.toMatchObject({ name: 'AccessDeniedException' });
    });

    it('reads how many roles the account has as its role allows', async () => {
      const read = () => clients.iam.send(new GetAccountSummaryCommand({}));
      await expect(read()).rejects.toThrow(/is not authorized to perform: iam:GetAccountSummary/);
      await world().allow({ Effect: 'Allow', Action: 'iam:GetAccountSummary', Resource: '*' });
      expect((await read()).SummaryMap).toMatchObject({ Roles: expect.any(Number), RolesQuota: 1_000 });
    });

    it("reads the account's limits of Lambda as its role allows", async () => {
      const read = () => clients.lambda.send(new GetAccountSettingsCommand({}));
      await expect(read()).rejects.toThrow(/is not authorized to perform: lambda:GetAccountSettings/);
      await world().allow({ Effect: 'Allow', Action: 'lambda:GetAccountSettings', Resource: '*' });
      // Functions of other tests reserve some of an account's 1,000.
      const { UnreservedConcurrentExecutions = 0 } = (await read()).AccountLimit ?? {};
      expect([UnreservedConcurrentExecutions > 0, UnreservedConcurrentExecutions <= 1_000]).toEqual([true, true]);
    });

    it("calls the gateway's services as its role allows", async () => {
      await expect(cancel()).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('ssm:CancelCommand'),
      });
      await world().allow({ Effect: 'Allow', Action: 'ssm:CancelCommand', Resource: '*' });
      await cancel();
      await world().allow(
        { Effect: 'Allow', Action: 'ssm:CancelCommand', Resource: '*' },
        { Effect: 'Deny', Action: 'ssm:*', Resource: '*' },
      );
      await expect(cancel()).rejects.toThrow('with an explicit deny in an identity-based policy');
    });

    it('needs to be allowed on every resource that a call names', async () => {
      await world().allow({ Effect: 'Allow', Action: 'ssm:SendCommand', Resource: instance('i-web') });
      await send('i-web');
      await expect(send('i-web', 'i-other')).rejects.toThrow(`on resource: ${instance('i-other')}`);
    });

    it("is judged by the resource's condition keys", async () => {
      const Condition = { StringEquals: { 'ssm:resourceTag/fleet': 'web' } };
      await world().allow({ Effect: 'Allow', Action: 'ssm:SendCommand', Resource: instance('*'), Condition });
      await send('i-web');
      await expect(send('i-other')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    });

    it('is recorded with its role, in the gateway and in the emulator', async () => {
      await world().allow({ Effect: 'Allow', Action: ['dynamodb:GetItem', 'ssm:CancelCommand'], Resource: '*' });
      await Promise.all([get(), cancel()]);
      await until(async () => {
        const seen = world()
          .calls.list()
          .filter(({ principal, allowed }) => principal === ROLE && allowed);
        const has = (action: string, resource: string) => seen.some((call) => call.action === action && call.resource === resource);
        return (has('dynamodb:GetItem', TABLE) && has('ssm:CancelCommand', '*')) || undefined;
      });
    });
  });

  describe('a caller', () => {
    it('with a session of AssumeRole has what the role has', async () => {
      const sts = new STSClient(world().config);
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'somebody' }));
      const ssm = new SSMClient({
        ...world().config,
        credentials: {
          accessKeyId: Credentials?.AccessKeyId as string,
          secretAccessKey: Credentials?.SecretAccessKey as string,
          sessionToken: Credentials?.SessionToken as string,
        },
      });
      await world().allow({ Effect: 'Allow', Action: 'ssm:CancelCommand', Resource: '*' });
      await ssm.send(new CancelCommandCommand({ CommandId: '0'.repeat(36) }));
      await expect(ssm.send(new SendCommandCommand({ DocumentName: 'any', InstanceIds: ['i-1'] }))).rejects.toThrow(
        'assumed-role/anybody/somebody',
      );
      for (const client of [sts, ssm]) client.destroy();
    });

    it.each([
      ['dynamodb', { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, '{}'],
      ['ssm', { 'x-amz-target': 'AmazonSSM.CancelCommand' }, '{}'],
      ['elasticloadbalancing', {}, 'Action=DescribeLoadBalancers&Version=2015-12-01'],
    ])('without a signature is refused by %s', async (_service, headers, body) => {
      const contentType = body === '{}' ? 'application/x-amz-json-1.0' : 'application/x-www-form-urlencoded';
      const { endpoint } = world().config;
      const reply = await fetch(endpoint, { method: 'POST', headers: { ...headers, 'content-type': contentType }, body });
      expect([reply.status >= 400 && reply.status < 500, await reply.text()]).toEqual([
        true,
        expect.stringMatching(/MissingAuthenticationToken/),
      ]);
    });
  });
}
