/** IAM users on a real group: whose token is taken, and whose is refused as ElastiCache refuses it. */
import type { AwsCredentialIdentity } from '@smithy/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reply, type RunningService, startService } from '#local-aws/test/elasticache/running-service.ts';
import { cacheArn, roleArn } from '#local-aws/test/elasticache/token-authority.ts';
import { ROOT } from '#local-aws/test/root-credentials.ts';
import { type StoreTokenRequest, signStoreToken } from '../../../../../functions/shared/store/store-login.ts';

const HOUR_MS = 3_600_000;
const BOTH = ['replicationgroup:sessions', 'user:collect'];
let local: RunningService;
let port: number;
let allowed: AwsCredentialIdentity;

const iamUser = (name: string, changes: object = {}) => ({
  UserId: name,
  UserName: name,
  Engine: 'valkey',
  AccessString: 'on ~* -@all +ping',
  AuthenticationMode: { Type: 'iam' },
  ...changes,
});

beforeAll(async () => {
  local = await startService();
  allowed = local.authority.assume('collector', BOTH);
  for (const name of ['collect', 'sweep']) await local.call('CreateUser', iamUser(name));
  await local.call('CreateUserGroup', { UserGroupId: 'functions', Engine: 'valkey', UserIds: ['collect', 'sweep'] });
  await local.call('CreateReplicationGroup', {
    ReplicationGroupId: 'sessions',
    ReplicationGroupDescription: 'sessions',
    Engine: 'valkey',
    NumCacheClusters: '1',
    TransitEncryptionEnabled: 'true',
    UserGroupIds: ['functions'],
  });
  await local.service.settled('sessions');
  const reply: Reply = await local.call('DescribeReplicationGroups', { ReplicationGroupId: 'sessions' });
  port = reply.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Port;
});
afterAll(() => local?.stop());

const sign = (changes: Partial<StoreTokenRequest> = {}) =>
  signStoreToken({
    replicationGroupId: 'sessions',
    userName: 'collect',
    region: 'eu-west-1',
    credentials: allowed,
    now: new Date(local.clock.nowMs),
    ...changes,
  });
const connect = (password: string, username = 'collect') => local.connect(port, { username, password, tls: { ca: local.caPem } });
const refusals = () => local.logLines.filter((line) => line.includes('is refused'));

/** What is signed right and then changed. */
const tampered = async (from: string | RegExp, to: string): Promise<string> => {
  const token = await sign();
  expect(token).toMatch(from);
  return token.replace(from, to);
};

describe('a token', () => {
  test('of a role that may connect to the group and as the user is accepted, and both permissions are recorded', async () => {
    const client = await connect(await sign());
    expect(await client.ping()).toBe('PONG');
    for (const end of BOTH) {
      expect(local.authority.calls.list()).toContainEqual({
        principal: roleArn('collector'),
        action: 'elasticache:Connect',
        resource: cacheArn(end),
        allowed: true,
      });
    }
  });

  test('of the account’s root is taken', async () => {
    expect(await (await connect(await sign({ credentials: ROOT }))).ping()).toBe('PONG');
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    ['signed with another secret', () => sign({ credentials: { ...allowed, secretAccessKey: 'guessed' } }), /signature/],
    ['of a key that nobody has', () => sign({ credentials: { ...allowed, accessKeyId: 'ASIAUNKNOWN' } }), /security token/],
    ['with another session token', () => sign({ credentials: { ...allowed, sessionToken: 'other' } }), /security token/],
    [
      'without its session token',
      () => sign({ credentials: { accessKeyId: allowed.accessKeyId, secretAccessKey: allowed.secretAccessKey } }),
      /security token/,
    ],
    [
      'of a session that is over',
      () => sign({ credentials: local.authority.assume('collector', BOTH, local.clock.nowMs - 1) }),
      /security token/,
    ],
    ['that has expired', () => sign({ now: new Date(local.clock.nowMs - 900_000) }), /expired/],
    ['for another group', () => sign({ replicationGroupId: 'other' }), /another cache/],
    ['for another user', () => sign({ userName: 'sweep' }), /another user/],
    ['for another Region', () => sign({ region: 'us-east-1' }), /another Region/],
    ['whose user was changed afterwards', () => tampered('User=collect', 'User=sweep'), /another user/],
    ['whose lifetime was changed afterwards', () => tampered('X-Amz-Expires=900', 'X-Amz-Expires=899'), /signature/],
    ['whose date was changed afterwards', () => tampered(/X-Amz-Date=(\d{8}T\d{5})\d/, 'X-Amz-Date=$19'), /signature/],
    ['that was given one more parameter', () => tampered('Action=connect', 'Action=connect&Extra=1'), /signature/],
    ['without a signature', () => tampered(/&X-Amz-Signature=.*?(?=&|$)/, ''), /form/],
    ['with an escape that is none', () => tampered('Action=connect', 'Action=connect&Extra=%'), /URI|form|signature/],
  ])('%s is refused', async (_title, make, reason) => {
    await expect(connect(await make())).rejects.toThrow(/WRONGPASS/);
    expect(refusals().at(-1)).toMatch(reason);
  });

  test('for one user does not let in as another', async () => {
    await expect(connect(await sign(), 'sweep')).rejects.toThrow(/WRONGPASS/);
  });

  test.each([
    ['neither', 'stranger', [], BOTH[0]],
    ['not the group', 'users-only', ['user:collect'], BOTH[0]],
    ['not the user', 'groups-only', ['replicationgroup:sessions'], BOTH[1]],
    ['another group', 'elsewhere', ['replicationgroup:other', 'user:collect'], BOTH[0]],
  ])('of a role that may connect to %s is refused, and the refusal is recorded', async (_title, role, resources, refused) => {
    const credentials = local.authority.assume(role, resources);
    await expect(connect(await sign({ credentials }))).rejects.toThrow(/WRONGPASS/);
    expect(refusals().at(-1)).toContain(`is not authorized to perform: elasticache:Connect on resource: ${cacheArn(refused as string)}`);
    expect(local.authority.calls.list()).toContainEqual({
      principal: roleArn(role),
      action: 'elasticache:Connect',
      resource: cacheArn(refused as string),
      allowed: false,
    });
  });

  test('is taken until just before its 15 minutes are over', async () => {
    const token = await sign();
    local.clock.nowMs += HOUR_MS / 4 - 1;
    expect(await (await connect(token)).ping()).toBe('PONG');
    local.clock.nowMs += 1;
    await expect(connect(token)).rejects.toThrow(/WRONGPASS/);
  });
});

describe('a user with IAM authentication', () => {
  test('has the same id and name, from the start or after a change', async () => {
    expect(await local.errorCode('CreateUser', iamUser('one', { UserName: 'other' }))).toBe('InvalidParameterCombination');
    await local.call(
      'CreateUser',
      iamUser('two', { UserName: 'other', AuthenticationMode: { Type: 'password', Passwords: ['0123456789abcdef'] } }),
    );
    const becomes = { UserId: 'two', AuthenticationMode: { Type: 'iam' } };
    expect(await local.errorCode('ModifyUser', becomes)).toBe('InvalidParameterCombination');
  });
});
