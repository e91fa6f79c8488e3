/**
 * The templates' users, on a real store: each user can run the commands that its function sends, and no others. A function
 * with a user needs a row in SESSIONS.
 */
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createStoreNodes } from '../../functions/collect/store-nodes.ts';
import { createStoreCheck } from '../../functions/deploy/store-check/store-check.ts';
import { createStoreConnector } from '../../functions/shared/store/store-connection.ts';
import { createStoreLogin } from '../../functions/shared/store/store-login.ts';
import { MONITORING_USER } from '../../infra/constructs/store/monitoring-user.ts';
import { DEPLOY } from '../functions/fakes/fixtures.ts';
import { testCollector } from '../functions/fakes/test-collector.ts';
import { runSweep } from '../functions/sweep/run-sweep.ts';
import { type Reply, type RunningService, startService } from '../local/aws/elasticache/running-service.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';
import { type Admin, recordCommands, runnableCommands } from './watch-commands.ts';

interface Session {
  /** Everything that the function does with the store, in each of its branches. */
  readonly work: (connect: () => Promise<Redis>) => Promise<unknown>;
  /** Keys that must exist for it. */
  readonly plant?: (admin: Admin) => Promise<void>;
  /** Commands that it might seem to need. */
  readonly refused: readonly (readonly [string, ...string[]])[];
}

/** One key of each way to read a life, and a set with a dead member. */
const plantKeys = async (admin: Admin) => {
  await admin('SET', 'sess:1', '{"cookie":{"originalMaxAge":null}}');
  await admin('SET', 'sess:2', 'x', 'EX', '100');
  await admin('HSET', 'sess:spring:session:sessions:old', 'lastAccessedTime', '1', 'maxInactiveInterval', '1');
  await admin('SADD', 'sess:spring:session:sessions:index:PRINCIPAL_NAME_INDEX_NAME:ann', '00000000-0000-4000-8000-000000000000');
};

/** By user name. */
const SESSIONS: Readonly<Record<string, Session>> = {
  'holdfast-deploy': {
    work: (connect) =>
      createStoreCheck({ connect, wantedReplicas: 0, storeName: 'store', now: Date.now })({ step: 'checkStore', deploy: DEPLOY }),
    refused: [
      ['GET', 'sess:1'],
      ['EXISTS', 'sess:1'],
      ['SCAN', '0'],
      ['DBSIZE'],
      ['KEYS', '*'],
      ['ROLE'],
      ['CLIENT', 'LIST'],
      ['SELECT', '1'],
    ],
  },
  'holdfast-sweep': {
    plant: plantKeys,
    work: async (connect) => {
      const settings = { policy: 'delete', reconcile: true, sampleEvery: 1 } as const;
      await runSweep(connect, { settings, dryRun: true });
      await runSweep(connect, { settings, sweepId: 'sweep-2' });
    },
    refused: [
      ['GET', 'sess:1'],
      ['SET', 'sess:1', 'x'],
      ['HSET', 'sess:1', 'field', 'x'],
      ['PERSIST', 'sess:1'],
      ['DEL', 'sess:1'],
      ['UNLINK', 'other:1'],
      ['EXPIRE', 'other:1', '1'],
      ['EVAL', 'return 1', '1', 'other:1'],
      ['DUMP', 'sess:1'],
      ['KEYS', '*'],
      ['DBSIZE'],
      ['FLUSHALL'],
      ['SCRIPT', 'LOAD', 'return 1'],
      ['CLIENT', 'LIST'],
      ['SELECT', '1'],
    ],
  },
  'holdfast-collect': {
    work: (connect) =>
      testCollector({ nodes: createStoreNodes({ host: 'localhost', port, tls: true, auth: { mode: 'none' } }, {}, connect) })(),
    refused: [
      ['PING'],
      ['GET', 'sess:1'],
      ['SCAN', '0'],
      ['KEYS', '*'],
      ['DBSIZE'],
      ['MEMORY', 'USAGE', 'sess:1'],
      ['CONFIG', 'GET', 'maxmemory'],
      ['SLOWLOG', 'GET'],
      ['MONITOR'],
    ],
  },
};

const PASSWORD = 'a-password-of-this-test';
const OBSERVER = { UserId: 'observer', UserName: 'observer', Engine: 'valkey', AccessString: 'on ~* &* +@all', Passwords: [PASSWORD] };

interface TemplateUser {
  readonly UserId: string;
  readonly UserName: string;
  readonly AccessString: string;
  readonly AuthenticationMode: { readonly Type: string };
}
let users: TemplateUser[];
let local: RunningService;
let port: number;
let connections: Redis[] = [];

beforeAll(async () => {
  const app = await SynthesizedApp.create({ ...AWS_CONFIG, store: { monitoringUser: true } });
  users = app.resources('AWS::ElastiCache::User').map(({ Properties }) => Properties as unknown as TemplateUser);
  await app.remove();

  local = await startService();
  for (const user of users) {
    const { Type } = user.AuthenticationMode;
    // A template has a reference instead of the password, which the emulator resolves.
    await local.call('CreateUser', { ...user, AuthenticationMode: { Type, ...(Type === 'password' && { Passwords: [PASSWORD] }) } });
  }
  await local.call('CreateUser', OBSERVER);
  const UserIds = [...users, OBSERVER].map(({ UserId }) => UserId);
  await local.call('CreateUserGroup', { UserGroupId: 'all', Engine: 'valkey', UserIds });
  await local.call('CreateReplicationGroup', {
    ReplicationGroupId: 'store',
    ReplicationGroupDescription: 'store',
    Engine: 'valkey',
    NumCacheClusters: '1',
    TransitEncryptionEnabled: 'true',
    UserGroupIds: ['all'],
  });
  await local.service.settled('store');
  const reply: Reply = await local.call('DescribeReplicationGroups', { ReplicationGroupId: 'store' });
  port = reply.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Port;
});
afterEach(() => {
  for (const connection of connections) connection.disconnect();
  connections = [];
});
afterAll(() => local?.stop());

/** As the function itself connects. */
function connectorOf(userName: string): () => Promise<Redis> {
  const auth = { mode: 'iam', userName, replicationGroupId: 'store', region: 'eu-west-1' } as const;
  const { accessKeyId, secretAccessKey, sessionToken } = local.authority.assume(userName, ['replicationgroup:store', `user:${userName}`]);
  const environment = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken };
  const now = () => local.clock.nowMs;
  const connect = createStoreConnector({ host: 'localhost', port, tls: true, auth }, createStoreLogin(auth, environment, now), {
    ca: local.caPem,
    now,
  });
  return async () => {
    const store = await connect();
    connections.push(store);
    return store;
  };
}
const withPassword = (username: string) => local.connect(port, { username, password: PASSWORD, tls: { ca: local.caPem } });
const admin = (...words: readonly string[]) => local.service.adminCommand('store', ...words);

it('each user of a function has a row here, and each row a user', () => {
  const ofFunctions = users.filter(({ AuthenticationMode }) => AuthenticationMode.Type === 'iam').map(({ UserName }) => UserName);
  expect(ofFunctions.toSorted()).toEqual(Object.keys(SESSIONS).toSorted());
});

describe.each(Object.entries(SESSIONS))('the user %s', (userName, { work, refused, plant }) => {
  it('can run what its function sends, and nothing else', async () => {
    await plant?.(admin);
    const runnable = await runnableCommands(admin, userName);
    const sent = await recordCommands(await withPassword(OBSERVER.UserName), admin, () => work(connectorOf(userName)));
    expect(sent.size).toBeGreaterThan(0);
    expect([...runnable].toSorted()).toEqual([...sent].toSorted());
  });

  it.each(refused.map((words) => [words.join(' '), words] as const))('is refused %s', async (_title, [command, ...rest]) => {
    const store = await connectorOf(userName)();
    await expect(store.call(command, ...rest)).rejects.toThrow(/^NOPERM/);
  });
});

describe('the application’s user', () => {
  it('reads and writes sessions, and no other key', async () => {
    const store = await withPassword('application');
    await store.setex('sess:1', 60, 'data');
    expect(await store.get('sess:1')).toBe('data');
    for (const key of ['session', 'other:1']) await expect(store.get(key)).rejects.toThrow(/^NOPERM/);
    await expect(store.keys('*')).rejects.toThrow(/^NOPERM/);
  });
});

describe('the user of redis_exporter', () => {
  // ops/monitoring's check proves that these suffice, with the exporter itself.
  it('can run what an exporter sends, and nothing else', async () => {
    expect([...(await runnableCommands(admin, MONITORING_USER))].toSorted()).toEqual(
      ['client|setname', 'info', 'latency|histogram', 'latency|latest', 'ping', 'slowlog|get', 'slowlog|len'].toSorted(),
    );
  });

  it('reads no key, and changes nothing', async () => {
    const store = await withPassword(MONITORING_USER);
    expect(await store.ping()).toBe('PONG');
    for (const [command, ...rest] of [
      ['GET', 'sess:1'],
      ['EXISTS', 'sess:1'],
      ['SCAN', '0'],
      ['DBSIZE'],
      ['CONFIG', 'GET', '*'],
      ['LATENCY', 'RESET'],
    ] as const)
      await expect(store.call(command, ...rest), command).rejects.toThrow(/^NOPERM/);
  });

  it('exists only where the configuration enables it, with a secret of its own', async () => {
    const plain = await SynthesizedApp.create(AWS_CONFIG);
    try {
      const names = plain.resources('AWS::ElastiCache::User').map(({ Properties }) => Properties['UserName']);
      expect(names).not.toContain(MONITORING_USER);
      expect(plain.resources('AWS::SecretsManager::Secret')).toHaveLength(1);
    } finally {
      await plain.remove();
    }
    const [own, applications] = [MONITORING_USER, 'application'].map((name) =>
      JSON.stringify(users.find(({ UserName }) => UserName === name)?.AuthenticationMode),
    );
    expect(own).toContain('MonitoringSecret');
    expect(applications).toContain('ApplicationSecret');
  });
});

it('nobody can sign in as the default user', async () => {
  await expect(withPassword('default')).rejects.toThrow(/WRONGPASS/);
});
