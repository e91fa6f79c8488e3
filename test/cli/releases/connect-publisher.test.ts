import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectPublisher } from '../../../cli/releases/connect-publisher.ts';
import type { PublishStatement } from '../../../functions/releases/publish/contract.ts';
import { CLIENT_OPTIONS } from '../../../functions/shared/aws/client-options.ts';
import { RELEASE } from '../../functions/fakes/fixtures.ts';

const { fleet, version, sha256, sizeBytes, app } = RELEASE;
const STATEMENT: PublishStatement = { version, sha256, sizeBytes, app, publishedBy: 'user/pia' };
const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'the-secret-key' };

let server: Server;
let publisher: ReturnType<typeof connectPublisher>;
let seen: { url: string; body: string }[];
let answer: { body: string; headers: Record<string, string> };

beforeEach(async () => {
  seen = [];
  answer = { body: '{"result":"uploadFirst"}', headers: {} };
  server = createServer(async (request, response) => {
    seen.push({ url: request.url ?? '', body: await text(request) });
    response.writeHead(200, answer.headers).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  publisher = connectPublisher({
    client: { ...CLIENT_OPTIONS, region: 'eu-west-1', endpoint, credentials: CREDENTIALS },
    installation: 'holdfast',
    fleet,
    region: 'eu-west-1',
    local: true,
    account: '111122223333',
    caller: 'user/pia',
  });
});
afterEach(() => {
  publisher.close();
  server.closeAllConnections();
  server.close();
});

describe('connectPublisher', () => {
  it("calls the fleet's function by its alias, with the caller's name", async () => {
    expect(await publisher.call(STATEMENT)).toEqual({ result: 'uploadFirst' });
    expect(decodeURIComponent(seen[0]?.url ?? '')).toContain('/functions/holdfast-web-publish:live/invocations');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(STATEMENT);
    expect(publisher.publishedBy).toBe('user/pia');
  });

  it('reports a function that failed, and that the command can be repeated', async () => {
    answer = {
      body: '{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 300.00 seconds"}',
      headers: { 'x-amz-function-error': 'Unhandled' },
    };
    await expect(publisher.call(STATEMENT)).rejects.toMatchObject({
      name: 'PublishFailed',
      message:
        'The publish function of fleet web failed (Sandbox.Timedout: Task timed out after 300.00 seconds). Release 2.0.0 may be published or not. Run the same command again: it publishes nothing twice.',
    });
  });
});
