/** What other programs of this machine, and pages in a browser, find where LocalStack and its DynamoDB listen. */
import { readFileSync } from 'node:fs';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { listProcesses } from '../../../../processes/process-table.ts';
import { send } from '../../gateway/sign-request.ts';
import type { World } from '../world.ts';

const PROOF = '/_holdfast/extension?challenge=c';

/** Ports at which DynamoDB Local processes of tests listen. Linux only. */
const dynamoDbPorts = () =>
  listProcesses().flatMap(({ pid }) => {
    const port = /holdfast-seams-.*DynamoDBLocal\.jar\0-port\0([0-9]+)/.exec(argumentsOf(pid))?.[1];
    return port === undefined ? [] : [Number(port)];
  });

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

export function describeLocalStackClosed(world: () => World): void {
  describe('LocalStack', () => {
    it.each([
      ['a page’s origin', { origin: 'https://evil.example' }],
      ['a page’s own name for it', { host: 'evil.example:4566' }],
      ['what browsers add', { 'sec-fetch-site': 'cross-site' }],
    ])('proves nothing to a request with %s', async (_, headers: Record<string, string>) => {
      const { url } = world().emulatorAccess;
      expect((await send(url, { path: PROOF })).status).toBe(200);
      const refused = await send(url, { path: PROOF, headers });
      expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    });

    it('takes no caller for one of its own services', async () => {
      const client = new EventBridgeClient(world().config);
      client.middlewareStack.add(
        (next) => (args) => {
          Object.assign((args.request as { headers: object }).headers, { 'x-localstack-data': '{}' });
          return next(args);
        },
        { step: 'build' },
      );
      const entry = { Source: 'aws.states', DetailType: 'Step Functions Execution Status Change', Detail: '{}' };
      const reply = await client.send(new PutEventsCommand({ Entries: [entry] })).finally(() => client.destroy());
      expect(reply).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] });
    });

    it('keeps its tables where nothing else finds them: DynamoDBLocal answers on loopback alone, and has none for another key', async () => {
      const client = new DynamoDBClient(world().config);
      const KeySchema = [{ AttributeName: 'k', KeyType: 'HASH' as const }];
      const AttributeDefinitions = [{ AttributeName: 'k', AttributeType: 'S' as const }];
      await client
        .send(new CreateTableCommand({ TableName: 'hidden', BillingMode: 'PAY_PER_REQUEST', KeySchema, AttributeDefinitions }))
        .finally(() => client.destroy());
      expect(dynamoDbPorts().length).toBeGreaterThan(0);
      for (const port of dynamoDbPorts()) {
        const guess = {
          method: 'POST',
          headers: {
            'x-amz-target': 'DynamoDB_20120810.ListTables',
            'content-type': 'application/x-amz-json-1.0',
            authorization:
              'AWS4-HMAC-SHA256 Credential=000000000000useast1/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
          },
          body: '{}',
        };
        expect((await send(`http://127.0.0.1:${port}`, guess)).text).toBe('{"TableNames":[]}');
        await expect(send(`http://127.0.0.2:${port}`, guess)).rejects.toThrow('ECONNREFUSED');
      }
    });
  });
}
