import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { assertLocalAccount } from '../../local/local-account.ts';

const servers: http.Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Answers every call with `body`, and counts the calls. */
async function sts(body: string, status = 200): Promise<{ url: string; calls: () => number }> {
  let calls = 0;
  const server = http.createServer((request, response) => {
    calls += 1;
    request.resume();
    response.writeHead(status, { 'content-type': 'text/xml', connection: 'close' }).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: () => calls };
}

const identity = (account: string) =>
  `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

describe('assertLocalAccount', () => {
  it('gives the account that no real AWS has', async () => {
    expect(await assertLocalAccount((await sts(identity('000000000000'))).url, 'us-east-1')).toBe('000000000000');
  });

  it.each([
    'https://sts.amazonaws.com',
    'http://192.0.2.1:4566',
    'http://127.0.0.1.example.com',
    'http://127.0.0.1@example.com',
    'http://localhost.example.com',
    'not an address',
    '',
  ])('refuses %j without a call', async (endpoint) => {
    await expect(assertLocalAccount(endpoint, 'us-east-1')).rejects.toMatchObject({
      name: 'NotLocal',
      message: expect.stringContaining('is not on this machine'),
    });
  });

  it('refuses what answers for another account', async () => {
    const { url } = await sts(identity('123456789012'));
    await expect(assertLocalAccount(url, 'us-east-1')).rejects.toThrow(`${url} answers for account 123456789012, not 000000000000`);
  });

  it.each([
    ['an answer without an account', '<GetCallerIdentityResponse/>', 200, /answers for account undefined|does not answer/],
    [
      'an error',
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
      403,
      /does not answer \(no\)/,
    ],
    ['a page that is not AWS', '<html>hello</html>', 404, /does not answer/],
  ])('refuses %s', async (_, body, status, message) => {
    const { url } = await sts(body, status);
    await expect(assertLocalAccount(url, 'us-east-1')).rejects.toMatchObject({ name: 'NotLocal', message: expect.stringMatching(message) });
  });
});
