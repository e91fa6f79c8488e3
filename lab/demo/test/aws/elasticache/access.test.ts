import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@smithy/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reply, type RunningService, startService } from '#local-aws/test/elasticache/running-service.ts';
import { signStoreToken } from '../../../../../functions/shared/store/store-login.ts';
import { STORE_ENGINES } from '../../../../../test/store-engines.ts';
import { until } from '../../../../../test/until.ts';

const PASSWORD = 'app-password-0123456789';
const HOUR_MS = 3_600_000;
const POLL_MS = 50;
const SECOND_PASSWORD = 'second-password-0123456';
describe.each(STORE_ENGINES)('on $name', (engine) => {
  let local: RunningService;
  let primaryPort: number;
  let credentials: AwsCredentialIdentity;

  beforeAll(async () => {
    local = await startService({ engine, metricPeriodMs: 200, pollMs: POLL_MS });
    credentials = local.authority.assume('sweeper', ['replicationgroup:secured', 'user:sweep']);
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
  const token = (signedAtMs = local.clock.nowMs) =>
    signStoreToken({ replicationGroupId: 'Secured', userName: 'sweep', region: 'eu-west-1', credentials, now: new Date(signedAtMs) });

  /** Long enough for the service to have looked for expired connections. */
  const turnsOfTheWatch = () => new Promise((resolve) => setTimeout(resolve, 4 * POLL_MS));

  describe('a group with TLS and users', () => {
    test('refuses a client that does not trust the authority', async () => {
      await expect(local.connect(primaryPort, { username: 'app', password: PASSWORD, tls: {} })).rejects.toThrow();
    });

    test('takes the token of an IAM user, with RESP 2 and 3', async () => {
      for (const protocol of [2, 3] as const) {
        const client = await local.connect(primaryPort, { username: 'sweep', password: await token(), tls: { ca: local.caPem }, protocol });
        expect((await client.scan(0))[0]).toBe('0');
        await expect(client.get('app:1')).rejects.toThrow(/NOPERM/);
      }
    });

    test('drops a connection 12 hours after its token was taken', async () => {
      const client = await connect('sweep', await token());
      const password = await connect('app', PASSWORD);
      local.clock.nowMs += 12 * HOUR_MS - 1;
      await turnsOfTheWatch();
      expect(await client.ping()).toBe('PONG');
      local.clock.nowMs += 1;
      await until(() => client.status === 'end');
      expect(await password.ping()).toBe('PONG');
    });

    test.each([
      ['AUTH', (fresh: string) => ['AUTH', 'sweep', fresh]],
      ['HELLO', (fresh: string) => ['HELLO', '3', 'AUTH', 'sweep', fresh]],
    ] as const)('lets a connection live 12 hours more after %s with another token', async (_name, words) => {
      const client = await connect('sweep', await token());
      local.clock.nowMs += 11 * HOUR_MS;
      const [command, ...rest] = words(await token());
      await client.call(command as string, ...rest);
      local.clock.nowMs += 11 * HOUR_MS;
      await turnsOfTheWatch();
      expect(await client.ping()).toBe('PONG');
      local.clock.nowMs += HOUR_MS;
      await until(() => client.status === 'end');
    });

    test('does not prolong a connection by a token that it refuses', async () => {
      const early = await token();
      const client = await connect('sweep', early);
      local.clock.nowMs += 11 * HOUR_MS;
      await expect(client.call('AUTH', 'sweep', early)).rejects.toThrow(/WRONGPASS/);
      expect(await client.ping()).toBe('PONG');
      local.clock.nowMs += HOUR_MS;
      await until(() => client.status === 'end');
    });

    test('follows a change of a user, and drops one that left', async () => {
      const client = await connect('app', PASSWORD);
      await local.call('ModifyUser', { UserId: 'app', AccessString: 'on ~* +@all', Passwords: [SECOND_PASSWORD] });
      await local.service.settled('secured');
      await expect(connect('app', PASSWORD)).rejects.toThrow(/WRONGPASS/);
      expect(await client.get('other')).toBeNull();
      await local.call('ModifyUserGroup', { UserGroupId: 'team', UserIdsToRemove: ['app'] });
      await local.service.settled('secured');
      await until(() => client.status === 'end');
    });

    test('records metrics of its node', async () => {
      await until(() => local.metrics.some(({ name, values }) => name === 'AuthenticationFailures' && (values[0] ?? 0) > 0));
      const latest = (name: string) => local.metrics.findLast((datum) => datum.name === name);
      await local.service.adminCommand('secured', 'SET', 'forever', '1');
      await local.service.adminCommand('secured', 'SETEX', 'brief', 100, '1');
      await until(() => latest('CurrItems')?.values[0] === 2 && latest('CurrVolatileItems')?.values[0] === 1);
      // Redis 7.0 does not count them.
      const counted = local.metrics.some(({ name, values }) => name === 'CommandAuthorizationFailures' && (values[0] ?? 0) > 0);
      expect(counted).toBe(engine.engine === 'valkey');
      expect(latest('IsPrimary')).toMatchObject({
        namespace: 'AWS/ElastiCache',
        dimensions: { CacheClusterId: 'secured-001', CacheNodeId: '0001' },
      });
    });

    test('writes no password and no token into its logs', () => {
      const log = `${local.logLines.join('\n')}\n${readFileSync(join(local.folder, 'data/secured/secured-001/server.log'), 'utf8')}`;
      for (const secret of [PASSWORD, SECOND_PASSWORD, 'X-Amz-Signature']) expect(log).not.toContain(secret);
      expect(log).toContain('the token of user sweep is refused: it has expired');
      expect(log).not.toContain(credentials.secretAccessKey);
    });
  });
});
