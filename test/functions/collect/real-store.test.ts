/** The collector against real server processes, in each way to sign in; and what one collection takes of the store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Reply, type RunningService, startService } from '#local-aws/test/elasticache/running-service.ts';
import { COLLECT_ENV, type StoreReading, type StoreRecord } from '../../../functions/collect/contract.ts';
import { createStoreNodes } from '../../../functions/collect/store-nodes.ts';
import type { Environment } from '../../../functions/shared/environment.ts';
import { createStoreConnector } from '../../../functions/shared/store/store-connection.ts';
import { createStoreLogin, passwordLogin, type StoreLogin } from '../../../functions/shared/store/store-login.ts';
import type { StoreAuth } from '../../../functions/shared/store/store-settings.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { testCollector } from '../fakes/test-collector.ts';

const PASSWORD = 'a-password-0123456789';
const NONE: StoreAuth = { mode: 'none' };
const BY_TOKEN: StoreAuth = { mode: 'iam', userName: 'collect', replicationGroupId: 'secured', region: 'eu-west-1' };
const BY_PASSWORD: StoreAuth = { mode: 'password', userName: undefined, secretArn: 'arn:secret', region: 'eu-west-1' };

interface Group {
  readonly port: number;
  readonly nodePorts: readonly number[];
}
describe.each(STORE_ENGINES)('on $name', (engine) => {
  let local: RunningService;
  const groups = new Map<string, Group>();

  async function createGroup(id: string, changes: object): Promise<void> {
    await local.call('CreateReplicationGroup', {
      ReplicationGroupId: id,
      ReplicationGroupDescription: id,
      Engine: 'valkey',
      NumCacheClusters: '2',
      ...changes,
    });
    await local.service.settled(id);
    const reply: Reply = await local.call('DescribeReplicationGroups', { ReplicationGroupId: id });
    const [nodes] = reply.ReplicationGroups[0].NodeGroups;
    groups.set(id, {
      port: nodes.PrimaryEndpoint.Port,
      nodePorts: nodes.NodeGroupMembers.map((member: Reply) => member.ReadEndpoint.Port),
    });
  }

  beforeAll(async () => {
    local = await startService({ engine });
    await local.call('CreateUser', {
      Engine: 'valkey',
      UserId: 'collect',
      UserName: 'collect',
      AccessString: 'on resetkeys resetchannels -@all +info',
      AuthenticationMode: { Type: 'iam' },
    });
    await local.call('CreateUser', {
      Engine: 'valkey',
      UserId: 'app',
      UserName: 'app',
      AccessString: 'on ~* +@all',
      Passwords: [PASSWORD],
    });
    await local.call('CreateUserGroup', { UserGroupId: 'team', Engine: 'valkey', UserIds: ['app', 'collect'] });
    await createGroup('open', {});
    await createGroup('secured', { TransitEncryptionEnabled: 'true', UserGroupIds: ['team'] });
    await createGroup('token', { TransitEncryptionEnabled: 'true', AuthToken: PASSWORD });
  });
  afterAll(() => local?.stop());

  function collectorOf(id: string, auth: StoreAuth, login: StoreLogin, environment: Environment = {}): () => Promise<StoreReading> {
    let stored: StoreRecord | undefined;
    let aheadMs = 0;
    const settings = { host: 'localhost', port: (groups.get(id) as Group).port, tls: id !== 'open', auth };
    const collect = testCollector({
      nodes: createStoreNodes(settings, environment, (node) => createStoreConnector(node, login, { ca: local.caPem })()),
      records: {
        getStore: async () => stored,
        putStore: async (record) => {
          stored = record;
          return true;
        },
      },
      now: () => Date.now() + aheadMs,
    });
    // A minute between two readings: of two at once, one counts.
    return () => {
      aheadMs += 60_000;
      return collect();
    };
  }
  const anonymous: StoreLogin = createStoreLogin(NONE, {}, Date.now);
  const passwords = (): StoreLogin => passwordLogin(undefined, async () => PASSWORD);
  const tokens = (): StoreLogin => {
    const { accessKeyId, secretAccessKey, sessionToken } = local.authority.assume('collector', [
      'replicationgroup:secured',
      'user:collect',
    ]);
    const environment = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken };
    return createStoreLogin(BY_TOKEN, environment, () => local.clock.nowMs);
  };
  /** In the format of CloudFormation's attributes. */
  const existingNodes = (id: string): Environment => {
    const { nodePorts } = groups.get(id) as Group;
    return {
      [COLLECT_ENV.storeNodes]: `[${nodePorts.map(() => 'localhost').join(', ')}]`,
      [COLLECT_ENV.storeNodePorts]: `[${nodePorts.join(', ')}]`,
    };
  };
  const rolesOf = ({ nodes }: StoreReading) => nodes.map((node) => ('role' in node ? node.role : node.error)).toSorted();

  describe.each<[string, string, StoreAuth, () => StoreLogin, () => Environment]>([
    ['nobody has to sign in, nodes found by INFO', 'open', NONE, () => anonymous, () => ({})],
    ['a password over TLS, nodes named', 'token', BY_PASSWORD, passwords, () => existingNodes('token')],
    ['an IAM user who may ask INFO alone, nodes named', 'secured', BY_TOKEN, tokens, () => existingNodes('secured')],
  ])('%s', (_title, id, auth, login, environment) => {
    it('reads primary and replica', async () => {
      const reading = await collectorOf(id, auth, login(), environment())();
      expect(rolesOf(reading)).toEqual(['primary', 'replica']);
      expect(reading).toMatchObject({ replicas: 1, keys: 0, hitRatePercent: null });
      expect(reading.memoryUsedBytes).toBeGreaterThan(0);
    });
  });

  it('reads the primary alone over TLS where no node is named, and has the lag from it', async () => {
    const reading = await collectorOf('token', BY_PASSWORD, passwords())();
    expect(rolesOf(reading)).toEqual(['primary']);
    expect(reading).toMatchObject({ replicas: 1, replicationLagSeconds: expect.any(Number) });
  });

  describe('a reading', () => {
    it('is what was planted, each key once', async () => {
      const store = await local.connect((groups.get('open') as Group).port);
      const collect = collectorOf('open', NONE, anonymous);
      await collect();
      for (let index = 0; index < 40; index += 1) await store.setex(`sess:${index}`, 600, 'x'.repeat(100));
      for (let index = 0; index < 3; index += 1) await store.set(`left:${index}`, 'x');
      for (let index = 0; index < 3; index += 1) await store.get(`sess:${index}`);
      await store.get('sess:none');
      await store.wait(1, 5_000);
      expect(await collect()).toMatchObject({
        keys: 43,
        withoutTtl: 3,
        leftOnPurpose: null,
        activeSessions: 43,
        hitRatePercent: 75,
        evictions: 0,
        failovers: 0,
      });
    });
  });

  describe('one collection', () => {
    it('takes less than 5 ms of each server, whatever it holds', async () => {
      const spent = async (): Promise<{ calls: number; microseconds: number }> => {
        const stats = String(await local.service.adminCommand('secured', 'INFO', 'commandstats'));
        const [, calls, microseconds] = /cmdstat_info:calls=(\d+),usec=(\d+)/.exec(stats) ?? [];
        return { calls: Number(calls ?? 0), microseconds: Number(microseconds ?? 0) };
      };
      const collect = collectorOf('secured', BY_TOKEN, tokens(), existingNodes('secured'));
      await collect();
      const before = await spent();
      const { collectMs } = await collect();
      const after = await spent();
      const calls = after.calls - before.calls;
      const microseconds = after.microseconds - before.microseconds;
      process.stdout.write(
        `one collection: ${calls} INFO on the primary, ${microseconds} µs of its time (what counted it included); ${collectMs} ms of the function for ${2} nodes\n`,
      );
      expect(calls).toBeGreaterThan(0);
      expect(microseconds).toBeLessThan(5_000);
      expect(collectMs).toBeLessThan(5_000);
    });
  });
});
