/** Addresses that `--emulator-endpoint` may name, each played by a small server: every one gets one sentence, and none a secret. */
import { createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../../processes/free-port.ts';
import { ownLocalStack } from '../../../emulator/localstack/own-localstack.ts';
import { ROOT } from '../../root-credentials.ts';

const TOKEN = 'the-secret-of-both';
const GATEWAY = 'http://127.0.0.1:4570';
const HEALTH = '/_localstack/health';
const EXTENSION = '/_holdfast/extension';

type Answer = { readonly status?: number; readonly body: string; readonly type?: string };
type Played = (path: string, query: URLSearchParams, headers: http.IncomingHttpHeaders, body: string) => Answer | undefined;

let server: http.Server | undefined;
let secretsHeard: string[] = [];
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  secretsHeard = [];
});

async function play(answer: Played): Promise<string> {
  const played = http.createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
    let body = '';
    for await (const part of request) body += String(part);
    if (JSON.stringify([request.headers, request.url, body]).includes(TOKEN)) secretsHeard.push(pathname);
    const {
      status = 200,
      body: text = '',
      type = 'application/json',
    } = answer(pathname, searchParams, request.headers, body) ?? { status: 404, body: '' };
    response.writeHead(status, { 'content-type': type }).end(text);
  });
  server = played;
  await new Promise<void>((resolve) => played.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(played.address() as AddressInfo).port}`;
}

const ready = (url: string): Promise<string> =>
  ownLocalStack({ url, token: TOKEN, region: 'us-east-1', credentials: ROOT }, GATEWAY)
    .ready()
    .then(
      () => 'ready',
      (error: Error) => error.message,
    );

const healthy = (version: string): Answer => ({
  body: JSON.stringify({ services: { sts: 'available', stepfunctions: 'available' }, edition: 'community', version }),
});
const described = (query: URLSearchParams, more: object = {}, token = TOKEN): Answer => {
  const proof = createHmac('sha256', token)
    .update(`extension ${query.get('challenge')}`)
    .digest('hex');
  return { body: JSON.stringify({ release: '4.14.0', gateway: GATEWAY, missing: [], proof, ...more }) };
};
/** A LocalStack with the extension, whose services answer as `service` does. */
const extended =
  (service: Played, more: object = {}, token?: string): Played =>
  (path, query, headers, body) => {
    if (path === HEALTH)
      return { status: 403, body: 'The emulator answers the gateway of its own run only: call the gateway.\n', type: 'text/plain' };
    return path === EXTENSION ? described(query, more, token) : service(path, query, headers, body);
  };

const STS =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
const STACKS = (names: string) =>
  `<DescribeStacksResponse><DescribeStacksResult><Stacks>${names}</Stacks></DescribeStacksResult></DescribeStacksResponse>`;
const working =
  (stacks: string): Played =>
  (_path, _query, headers, body) => {
    if (body.includes('GetCallerIdentity')) return { body: STS, type: 'text/xml' };
    if (body.includes('DescribeStacks')) return { body: STACKS(stacks), type: 'text/xml' };
    return { body: String(headers['x-amz-target']).includes('DynamoDB') ? '{"TableNames":[]}' : '{"stateMachines":[]}' };
  };

describe('an address of --emulator-endpoint', () => {
  it('at which nothing answers', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await ready(url)).toBe(
      `Nothing answers at ${url} (ECONNREFUSED): start LocalStack there, or omit --emulator-endpoint; a release after 4.14.0 ends at once ` +
        'without LOCALSTACK_AUTH_TOKEN, as its log says. The local cloud was stopped; nothing was changed in LocalStack.',
    );
  });

  it.each([
    ['a page', { body: '<html>hello</html>', type: 'text/html' }, 200],
    ['an error', { status: 500, body: 'no' }, 500],
    ['JSON of something else', { body: '{"status":"UP"}' }, 200],
    ['a list', { body: '[]' }, 200],
    ['more than a page', { body: `"${'x'.repeat(200_000)}"` }, 200],
    ['a redirection', { status: 302, body: '' }, 302],
  ])('at which something else answers with %s', async (_, answer, status) => {
    const url = await play(() => answer);
    expect(await ready(url)).toContain(
      `What answers at ${url} is not LocalStack (HTTP ${status}): check the port, or omit --emulator-endpoint.`,
    );
    expect(secretsHeard).toEqual([]);
  });

  it('of a LocalStack without the extension', async () => {
    const url = await play((path) => (path === HEALTH ? healthy('4.14.0') : undefined));
    expect(await ready(url)).toContain(
      `LocalStack 4.14.0 at ${url} does not have Holdfast's extension, without which it runs no functions and has no load balancers: ` +
        'start it as ops/localstack/docker-compose.yml does.',
    );
    expect(secretsHeard).toEqual([]);
  });

  it('of a release that needs a token', async () => {
    const url = await play((path) => (path === HEALTH ? healthy('2026.3.1') : undefined));
    expect(await ready(url)).toMatch(
      /LocalStack 2026\.3\.1 .* written for 4\.14\.0: .* does, with LOCALSTACK_AUTH_TOKEN, which a release after that needs\./,
    );
  });

  it('of a LocalStack with another secret, which does not learn this one', async () => {
    const url = await play(extended(() => undefined, {}, 'another-secret-there'));
    expect(await ready(url)).toContain('was started with another HOLDFAST_EMULATOR_TOKEN');
    expect(secretsHeard).toEqual([]);
  });

  it('of a LocalStack that calls another gateway', async () => {
    const url = await play(extended(() => undefined, { gateway: 'http://127.0.0.1:9999' }));
    expect(await ready(url)).toContain(`calls the gateway at http://127.0.0.1:9999, and this run's is ${GATEWAY}: give --gateway-port`);
  });

  it('of a LocalStack that does not see the checkout', async () => {
    const url = await play(extended(() => undefined, { missing: ['/checkout/node', '/checkout/bootstrap.mjs'] }));
    expect(await ready(url)).toContain('cannot read /checkout/node and /checkout/bootstrap.mjs: mount this checkout at its own path');
  });

  it('of a LocalStack that is healthy by its own word and whose services fail', async () => {
    const url = await play(
      extended(() => ({ status: 500, body: '<Error><Code>InternalError</Code><Message>broken</Message></Error>', type: 'text/xml' })),
    );
    expect(await ready(url)).toMatch(
      /answers, and sts:GetCallerIdentity failed \(.+\): see its log; release 4\.14\.0 needs Python 3\.13\./,
    );
  });

  it('of a LocalStack that still has the stacks of an earlier local cloud', async () => {
    const url = await play(
      extended(working('<member><StackName>CDKToolkit</StackName><StackStatus>CREATE_COMPLETE</StackStatus></member>')),
    );
    expect(await ready(url)).toContain(
      'has stacks already (CDKToolkit), and what they need ended with an earlier local cloud: start LocalStack again',
    );
  });

  it('of a LocalStack that works', async () => {
    const url = await play(extended(working('')));
    expect(await ready(url)).toBe('ready');
    expect(secretsHeard).toEqual(expect.arrayContaining(['/']));
  });
});
