import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAKE_TOKEN, whyWeak } from '#local-aws/emulator/localstack/endpoint-token.ts';
import { FULL } from '../../../test/e2e/full-run.ts';
import { checkEndpointOptions } from '../emulator-endpoint.ts';

const ENV = { HOLDFAST_EMULATOR_TOKEN: 'f3b1c09a7d5e42860b9dce1478a3f652' };
const uuid = (bytes: Buffer): string => {
  const digits = bytes.toString('hex');
  const variant = '89ab'.charAt((bytes[8] ?? 0) % 4);
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, variant + digits.slice(17, 20), digits.slice(20, 32)].join(
    '-',
  );
};
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
    ['http://:word@127.0.0.1:4566', {}, ENV, 'has a user or a password, and is not the address of a LocalStack'],
    ['user:word@127.0.0.1:4566', {}, ENV, 'has a user or a password, and is not the address of a LocalStack'],
    ['http://127.0.0.1:4566/path', {}, ENV, 'is not the address of a LocalStack'],
    ['http://10.0.0.7:4566', {}, ENV, 'is not on this machine'],
    ['http://127.0.0.1:4566', { emulator: 'ministack' }, ENV, '--emulator names MiniStack: omit one of the two.'],
    ['http://127.0.0.1:4566', { gatewayPort: 0 }, ENV, 'needs --gateway-port'],
    ['http://127.0.0.1:4566', {}, {}, 'needs the variable HOLDFAST_EMULATOR_TOKEN, a secret of at least 32 random characters.'],
    ['http://127.0.0.1:4566', {}, { HOLDFAST_EMULATOR_TOKEN: '' }, 'needs the variable HOLDFAST_EMULATOR_TOKEN'],
    [
      'http://127.0.0.1:4566',
      {},
      { HOLDFAST_EMULATOR_TOKEN: 'short' },
      'HOLDFAST_EMULATOR_TOKEN has only 5 characters. It must be a secret of at least 32 random characters.',
    ],
    ['http://127.0.0.1:4566', {}, { HOLDFAST_EMULATOR_TOKEN: 'x'.repeat(40) }, 'repeats the same few characters'],
  ])('refuses %s with %j before anything is started', (url, more, env, problem) => {
    expect(() => given(url, more, env)).toThrow(problem);
    expect(() => given(url, more, env)).toThrow('Nothing was started; docs/internals/localstack.md shows how.');
  });
});

it.each(['http://user:swordfish@127.0.0.1:4566', 'http://swordfish@10.0.0.7', 'user:swordfish@127.0.0.1:4566'])(
  '%s is refused without being printed',
  (url) => {
    expect(() => given(url)).toThrow('write it as http://127.0.0.1:4566');
    expect(() => given(url)).not.toThrow('swordfish');
  },
);

describe('the secret', () => {
  it.each([
    ['31 random characters', 'f3b1c09a7d5e42860b9dce1478a3f65', 'has only 31 characters'],
    ['one character', '0'.repeat(64), 'repeats the same few characters'],
    ['a few characters', 'abcabdabcdacbdabcabdbcadbcabdcab', 'repeats the same few characters'],
    ['a word again and again', 'password'.repeat(4), 'repeats a shorter text'],
    ['a word again and again, the last time in part', 'correct-horse-'.repeat(3).slice(0, 33), 'repeats a shorter text'],
    ['a long text twice', 'f3b1c09a7d5e4286'.repeat(2), 'repeats a shorter text'],
    ['numbers in their order', '0123456789-f3b1c09a7d5e42860b9dce', 'in the order of the alphabet or of numbers'],
    ['a word again and again before a number', 'passwordpasswordpasswordpassword1', 'repeats a part of itself'],
    ['a word twice between random characters', 'Xk29password-Qz81-password-7Lm3vT', 'repeats a part of itself'],
    ['zeros before the alphabet', '00000000000000000000000000abcdef1', 'repeats one character'],
    ['a sentence', 'this is not a random secret at all', 'has spaces or other characters'],
    ['a command that was not run', '$(openssl rand -hex 32)xxxxxxxxxx', 'has spaces or other characters'],
    ['words', 'this-is-not-a-random-secret-at-all', 'reads as words'],
    ['words with numbers', 'Correct-Horse-2024-Battery_STAPLE1', 'reads as words'],
    ['words in camel case', 'CorrectHorseBatteryStapleIsMySecret', 'reads as words'],
    ['the alphabet backwards', 'zyxwvutsrqponmlkjihgfedcba-zzz-12', 'in the order of the alphabet or of numbers'],
  ])('of %s is refused, and is not in the message', (_what, token, problem) => {
    const refused = () => given('http://127.0.0.1:4566', {}, { HOLDFAST_EMULATOR_TOKEN: token });
    expect(refused).toThrow(problem);
    expect(refused).toThrow(`Make one with "export HOLDFAST_EMULATOR_TOKEN=$(${MAKE_TOKEN})", and start LocalStack with the same one.`);
    expect(refused).not.toThrow(token);
  });

  it('that is random is taken, whatever its characters', () => {
    for (let number = 0; number < (FULL ? 20_000 : 1_000); number += 1) {
      const bytes = createHash('sha256').update(`secret ${number}`).digest();
      for (const token of [
        bytes.toString('hex'),
        bytes.toString('hex').slice(0, 32),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        `${uuid(bytes)}${uuid(bytes.subarray(16))}`,
        `${uuid(bytes)}-${uuid(bytes.subarray(16)).toUpperCase()}`,
      ])
        expect(whyWeak(token), token).toBeUndefined();
    }
  });

  it('is made by the command that the message, the page and the compose file name', () => {
    const [command = '', ...words] = MAKE_TOKEN.split(' ');
    expect(whyWeak(execFileSync(command, words, { encoding: 'utf8' }).trim())).toBeUndefined();
    for (const file of ['docs/internals/localstack.md', 'ops/localstack/docker-compose.yml']) {
      const text = readFileSync(path.resolve(import.meta.dirname, '../../..', file), 'utf8');
      expect(text, file).toContain(MAKE_TOKEN);
      expect(text, file).toContain('at least 32 random characters');
    }
  });
});
