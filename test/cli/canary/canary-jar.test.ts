/** Cookies that a program prints, and passwords of Secrets Manager, for the command. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readPasswords } from '../../../cli/canary/canary.ts';
import { printedJar } from '../../../cli/canary/printed-jar.ts';
import { memoryRecipe } from '../../functions/canary/memory-site.ts';

const user = { name: 'canary-anna', password: { environment: 'X' } };
const print = (text: string) => [process.execPath, '-e', `process.stdout.write(${JSON.stringify(text)})`];

describe('the program of a recipe', () => {
  it('gets the name of the user, and prints cookies as Playwright does', async () => {
    const script = `process.stdout.write(JSON.stringify([{ name: 'SID', value: process.argv[1], domain: '.shop.example.com', path: '/', sameSite: 'Lax', httpOnly: true, secure: true, expires: -1 }]))`;
    expect(await printedJar([process.execPath, '-e', script, '{name}'], user)).toEqual([
      {
        ...{ name: 'SID', value: 'canary-anna', host: 'shop.example.com', domain: 'shop.example.com', path: '/' },
        ...{ sameSite: 'lax', httpOnly: true, secure: true },
      },
    ]);
  });

  it.each([
    ['no JSON', print('SID=secret-cookie-1')],
    ['no list', print('{"SID":"secret-cookie-1"}')],
    ['a cookie without a domain', print('[{"name":"SID","value":"secret-cookie-1"}]')],
    ['an error after it has printed', [process.execPath, '-e', 'process.stdout.write("secret-cookie-1"); process.exit(3)']],
    ['an error that quotes it', [process.execPath, '-e', 'throw new Error("secret-cookie-1")']],
  ])('that prints %s makes the recipe fail, and nothing that it printed is in the message', async (_, words) => {
    const error = await printedJar(words, user).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'RecipeFailed', message: expect.stringContaining('the program of "jar"') });
    expect(String((error as Error).message)).not.toContain('secret-cookie-1');
  });

  it('that does not exist makes the recipe fail', async () => {
    await expect(printedJar(['/no/such/program'], user)).rejects.toThrow('the program of "jar" failed (ENOENT)');
  });
});

describe('passwords in Secrets Manager', () => {
  const secrets: Record<string, string> = { 'shop/anna': '{"password":"correct-1"}', 'shop/ben': '{"other":"correct-2"}' };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      const { SecretId } = JSON.parse(body) as { SecretId: string };
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ Name: SecretId, SecretString: secrets[SecretId] }));
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    server.close();
  });

  it('are read by name, in the Region that is asked for', async () => {
    secrets['shop/ben'] = 'correct-2';
    expect(Object.fromEntries(await readPasswords(memoryRecipe(), 'eu-west-1'))).toEqual({
      'canary-anna': 'correct-1',
      'canary-ben': 'correct-2',
    });
  });

  it('are refused where there is none, and nothing of the secret is in the message', async () => {
    secrets['shop/ben'] = '{"other":"correct-2"}';
    const error = await readPasswords(memoryRecipe(), 'eu-west-1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining('The secret shop/ben has neither text nor a field "password"') });
    expect((error as Error).message).not.toContain('correct-2');
  });
});
