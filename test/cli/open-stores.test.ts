import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../cli/cloud.ts';
import { deployStateMachineArnOf, openStores, releasesBucketOf, sweepStateMachineArnOf } from '../../cli/open-stores.ts';
import { CLIENT_OPTIONS } from '../../functions/shared/aws/client-options.ts';

let server: Server;
let cloud: Cloud;

/** An AWS that denies every call. */
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(400, { 'x-amzn-errortype': 'AccessDeniedException' }).end('{"__type":"AccessDeniedException","message":"no"}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cloud = {
    ...{ local: false, account: '111122223333', region: 'eu-west-1', installation: 'shop', fleet: 'web', caller: 'ann' },
    ...{ title: '', awsOptions: '', awsEnvironment: '' },
    client: { ...CLIENT_OPTIONS, region: 'eu-west-1', endpoint, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
  };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('openStores', () => {
  it('opens what is named and nothing else', () => {
    const opened = openStores(cloud, 'records', 's3');
    expect(Object.keys(opened).filter((name) => !(name in cloud))).toEqual(['records', 's3']);
  });

  it('leaves the connection as it was', () => {
    expect(openStores(cloud)).toEqual(cloud);
  });

  it.each([
    ['a record', 'shop-web-reader', () => openStores(cloud, 'records').records.getFleet('web')],
    ['the canary', 'shop-web-reader', () => openStores(cloud, 'canary').canary()],
    [
      'an execution',
      'shop-web-reader',
      () => openStores(cloud, 'stepFunctions').stepFunctions.send(new DescribeExecutionCommand({ executionArn: 'arn:aws:states:x' })),
    ],
    [
      'stopping an execution',
      'shop-web-operator',
      () => openStores(cloud, 'stepFunctions').stepFunctions.send(new StopExecutionCommand({ executionArn: 'arn:aws:states:x' })),
    ],
  ])('names the policy of the fleet that allows %s', async (_call, missingPolicy, call) => {
    await expect(call()).rejects.toMatchObject({ name: 'AccessDeniedException', missingPolicy });
  });
});

it('names of state machines and of the bucket have the place of the cloud', () => {
  expect(deployStateMachineArnOf(cloud)).toBe('arn:aws:states:eu-west-1:111122223333:stateMachine:shop-web-deploy');
  expect(sweepStateMachineArnOf(cloud)).toBe('arn:aws:states:eu-west-1:111122223333:stateMachine:shop-sweep');
  expect(releasesBucketOf(cloud)).toBe('shop-releases-111122223333-eu-west-1');
});
