import { describe, expect, it } from 'vitest';
import { signStoreToken } from '../../../../functions/shared/store/store-login.ts';
import { readStoreSettings } from '../../../../functions/shared/store/store-settings.ts';

const request = {
  replicationGroupId: 'Holdfast-Sessions',
  userName: 'deploy-check',
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', sessionToken: 'session/token+=' },
  now: new Date(Date.UTC(2026, 0, 5, 12)),
};

describe('signStoreToken', () => {
  it('is a presigned connect request over the lower-case group id, without a scheme', async () => {
    const token = await signStoreToken(request);
    const url = new URL(`https://${token}`);
    expect(token.startsWith('holdfast-sessions/?')).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'connect',
      User: 'deploy-check',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260105/eu-west-1/elasticache/aws4_request',
      'X-Amz-Date': '20260105T120000Z',
      'X-Amz-Expires': '900',
      'X-Amz-Security-Token': 'session/token+=',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('differs per user, and is stable for one', async () => {
    const [first, same, other] = await Promise.all([
      signStoreToken(request),
      signStoreToken(request),
      signStoreToken({ ...request, userName: 'other' }),
    ]);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('readStoreSettings', () => {
  const iam = {
    HOLDFAST_STORE_HOST: 'store',
    HOLDFAST_STORE_TLS: 'true',
    HOLDFAST_STORE_AUTH: 'iam',
    HOLDFAST_STORE_USER: 'u',
    HOLDFAST_STORE_REPLICATION_GROUP_ID: 'g',
    AWS_REGION: 'eu-west-1',
  };

  it('reads a store without authentication', () => {
    expect(readStoreSettings({ HOLDFAST_STORE_HOST: 'store', HOLDFAST_STORE_PORT: '6380' })).toEqual({
      host: 'store',
      port: 6380,
      tls: false,
      auth: { mode: 'none' },
    });
  });

  it('reads a store with IAM authentication', () => {
    expect(readStoreSettings(iam)).toEqual({
      host: 'store',
      port: 6379,
      tls: true,
      auth: { mode: 'iam', userName: 'u', replicationGroupId: 'g', region: 'eu-west-1' },
    });
  });

  it.each(['application', undefined])('reads a store with a password, of the user %s', (userName) => {
    const environment = { ...iam, HOLDFAST_STORE_AUTH: 'password', HOLDFAST_STORE_USER: userName, HOLDFAST_STORE_SECRET_ARN: 'arn:secret' };
    expect(readStoreSettings(environment).auth).toEqual({ mode: 'password', userName, secretArn: 'arn:secret', region: 'eu-west-1' });
  });

  it.each([
    [{ ...iam, HOLDFAST_STORE_AUTH: 'password' }, 'HOLDFAST_STORE_SECRET_ARN'],
    [
      { ...iam, HOLDFAST_STORE_AUTH: 'password', HOLDFAST_STORE_SECRET_ARN: 'arn', HOLDFAST_STORE_TLS: 'false' },
      'password, which requires TLS',
    ],
    [{ ...iam, HOLDFAST_STORE_TLS: 'false' }, 'iam, which requires TLS'],
    [{ ...iam, HOLDFAST_STORE_USER: '' }, 'HOLDFAST_STORE_USER'],
    [{ ...iam, HOLDFAST_STORE_PORT: 'x' }, 'not a valid port: x'],
    [{ ...iam, HOLDFAST_STORE_AUTH: 'kerberos' }, 'is kerberos, but has to be one of none, password, iam'],
    [{}, 'HOLDFAST_STORE_HOST'],
  ])('refuses %j', (environment, message) => {
    expect(() => readStoreSettings(environment)).toThrow(message);
  });
});
