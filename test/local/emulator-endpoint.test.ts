import { describe, expect, it } from 'vitest';
import { checkEndpointOptions } from '../../local/emulator-endpoint.ts';

const ENV = { HOLDFAST_EMULATOR_TOKEN: 'a-secret-of-24-characters' };
const given = (emulatorEndpoint: string, more: object = {}, env: NodeJS.ProcessEnv = ENV) =>
  checkEndpointOptions({ emulatorEndpoint, gatewayPort: 4570, ...more }, env);

describe('--emulator-endpoint', () => {
  it.each([
    ['http://127.0.0.1:4566', 'http://127.0.0.1:4566'],
    ['http://localhost:4566/', 'http://127.0.0.1:4566'],
    ['http://localhost', 'http://127.0.0.1:80'],
  ])('takes %s', (url, address) => {
    expect([given(url), given(url, { emulator: 'localstack' })]).toEqual([address, address]);
  });

  it.each([
    ['localhost:4566', {}, ENV, 'is not the address of a LocalStack: write it as http://127.0.0.1:4566.'],
    ['https://127.0.0.1:4566', {}, ENV, 'is not the address of a LocalStack'],
    ['http://user:word@127.0.0.1:4566', {}, ENV, 'is not the address of a LocalStack'],
    ['http://127.0.0.1:4566/path', {}, ENV, 'is not the address of a LocalStack'],
    ['http://10.0.0.7:4566', {}, ENV, 'is not on this machine'],
    ['http://127.0.0.1:4566', { emulator: 'ministack' }, ENV, '--emulator names MiniStack: omit one of the two.'],
    ['http://127.0.0.1:4566', { gatewayPort: 0 }, ENV, 'needs --gateway-port'],
    ['http://127.0.0.1:4566', {}, {}, 'needs the variable HOLDFAST_EMULATOR_TOKEN, of at least 16 characters'],
    ['http://127.0.0.1:4566', {}, { HOLDFAST_EMULATOR_TOKEN: 'short' }, 'needs the variable HOLDFAST_EMULATOR_TOKEN'],
  ])('refuses %s with %j before anything is started', (url, more, env, problem) => {
    expect(() => given(url, more, env)).toThrow(problem);
    expect(() => given(url, more, env)).toThrow('Nothing was started; docs/localstack.md shows how.');
  });
});
