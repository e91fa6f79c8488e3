import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { iamToken } from './make-iam-token.ts';
import { eventually, type Reply, type RunningService, startService } from './running-service.ts';

const PASSWORD = 'app-password-0123456789';
const SECOND_PASSWORD = 'second-password-0123456';
let local: RunningService;
let primaryPort: number;

beforeAll(async () => {
  local = await startService({ metricPeriodMs: 200 });
  await local.call('CreateUser', {
    UserId: 'locked',
    UserName: 'default',
    Engine: 'valkey',
    AccessString: 'off -@all',
    Passwords: ['no-one-needs-this-one'],
  });
  await local.call('CreateUser', {
    UserId: 'app',
    UserName: 'app',
    Engine: 'valkey',
    AccessString: 'on ~app:* &* +@all -@dangerous',
    AuthenticationMode: { Type: 'password', Passwords: [PASSWORD, SECOND_PASSWORD] },
  });
  await local.call('CreateUser', {
    UserId: 'sweep',
    UserName: 'sweep',
    Engine: 'valkey',
    AccessString: 'on ~* -@all +scan +ttl +ping +info',
    AuthenticationMode: { Type: 'iam' },
  });
  await local.call('CreateUserGroup', { UserGroupId: 'team', Engine: 'valkey', UserIds: ['locked', 'app', 'sweep'] });
  await local.call('CreateReplicationGroup', {
    ReplicationGroupId: 'Secured',
    ReplicationGroupDescription: 'sessions',
    Engine: 'valkey',
    EngineVersion: '8.0',
    NumCacheClusters: '1',
    TransitEncryptionEnabled: 'true',
    UserGroupIds: ['team'],
  });
  await local.service.settled('secured');
  const reply: Reply = await local.call('DescribeReplicationGroups', { ReplicationGroupId: 'secured' });
  primaryPort = reply.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Port;
});

afterAll(() => local?.stop());

const connect = (username: string, password: string) => local.connect(primaryPort, { username, password, tls: { ca: local.caPem } });
const token = (changes: object = {}) => iamToken({ groupId: 'secured', userName: 'sweep', signedAtMs: local.clock.nowMs, ...changes });

describe('a group with TLS and users', () => {
  test('takes either password of a user, over TLS', async () => {
    const first = await connect('app', PASSWORD);
    await first.set('app:1', 'value');
    const second = await connect('app', SECOND_PASSWORD);
    expect(await second.get('app:1')).toBe('value');
  });

  test('refuses a client that does not trust the authority', async () => {
    await expect(local.connect(primaryPort, { username: 'app', password: PASSWORD, tls: {} })).rejects.toThrow();
  });

  test('refuses a wrong password with WRONGPASS, and the locked default user', async () => {
    await expect(connect('app', 'wrong')).rejects.toThrow(/WRONGPASS/);
    const anonymous = await local.connect(primaryPort, { tls: { ca: local.caPem }, protocol: 2 });
    await expect(anonymous.get('app:1')).rejects.toThrow(/NOAUTH/);
  });

  test('refuses other keys, and commands that ElastiCache keeps, with NOPERM', async () => {
    const client = await connect('app', PASSWORD);
    await expect(client.get('other')).rejects.toThrow(/NOPERM/);
    await expect(client.config('GET', 'dir')).rejects.toThrow(/NOPERM/);
    await expect(client.call('ACL', 'SETUSER', 'app', 'allkeys')).rejects.toThrow(/NOPERM/);
  });

  test('takes the token of an IAM user, with RESP 2 and 3', async () => {
    for (const protocol of [2, 3] as const) {
      const client = await local.connect(primaryPort, { username: 'sweep', password: token(), tls: { ca: local.caPem }, protocol });
      expect((await client.scan(0))[0]).toBe('0');
      await expect(client.get('app:1')).rejects.toThrow(/NOPERM/);
    }
  });

  test('refuses an expired token, another cache’s, and a password for an IAM user', async () => {
    const expired = token({ signedAtMs: local.clock.nowMs - 900_000 });
    await expect(connect('sweep', expired)).rejects.toThrow(/WRONGPASS/);
    await expect(connect('sweep', token({ groupId: 'other' }))).rejects.toThrow(/WRONGPASS/);
    await expect(connect('sweep', PASSWORD)).rejects.toThrow(/WRONGPASS/);
  });

  test('drops a connection 12 hours after its token was taken', async () => {
    const client = await connect('sweep', token());
    const password = await connect('app', PASSWORD);
    local.clock.nowMs += 12 * 3_600_000;
    await eventually(() => client.status === 'end');
    expect(await password.ping()).toBe('PONG');
  });

  test('follows a change of a user, and drops one that left', async () => {
    const client = await connect('app', PASSWORD);
    await local.call('ModifyUser', { UserId: 'app', AccessString: 'on ~* +@all', Passwords: [SECOND_PASSWORD] });
    await local.service.settled('secured');
    await expect(connect('app', PASSWORD)).rejects.toThrow(/WRONGPASS/);
    expect(await client.get('other')).toBeNull();
    await local.call('ModifyUserGroup', { UserGroupId: 'team', UserIdsToRemove: ['app'] });
    await local.service.settled('secured');
    await eventually(() => client.status === 'end');
  });

  test('records metrics of its node', async () => {
    await eventually(() => local.metrics.some(({ name, values }) => name === 'AuthenticationFailures' && (values[0] ?? 0) > 0));
    const latest = (name: string) => local.metrics.findLast((datum) => datum.name === name);
    await local.service.adminCommand('secured', 'SET', 'forever', '1');
    await local.service.adminCommand('secured', 'SETEX', 'brief', 100, '1');
    await eventually(() => latest('CurrItems')?.values[0] === 3 && latest('CurrVolatileItems')?.values[0] === 1);
    expect(latest('IsPrimary')).toMatchObject({
      namespace: 'AWS/ElastiCache',
      dimensions: { CacheClusterId: 'secured-001', CacheNodeId: '0001' },
    });
  });

  test('writes no password and no token into its logs', () => {
    const log = `${local.logLines.join('\n')}\n${readFileSync(join(local.folder, 'data/secured/secured-001/server.log'), 'utf8')}`;
    for (const secret of [PASSWORD, SECOND_PASSWORD, 'X-Amz-Signature']) expect(log).not.toContain(secret);
    expect(log).toContain('the token of user sweep is refused: it has expired');
  });
});
