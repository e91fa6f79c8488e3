/** The doctor's look at the store, against the local ElastiCache with real servers. */
import {
  CreateCacheParameterGroupCommand,
  CreateReplicationGroupCommand,
  CreateUserCommand,
  CreateUserGroupCommand,
  ElastiCacheClient,
  ModifyCacheParameterGroupCommand,
} from '@aws-sdk/client-elasticache';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '#local-aws/gateway/gateway.ts';
import { type RunningService, startService } from '#local-aws/test/elasticache/running-service.ts';
import { ROOT } from '#local-aws/test/root-credentials.ts';
import { gatherStore } from '../../../cli/doctor/gather-store.ts';
import { known } from '../../../cli/doctor/lookup.ts';
import { knownAs, subjectOf, withExistingStore } from './healthy-fleet.ts';

const Engine = 'valkey';
const policy = (ParameterValue: string) => ({
  CacheParameterGroupName: 'sessions',
  ParameterNameValues: [{ ParameterName: 'maxmemory-policy', ParameterValue }],
});

let running: RunningService;
let gateway: Gateway;
let client: ElastiCacheClient;

beforeAll(async () => {
  running = await startService();
  gateway = await startGateway({
    services: [running.service],
    emulator: { url: 'http://127.0.0.1:9', token: '' },
    port: 0,
    region: 'eu-west-1',
    log: () => {},
    onLogLine: () => {},
  });
  client = new ElastiCacheClient({ region: 'eu-west-1', endpoint: gateway.url, credentials: ROOT, maxAttempts: 1 });
  await client.send(
    new CreateCacheParameterGroupCommand({ CacheParameterGroupName: 'sessions', CacheParameterGroupFamily: 'valkey8', Description: 'x' }),
  );
  await client.send(new ModifyCacheParameterGroupCommand(policy('volatile-ttl')));
  await client.send(
    new ModifyCacheParameterGroupCommand({
      CacheParameterGroupName: 'sessions',
      ParameterNameValues: [{ ParameterName: 'notify-keyspace-events', ParameterValue: 'gxE' }],
    }),
  );
  const password = { Type: 'password' as const, Passwords: ['a-long-enough-password'] };
  await client.send(
    new CreateUserCommand({ UserId: 'd', UserName: 'default', Engine, AccessString: 'off -@all', AuthenticationMode: password }),
  );
  await client.send(
    new CreateUserCommand({
      UserId: 'app',
      UserName: 'app',
      Engine,
      AccessString: 'on ~* &a:* resetchannels &b:* &c +@all',
      AuthenticationMode: password,
    }),
  );
  await client.send(new CreateUserGroupCommand({ UserGroupId: 'users', Engine, UserIds: ['d', 'app'] }));
  await client.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'holdfast-sessions',
      ReplicationGroupDescription: 'x',
      Engine,
      EngineVersion: '8.0',
      CacheNodeType: 'cache.t4g.small',
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      TransitEncryptionEnabled: true,
      CacheParameterGroupName: 'sessions',
      SecurityGroupIds: ['sg-1'],
      UserGroupIds: ['users'],
      SnapshotRetentionLimit: 3,
    }),
  );
  await running.service.settled('holdfast-sessions');
});
afterAll(async () => {
  client?.destroy();
  await gateway?.close();
  await running?.stop();
});

describe('doctor sees', () => {
  it('the replication group, its eviction policy and its users', async () => {
    const { store, evictionPolicy, keyspaceEvents, storeUsers } = await gatherStore(client, subjectOf());
    expect(known(store)).toEqual({
      id: 'holdfast-sessions',
      status: 'available',
      engine: 'valkey',
      engineVersion: expect.stringMatching(/^8\.0/),
      tls: true,
      authToken: false,
      userGroupIds: ['users'],
      automaticFailover: true,
      multiAz: true,
      shards: 1,
      replicas: 1,
      snapshotRetentionDays: 3,
      parameterGroup: 'sessions',
      securityGroupIds: ['sg-1'],
    });
    expect([evictionPolicy, keyspaceEvents]).toEqual([knownAs('volatile-ttl'), knownAs('gxE')]);
    expect(storeUsers).toEqual(
      knownAs([
        { userName: 'default', on: false, authentication: 'password', channels: [] },
        { userName: 'app', on: true, authentication: 'password', channels: ['b:*', 'c'] },
      ]),
    );
  });

  it('a policy that somebody changed', async () => {
    await client.send(new ModifyCacheParameterGroupCommand(policy('allkeys-lru')));
    expect((await gatherStore(client, subjectOf())).evictionPolicy).toEqual(knownAs('allkeys-lru'));
  });

  it('that nobody lets it read the parameter group', async () => {
    const denied = new ElastiCacheClient({ region: 'eu-west-1', endpoint: gateway.url, credentials: ROOT, maxAttempts: 1 });
    denied.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'DescribeCacheParametersCommand') throw Object.assign(new Error('no'), { name: 'AccessDenied' });
          return next(args);
        },
      { step: 'initialize' },
    );
    const unread = { state: 'unknown', cause: 'denied', subject: { what: 'parameter group sessions' } };
    expect(await gatherStore(denied, subjectOf())).toMatchObject({ evictionPolicy: unread, keyspaceEvents: unread });
    denied.destroy();
  });

  it('that a store which the configuration names is not there, and looks at none whose group nobody named', async () => {
    const gone = await gatherStore(client, withExistingStore({ replicationGroupId: 'nobody' }));
    expect(gone.store).toMatchObject({ state: 'absent', subject: { resource: 'nobody', named: true } });
    expect([gone.evictionPolicy, gone.keyspaceEvents]).toEqual([{ state: 'skipped' }, { state: 'skipped' }]);
    expect((await gatherStore(client, withExistingStore({}))).store).toEqual({ state: 'skipped' });
  });
});
