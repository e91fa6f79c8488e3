/** The platform's connection code against real endpoints, in each mode. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Reply, type RunningService, startService } from '#local-aws/test/elasticache/running-service.ts';
import { createStoreConnector, type StoreConnectorOptions } from '../../../../functions/shared/store/store-connection.ts';
import { createStoreLogin, passwordLogin, readStorePassword, type StoreLogin } from '../../../../functions/shared/store/store-login.ts';
import type { StoreAuth, StoreSettings } from '../../../../functions/shared/store/store-settings.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { until } from '../../../until.ts';
import { stubSecrets } from '../../fakes/stub-secrets.ts';

const HOUR_MS = 3_600_000;
/** How often the service looks for connections whose time is over. */
const POLL_MS = 50;
const FIRST = 'first-password-0123456789';
const SECOND = 'second-password-0123456789';
const IAM: StoreAuth = { mode: 'iam', userName: 'collect', replicationGroupId: 'secured', region: 'eu-west-1' };

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let local: RunningService;
  const ports = new Map<string, number>();
  const secrets = stubSecrets();
  let connections: Redis[] = [];

  async function createGroup(id: string, changes: object): Promise<void> {
    await local.call('CreateReplicationGroup', {
      ReplicationGroupId: id,
      ReplicationGroupDescription: id,
      Engine: 'valkey',
      NumCacheClusters: '1',
      ...changes,
    });
    await local.service.settled(id);
    const reply: Reply = await local.call('DescribeReplicationGroups', { ReplicationGroupId: id });
    ports.set(id, reply.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Port);
  }

  beforeAll(async () => {
    local = await startService({ engine, pollMs: POLL_MS });
    const user = { Engine: 'valkey', AccessString: 'on ~* -@all +ping +info' };
    await local.call('CreateUser', { ...user, UserId: 'app', UserName: 'app', Passwords: [FIRST] });
    await local.call('CreateUser', { ...user, UserId: 'collect', UserName: 'collect', AuthenticationMode: { Type: 'iam' } });
    await local.call('CreateUserGroup', { UserGroupId: 'team', Engine: 'valkey', UserIds: ['app', 'collect'] });
    await createGroup('open', {});
    await createGroup('secured', { TransitEncryptionEnabled: 'true', UserGroupIds: ['team'] });
    await createGroup('token', { TransitEncryptionEnabled: 'true', AuthToken: FIRST });
  });
  afterEach(() => {
    for (const connection of connections) connection.disconnect();
    connections = [];
  });
  afterAll(() => local?.stop());

  const settingsOf = (group: string, auth: StoreAuth): StoreSettings => ({
    host: 'localhost',
    port: ports.get(group) as number,
    tls: group !== 'open',
    auth,
  });
  function connector(group: string, auth: StoreAuth, login: StoreLogin, options: StoreConnectorOptions = {}) {
    const connect = createStoreConnector(settingsOf(group, auth), login, { ca: local.caPem, now: () => local.clock.nowMs, ...options });
    return async () => {
      const store = await connect();
      connections.push(store);
      return store;
    };
  }

  const SECRET = { secretArn: 'arn:secret', region: 'eu-west-1' };
  const PASSWORD: StoreAuth = { mode: 'password', userName: 'app', ...SECRET };
  const passwords = (userName?: string) => passwordLogin(userName, () => readStorePassword(secrets.secrets, SECRET));
  const secretHas = (text: string) => secrets.answer(JSON.stringify({ SecretString: text }));
  const roleIs = (allowed: readonly string[]) => {
    const { accessKeyId, secretAccessKey, sessionToken } = local.authority.assume('collector', allowed);
    return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken };
  };
  const tokens = (allowed: readonly string[] = ['replicationgroup:secured', 'user:collect']) =>
    createStoreLogin(IAM, roleIs(allowed), () => local.clock.nowMs);
  /** How often the store was knocked on with a wrong password since `ACL LOG RESET`. */
  async function refusals(): Promise<number> {
    const entries = (await local.service.adminCommand('secured', 'ACL', 'LOG')) as (string | number)[][];
    return entries.reduce((sum, entry) => sum + Number(entry[entry.indexOf('count') + 1]), 0);
  }
  const forgetRefusals = () => local.service.adminCommand('secured', 'ACL', 'LOG', 'RESET');

  describe('a store', () => {
    it('without authentication and TLS is reached', async () => {
      const store = await connector('open', { mode: 'none' }, createStoreLogin({ mode: 'none' }, {}, Date.now))();
      expect(await store.ping()).toBe('PONG');
    });

    it('with a user and a password is reached over TLS, the password in a JSON secret', async () => {
      secretHas(JSON.stringify({ username: 'app', password: FIRST }));
      const store = await connector('secured', PASSWORD, passwords('app'))();
      expect(await store.ping()).toBe('PONG');
      expect(await store.info('replication')).toContain('role:master');
    });

    it('with a password is reached as a function does it, by its own client of Secrets Manager', async () => {
      const server = createServer((_request, response) => response.end(JSON.stringify({ SecretString: FIRST })));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      for (const [name, value] of Object.entries(roleIs([]))) vi.stubEnv(name, value);
      try {
        const store = await connector('secured', PASSWORD, createStoreLogin(PASSWORD, {}, Date.now))();
        expect(await store.ping()).toBe('PONG');
      } finally {
        vi.unstubAllEnvs();
        server.closeAllConnections();
        server.close();
      }
    });

    it('with an AUTH token and no users is reached over TLS, the token the whole secret', async () => {
      secretHas(FIRST);
      const store = await connector('token', { ...PASSWORD, userName: undefined }, passwords())();
      expect(await store.ping()).toBe('PONG');
    });

    it('with IAM users is reached over TLS with a token', async () => {
      const store = await connector('secured', IAM, tokens())();
      expect(await store.ping()).toBe('PONG');
      await expect(store.get('key')).rejects.toThrow(/NOPERM/);
    });

    // Each of the two waits three seconds between its attempts.
    it.concurrent('with a certificate of an authority that is not trusted is refused', async () => {
      const connect = createStoreConnector(settingsOf('secured', IAM), tokens(), {});
      await expect(connect()).rejects.toThrow(/certificate/);
    });

    it.concurrent('that does not exist fails within seconds', async () => {
      const connect = createStoreConnector({ host: '127.0.0.1', port: 1, tls: false, auth: { mode: 'none' } }, tokens(), {});
      await expect(connect()).rejects.toThrow(/ECONNREFUSED/);
    });
  });

  describe('a password', () => {
    it('is read once, and again when it was rotated', async () => {
      secretHas(JSON.stringify({ password: FIRST }));
      const connect = connector('secured', PASSWORD, passwords('app'));
      const before = secrets.seen.length;
      await connect();
      await connect();
      expect(secrets.seen.length - before).toBe(1);

      await local.call('ModifyUser', { UserId: 'app', Passwords: [SECOND] });
      await local.service.settled('secured');
      secretHas(JSON.stringify({ password: SECOND }));
      expect(await (await connect()).ping()).toBe('PONG');
      expect(secrets.seen.length - before).toBe(2);
      await connect();
      expect(secrets.seen.length - before).toBe(2);
    });

    it('that stays refused is read twice, and sent once', async () => {
      secretHas(JSON.stringify({ password: 'wrong' }));
      const before = secrets.seen.length;
      await forgetRefusals();
      await expect(connector('secured', PASSWORD, passwords('app'))()).rejects.toThrow(/WRONGPASS/);
      expect(secrets.seen.length - before).toBe(2);
      expect(await refusals()).toBe(1);
    });
  });

  describe('a token', () => {
    it('of a role without permission to connect is refused, and sent once', async () => {
      await forgetRefusals();
      await expect(connector('secured', IAM, tokens(['replicationgroup:secured']))()).rejects.toThrow(/WRONGPASS/);
      expect(await refusals()).toBe(1);
    });

    it('is sent anew before ElastiCache ends the connection, again and again', async () => {
      const store = await connector('secured', IAM, tokens(), { renewalCheckMs: 10 })();
      let closed = 0;
      store.on('close', () => closed++);
      // Each first step makes it 11 hours since the last log-in, each second one 12 for a connection that did not log in again.
      for (const hours of [11, 1, 10, 1, 10, 1]) {
        local.clock.nowMs += hours * HOUR_MS;
        // Longer than the service takes to look for such connections.
        await new Promise((resolve) => setTimeout(resolve, 6 * POLL_MS));
        expect(await store.ping()).toBe('PONG');
      }
      expect(closed).toBe(0);
    });

    it('is a fresh one for the connection that follows one that ElastiCache ended', async () => {
      const store = await connector('secured', IAM, tokens())();
      let closed = 0;
      store.on('close', () => closed++);
      local.clock.nowMs += 12 * HOUR_MS;
      await until(() => closed === 1 && store.status === 'ready');
      expect(await store.ping()).toBe('PONG');
    });
  });
});
