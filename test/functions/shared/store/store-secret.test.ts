import { createServer, type Server } from 'node:net';
import type { SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import { readStorePassword, SECRET_CLIENT_OPTIONS } from '../../../../functions/shared/store/store-login.ts';
import { secretsAt, stubSecrets } from '../../fakes/stub-secrets.ts';

const SECRET = { secretArn: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:store', region: 'eu-west-1' };
const { secrets, answer, seen } = stubSecrets();
const read = () => readStorePassword(secrets, SECRET);

describe('the password', () => {
  it.each([
    ['the field of a JSON secret', '{"username":"app","password":"p{w}"}', 'p{w}'],
    ['the whole of a plain one', 'an-auth-token', 'an-auth-token'],
  ])('is %s', async (_title, SecretString, password) => {
    answer(JSON.stringify({ SecretString }));
    expect(await read()).toBe(password);
    expect(JSON.parse(seen.at(-1)?.body ?? '')).toEqual({ SecretId: SECRET.secretArn });
  });

  it.each([
    ['has no text', {}],
    ['is JSON without the field', { SecretString: '{"token":"hidden-value"}' }],
    ['has a field that is no text', { SecretString: '{"password":7}' }],
    ['is broken JSON', { SecretString: '{"password":"hidden-value"' }],
  ])('is missed, and its secret not quoted, when it %s', async (_title, reply) => {
    answer(JSON.stringify(reply));
    const error = await read().catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'StoreSecretUnusable', message: expect.stringContaining(SECRET.secretArn) });
    expect(String(error)).not.toContain('hidden-value');
  });

  it.each([
    ['AccessDeniedException', 400],
    ['ResourceNotFoundException', 400],
    ['InternalServiceError', 500],
  ])('is missed with the words of Secrets Manager when it answers %s', async (code, status) => {
    answer(JSON.stringify({ __type: code, message: 'because' }), status);
    await expect(read()).rejects.toMatchObject({ name: 'StoreSecretUnusable', message: expect.stringContaining(`${code}: because`) });
  });
});

describe('Secrets Manager out of reach', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  const readAt = (port: number, options: SecretsManagerClientConfig = SECRET_CLIENT_OPTIONS) =>
    readStorePassword(secretsAt(`http://127.0.0.1:${port}`, options), SECRET);
  const unreachable = {
    name: 'StoreSecretUnreachable',
    message: expect.stringContaining(
      'needs an interface endpoint for com.amazonaws.eu-west-1.secretsmanager with private DNS, or a NAT gateway',
    ),
  };

  it('fails at once when the connection is refused', async () => {
    await expect(readAt(1)).rejects.toMatchObject(unreachable);
  });

  it('fails within seconds when nothing answers', async () => {
    const { maxAttempts, requestHandler } = SECRET_CLIENT_OPTIONS;
    const { requestTimeout } = requestHandler;
    expect(maxAttempts * requestTimeout).toBeLessThan(7_000);
    let attempts = 0;
    const silent = createServer(() => {
      attempts += 1;
    });
    server = silent;
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    await expect(
      readAt(port, { maxAttempts, requestHandler: { ...requestHandler, requestTimeout: requestTimeout / 20 } }),
    ).rejects.toMatchObject(unreachable);
    expect(attempts).toBe(maxAttempts);
  });
});
