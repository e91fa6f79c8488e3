import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import type { CloudState } from '../../cli/cloud-state.ts';
import { assertLocalAccount } from '../../cli/local-account.ts';
import { stateOf } from './run-cli.ts';

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

const assertAt = (gatewayUrl: string): Promise<void> => assertLocalAccount(stateOf(gatewayUrl));

describe('assertLocalAccount', () => {
  it('accepts the account of the state file', async () => {
    await expect(assertAt((await sts(identity('000000000000'))).url)).resolves.toBeUndefined();
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
    await expect(assertAt(endpoint)).rejects.toMatchObject({
      name: 'NotLocal',
      message: expect.stringContaining('is not on this machine'),
    });
  });

  it('refuses a state file without credentials, with which the SDK would send keys of AWS', async () => {
    const { url, calls } = await sts(identity('000000000000'));
    const { credentials: _, ...old } = stateOf(url);
    await expect(assertLocalAccount(old as CloudState)).rejects.toThrow('another version of Holdfast');
    expect(calls()).toBe(0);
  });

  it('refuses what answers for another account', async () => {
    const { url } = await sts(identity('123456789012'));
    await expect(assertAt(url)).rejects.toThrow(`${url} answers for account 123456789012, not 000000000000`);
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
    await expect(assertAt(url)).rejects.toMatchObject({ name: 'NotLocal', message: expect.stringMatching(message) });
  });
});
