import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPage } from '../../local/page.ts';
import { stateOf } from '../cli/run-cli.ts';

let page: Awaited<ReturnType<typeof startPage>>;

beforeAll(async () => {
  page = await startPage({
    port: 0,
    token: 'secret-token',
    state: () => stateOf('http://127.0.0.1:1', { token: 'secret-token', fleet: 'shop' }),
    cloud: {
      elbv2: { listeners: () => [] },
      instances: { describe: () => [] },
      elastiCache: { nodes: () => [] },
      services: [{ title: 'recorded resource types', signingNames: [], notEmulated: ['Security groups do not filter.'] }],
    },
  });
});
afterAll(() => page.close());

function get(
  path: string,
  options: http.RequestOptions = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(path, page.url), options, async (reply) => {
      let body = '';
      for await (const chunk of reply) body += String(chunk);
      resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body });
    });
    request.on('error', reject).end();
  });
}

describe('the page', () => {
  it('shows the state, and never its token', async () => {
    const { status, body } = await get('/');
    expect([status, body]).toEqual([200, expect.stringContaining('fleet <b>shop</b>')]);
    expect(body).toContain('<summary>recorded resource types</summary>');
    expect(body).toContain('<summary>iam</summary>');
    expect(body).not.toContain('secret-token');
  });

  it('allows a browser to load and run nothing, and to keep nothing', async () => {
    const { headers } = await get('/');
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

  it.each(['holdfast.example.com', '127.0.0.1.example.com:80', '0.0.0.0'])('refuses a request for the host %j', async (host) => {
    expect((await get('/', { headers: { host } })).status).toBe(421);
  });

  it.each([
    ['GET', '/other'],
    ['POST', '/'],
  ])('has nothing at %s %s', async (method, path) => {
    expect((await get(path, { method })).status).toBe(404);
  });
});
