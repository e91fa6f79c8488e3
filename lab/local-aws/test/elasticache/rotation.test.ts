/** The application's user on a real group: its key prefix, two passwords while they rotate, and nodes that are replaced meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STORE_ENGINES } from '../../../../test/store-engines.ts';
import { until } from '../../../../test/until.ts';
import { type Reply, type RunningService, startService } from './running-service.ts';

const [FIRST, SECOND, THIRD, FOURTH] = ['first', 'second', 'third', 'fourth'].map((name) => `${name}-password-0123456789`) as [
  string,
  string,
  string,
  string,
];
describe.each(STORE_ENGINES)('on $name', (engine) => {
  let local: RunningService;
  let endpoints: Reply;

  const properties = (passwords: readonly string[]) => ({
    Engine: 'valkey',
    UserId: 'shop-application',
    UserName: 'application',
    AccessString: 'on ~sess:* resetchannels -@all +@read +@write +@connection -@dangerous +info',
    AuthenticationMode: { Type: 'password', Passwords: passwords },
  });
  const request = (passwords: readonly string[]) => ({
    type: 'AWS::ElastiCache::User',
    logicalId: 'ApplicationUser',
    stackName: 'shop-session-store',
    properties: properties(passwords),
  });
  const users = () => local.service.resourceTypes['AWS::ElastiCache::User'];

  beforeAll(async () => {
    local = await startService({ engine });
    await users()?.create(request([FIRST]));
    await local.call('CreateUserGroup', { UserGroupId: 'shop', Engine: 'valkey', UserIds: ['shop-application'] });
    await local.call('CreateReplicationGroup', {
      ReplicationGroupId: 'sessions',
      ReplicationGroupDescription: 'sessions',
      Engine: 'valkey',
      NumCacheClusters: '2',
      AutomaticFailoverEnabled: 'true',
      TransitEncryptionEnabled: 'true',
      UserGroupIds: ['shop'],
    });
    await local.service.settled('sessions');
    const reply: Reply = await local.call('DescribeReplicationGroups', { ReplicationGroupId: 'sessions' });
    endpoints = reply.ReplicationGroups[0].NodeGroups[0];
  });
  afterAll(() => local?.stop());

  const connect = (password: string, port: number = endpoints.PrimaryEndpoint.Port) =>
    local.connect(port, { username: 'application', password, tls: { ca: local.caPem } });
  const nodePorts = () => local.service.nodes('sessions').map(({ endpointPort }) => endpointPort as number);

  /** Every node by itself, so that none is asked by way of another. */
  async function expectOnEveryNode(good: readonly string[], refused: readonly string[]): Promise<void> {
    for (const port of nodePorts()) {
      for (const password of good) expect(await (await connect(password, port)).ping()).toBe('PONG');
      for (const password of refused) await expect(connect(password, port)).rejects.toThrow(/WRONGPASS/);
    }
  }

  test('the application reads and writes below its prefix, and nothing else', async () => {
    const client = await connect(FIRST);
    await client.setex('sess:1', 60, 'data');
    expect(await client.get('sess:1')).toBe('data');
    await expect(client.get('session')).rejects.toThrow(/NOPERM/);
    await expect(client.set('other', 'x')).rejects.toThrow(/NOPERM/);
    await expect(client.mget('sess:1', 'other')).rejects.toThrow(/NOPERM/);
    await expect(client.flushall()).rejects.toThrow(/NOPERM/);
  });

  describe('two passwords while they rotate', () => {
    test('by ModifyUser: both are accepted, then the old one is refused', async () => {
      const before = await connect(FIRST);
      await local.call('ModifyUser', { UserId: 'shop-application', AuthenticationMode: { Type: 'password', Passwords: [FIRST, SECOND] } });
      await local.service.settled('sessions');
      await expectOnEveryNode([FIRST, SECOND], [THIRD]);
      await local.call('ModifyUser', { UserId: 'shop-application', AuthenticationMode: { Type: 'password', Passwords: [SECOND] } });
      await local.service.settled('sessions');
      await expectOnEveryNode([SECOND], [FIRST]);
      expect(await before.get('sess:1')).toBe('data');
    });

    test('by a template’s update, there and back', async () => {
      const update = async (from: readonly string[], to: readonly string[]) => {
        const resource = await users()?.update({
          ...request(to),
          physicalId: 'shop-application',
          previous: properties(from),
        });
        expect(resource?.physicalId).toBe('shop-application');
        await local.service.settled('sessions');
      };
      await update([SECOND], [SECOND, THIRD]);
      await expectOnEveryNode([SECOND, THIRD], [FIRST]);
      await update([SECOND, THIRD], [THIRD]);
      await expectOnEveryNode([THIRD], [SECOND]);
    });

    test('three are refused', async () => {
      const three = { UserId: 'shop-application', Passwords: [FIRST, SECOND, THIRD] };
      expect(await local.errorCode('ModifyUser', three)).toBe('InvalidParameterValue');
      await expectOnEveryNode([THIRD], [FIRST, SECOND]);
    });
  });

  describe('users and endpoints', () => {
    test('stay after a failover', async () => {
      await local.call('TestFailover', { ReplicationGroupId: 'sessions', NodeGroupId: '0001' });
      await local.service.settled('sessions');
      await expectOnEveryNode([THIRD], [SECOND]);
      const client = await connect(THIRD);
      await client.setex('sess:2', 60, 'more');
      await expect(client.get('other')).rejects.toThrow(/NOPERM/);
    });

    test('are given to a node that was down when they changed; meanwhile the reader endpoint is the primary’s', async () => {
      const replica = local.service.nodes('sessions').find(({ role }) => role === 'replica');
      expect(() => local.service.killNode('sessions', 'sessions-009')).toThrow('has no node sessions-009');
      local.service.killNode('sessions', replica?.nodeId ?? '');
      await until(() => local.service.nodes('sessions').some(({ pid }) => pid === undefined));
      const reader = await connect(THIRD, endpoints.ReaderEndpoint.Port);
      expect(await reader.info('replication')).toContain('role:master');
      await local.call('ModifyUser', { UserId: 'shop-application', Passwords: [FOURTH] });
      await local.service.settled('sessions');
      await until(() => local.service.nodes('sessions').every(({ pid }) => pid !== undefined));
      await until(() =>
        connect(FOURTH, replica?.endpointPort ?? 0).then(
          (client) => client.ping().then(() => true),
          () => false,
        ),
      );
      await expectOnEveryNode([FOURTH], [THIRD]);
    });

    test('the reader endpoint accepts no writes once there is a replica', async () => {
      await until(async () => {
        const client = await connect(FOURTH, endpoints.ReaderEndpoint.Port);
        return client.setex('sess:3', 60, 'x').then(
          () => false,
          (error: Error) => error.message.startsWith('READONLY'),
        );
      });
      const reader = await connect(FOURTH, endpoints.ReaderEndpoint.Port);
      expect(await reader.get('sess:2')).toBe('more');
      await expect(reader.setex('sess:3', 60, 'x')).rejects.toThrow(/READONLY/);
    });
  });
});
