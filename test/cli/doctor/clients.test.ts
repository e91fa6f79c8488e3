import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ModifyTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '#local-aws/test/root-credentials.ts';
import { type Clients, createClients } from '../../../cli/doctor/clients.ts';
import { CLIENT_OPTIONS } from '../../../functions/shared/aws/client-options.ts';

let server: http.Server;
let clients: Clients;
let requests = 0;
let answersQueries = false;
const called: string[] = [];

beforeAll(async () => {
  server = http.createServer((request, response) => {
    requests += 1;
    if (answersQueries && request.headers['x-amz-target'] === 'DynamoDB_20120810.Query') {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"Items":[{"sweepId":{"S":"s1"}}]}');
      return;
    }
    response.writeHead(400, { 'content-type': 'text/xml' }).end('<ErrorResponse><Error><Code>Any</Code></Error></ErrorResponse>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { ...CLIENT_OPTIONS, region: 'us-east-1', endpoint, credentials: ROOT };
  clients = createClients(options, 'records', (operation) => called.push(operation));
});
afterAll(() => {
  clients.close();
  server.close();
});

describe("the doctor's clients", () => {
  it.each([
    ['ModifyTargetGroup', () => clients.elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: 'x' }))],
    ['PutObject', () => clients.s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }))],
  ])('refuse %s before anything is sent', async (operation, send) => {
    await expect(send()).rejects.toThrow(`${operation} is not a read. Doctor changes nothing`);
    expect([requests, called]).toEqual([0, []]);
  });

  it('send what reads, the records too', async () => {
    await expect(clients.sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow();
    await expect(clients.records.getFleet('web')).rejects.toThrow();
    await expect(clients.records.listReleases('web')).rejects.toThrow();
    expect(called).toEqual(['GetCallerIdentity', 'GetItem', 'Query']);
    expect(requests).toBeGreaterThanOrEqual(3);
  });

  it('send the reads of several records at once', async () => {
    answersQueries = true;
    called.length = 0;
    await expect(clients.sweeps.latestSweeps(1)).rejects.not.toThrow('is not a read');
    expect(called).toEqual(['Query', 'BatchGetItem']);
  });
});
