import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { explainAwsError } from '../../cli/aws-errors.ts';
import { awsClientOptions, proxyHint, usesProxies } from '../../cli/proxy.ts';

describe('a proxy', () => {
  it.each([
    ['20.20.2', false],
    ['22.20.0', false],
    ['22.21.0', true],
    ['23.11.0', false],
    ['24.4.1', false],
    ['24.5.0', true],
    ['26.0.0', true],
  ])('is used by Node.js %s: %s', (version, expected) => {
    expect(usesProxies(version)).toBe(expected);
  });

  it('is named when AWS does not answer', () => {
    expect(proxyHint({}, '24.5.0')).toBeUndefined();
    expect(proxyHint({ HTTPS_PROXY: 'http://p:1' }, '24.5.0')).toMatch(/^The proxy of HTTPS_PROXY was used/);
    const hint = proxyHint({ https_proxy: 'http://p:1' }, '22.1.0');
    expect(hint).toMatch(/^https_proxy is set, but Node\.js 22\.1\.0 does not use it/);
    const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    expect(explainAwsError(refused, hint)?.message).toMatch(/then try again\. https_proxy is set/);
  });

  it('is asked for a tunnel to AWS, but for hosts that need none', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      asked.push(String(url));
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const call = async (env: NodeJS.ProcessEnv, endpoint?: string) => {
      const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' };
      const options = { ...awsClientOptions(env), region: 'eu-west-1', credentials, maxAttempts: 1, ...(endpoint && { endpoint }) };
      const sts = new STSClient(options);
      const error = await sts.send(new GetCallerIdentityCommand({})).catch((thrown: unknown) => thrown as Error);
      sts.destroy();
      return explainAwsError(error as Error)?.code;
    };
    expect(await call({ HTTPS_PROXY })).toBe('NoAnswer');
    expect(asked).toEqual(['sts.eu-west-1.amazonaws.com:443']);
    expect(await call({ HTTPS_PROXY, NO_PROXY: '127.0.0.1' }, 'https://127.0.0.1:9')).toBe('NoAnswer');
    expect(asked).toHaveLength(1);
    proxy.close();
  });
});
