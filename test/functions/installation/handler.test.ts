import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

interface Seen {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly body: object;
}

let server: Server;
let url: string;
let seen: Seen[];
beforeEach(async () => {
  seen = [];
  server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    seen.push({ method: request.method, target: request.headers['x-amz-target']?.toString(), body: JSON.parse(text) as object });
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
});

it('puts the record under its key into the table, and answers CloudFormation', async () => {
  const { handler } = await import('../../../functions/installation/handler.ts');
  await handler({
    ...{ RequestType: 'Create', ResponseURL: `${url}/answer`, StackId: 'stack', RequestId: 'r1', LogicalResourceId: 'Recorded' },
    ResourceProperties: { TableName: 'holdfast-records', Contract: '3', Version: '0.3.0', Configuration: '{}' },
  });
  expect(seen).toEqual([
    {
      method: 'POST',
      target: 'DynamoDB_20120810.PutItem',
      body: {
        TableName: 'holdfast-records',
        Item: {
          pk: { S: 'INSTALLATION' },
          sk: { S: 'CONFIGURATION' },
          contract: { N: '3' },
          version: { S: '0.3.0' },
          configuration: { S: '{}' },
        },
      },
    },
    { method: 'PUT', target: undefined, body: expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'holdfast-records' }) },
  ]);
});
