import type { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import type { StoreMemory } from '../../../../functions/incidents/mitigate/ask-trouble.ts';
import { createStoreGroup } from '../../../../functions/incidents/mitigate/change-store-group.ts';
import { createPromoteReplica } from '../../../../functions/incidents/mitigate/promote-replica.ts';
import { createScaleStore } from '../../../../functions/incidents/mitigate/scale-store.ts';
import { createVolatileEviction } from '../../../../functions/incidents/mitigate/volatile-eviction.ts';
import { type SaidBy, saidBy } from './said-by.ts';

const TARGET = { incidentId: 'inc-1' };

/** ElastiCache with one group of two nodes, as its API answers. */
let cache: {
  status: string;
  automaticFailover: string;
  clusterMode: boolean;
  nodeType: string;
  primary: string;
  members: string[];
  parameterGroup: string;
  policy: string;
  apply: string;
  pending?: string | undefined;
  others: { ReplicationGroupId: string; CacheParameterGroup: { CacheParameterGroupName: string } }[];
};
let sent: [string, object][];

beforeEach(() => {
  cache = {
    status: 'available',
    automaticFailover: 'disabled',
    clusterMode: false,
    nodeType: 'cache.t4g.small',
    primary: 's-001',
    members: ['s-001', 's-002'],
    parameterGroup: 'holdfast-sessions',
    policy: 'noeviction',
    apply: 'in-sync',
    pending: undefined,
    others: [],
  };
  sent = [];
});

const ANSWERS: Record<string, (input: Record<string, unknown>) => unknown> = {
  DescribeReplicationGroups: () => ({
    ReplicationGroups: [
      {
        Status: cache.status,
        AutomaticFailover: cache.automaticFailover,
        ClusterEnabled: cache.clusterMode,
        CacheNodeType: cache.nodeType,
        NodeGroups: [
          {
            NodeGroupMembers: cache.members.map((CacheClusterId) => ({
              CacheClusterId,
              CurrentRole: CacheClusterId === cache.primary ? 'primary' : 'replica',
            })),
          },
        ],
      },
    ],
  }),
  DescribeCacheClusters: () => ({
    CacheClusters: [
      ...cache.others,
      ...cache.members.map((CacheClusterId) => ({
        CacheClusterId,
        ReplicationGroupId: 'sessions',
        CacheParameterGroup: { CacheParameterGroupName: cache.parameterGroup, ParameterApplyStatus: cache.apply },
        PendingModifiedValues: { CacheNodeType: cache.pending },
      })),
    ],
  }),
  // On the second page.
  DescribeCacheParameters: ({ Marker }) =>
    Marker === undefined
      ? { Parameters: [{ ParameterName: 'timeout', ParameterValue: '0' }], Marker: 'more' }
      : { Parameters: [{ ParameterName: 'maxmemory-policy', ParameterValue: cache.policy }] },
  ListAllowedNodeTypeModifications: () => ({ ScaleUpModifications: ['cache.r7g.large', 'cache.t4g.medium', 'cache.m7g.large'] }),
  ModifyReplicationGroup: ({ PrimaryClusterId, CacheNodeType }) => {
    if (PrimaryClusterId) cache.primary = String(PrimaryClusterId);
    if (CacheNodeType) cache = { ...cache, pending: String(CacheNodeType), status: 'modifying' };
    return {};
  },
  ModifyCacheParameterGroup: ({ ParameterNameValues }) => {
    cache.policy = (ParameterNameValues as { ParameterValue: string }[])[0]?.ParameterValue ?? '';
    return {};
  },
};
const client = {
  send: async (command: { readonly constructor: { readonly name: string }; readonly input: Record<string, unknown> }) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    if (operation.startsWith('Modify')) sent.push([operation, command.input]);
    return ANSWERS[operation]?.(command.input);
  },
} as unknown as ElastiCacheClient;
const group = createStoreGroup(client, 'sessions');
const planned = async <Undo>(mitigation: Mitigation<Undo>) => (await mitigation.plan(TARGET)) as Calls<Undo>;
/** The calls that the plan shows are the calls that are sent. */
const shown = (plan: Calls) => plan.calls.map(({ operation, input }) => [operation, input]);

describe('promote-replica', () => {
  const LAG = { atMs: Date.parse('2026-11-22T03:10:00Z'), seconds: 2, bytes: 4_096 };
  let lag: typeof LAG | undefined = LAG;
  const said: SaidBy = {};
  let servers: ServerFacts[] = [];
  const promote = createPromoteReplica({ group, lastLag: async () => lag, witnesses: saidBy(said), readServers: async () => servers });
  beforeEach(() => {
    lag = LAG;
    Object.assign(said, { fleet: 'away', collector: 'away' });
    servers = [];
  });

  it('leaves a replica alone where somebody has promoted another one since the plan', async () => {
    cache.members = ['s-001', 's-002', 's-003'];
    const plan = await planned(promote);
    cache.primary = 's-003';
    await expect(promote.act(TARGET, plan)).rejects.toMatchObject({
      name: 'MitigationRefused',
      message: 'the primary of sessions is s-003, no longer s-001; nothing was changed',
    });
    expect(sent).toEqual([]);
  });

  it.each([
    ['the collector', { collector: 'works' }],
    ['the network of a fleet', { fleet: 'works' }],
    // It answers PING, and refuses writes or clients: its data is there.
    ...(['full', 'refusedLogin', 'noConnections', 'busy', 'loading'] as const).map(
      (state) => [`a store that is ${state}`, { fleet: state }] as const,
    ),
  ] as const)('is refused while %s has a primary that answers, and again when an approval comes late', async (_, now) => {
    const plan = await planned(promote);
    expect(plan.effect).toContain('logins and changes of sessions of that time');
    Object.assign(said, now);
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining('has a primary that answers') });
    await expect(promote.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(sent).toEqual([]);
  });

  it('is refused while some server works with the store, by its gate or where it has none by a PING', async () => {
    const cutOff = { gate: false, store: { reachable: false } };
    servers = ['i-1', 'i-2', 'i-3', 'i-4'].map((instanceId, at) => ({ instanceId, ...(at === 0 ? { gate: true } : cutOff) }));
    expect(await promote.plan(TARGET)).toEqual({
      refused: expect.stringContaining('1 of 4 servers say by their gates that they work with it'),
    });
    servers = [{ instanceId: 'i-1', store: { reachable: true } }];
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining('1 of 1 servers get an answer to PING') });
    servers = [{ instanceId: 'i-1', gate: false, store: { reachable: true } }];
    await planned(promote);
  });

  it.each<[string, SaidBy, ServerFacts[]]>([
    ['the fleet’s function does not answer', { fleet: undefined, collector: 'away' }, []],
    ['nobody says anything', { fleet: undefined, collector: undefined }, []],
    [
      'half of the servers are cut off',
      { fleet: undefined, collector: 'away' },
      [{ instanceId: 'i-1', gate: false }, { instanceId: 'i-2' }],
    ],
  ])('is refused where nobody but the collector says that no primary is there: %s', async (_, now, reported) => {
    const plan = await planned(promote);
    Object.assign(said, now);
    servers = reported;
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining('nobody but the collector could say') });
    await expect(promote.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    servers = [{ instanceId: 'i-1', gate: false }];
    await planned(promote);
  });

  it('is refused where no fleet is configured: only the collector would say that no primary is there', async () => {
    const witnesses = { ...saidBy(said), fleets: [], witnessed: [] };
    const alone = createPromoteReplica({ group, lastLag: async () => lag, witnesses, readServers: async () => [] });
    expect(await alone.plan(TARGET)).toEqual({ refused: expect.stringContaining('no fleet is configured') });
  });

  it('promotes a replica of a group that does not fail over by itself, once', async () => {
    const plan = await planned(promote);
    expect(plan.effect).toContain('s-002 becomes the primary; what s-001 had not yet replicated is lost');
    expect(plan.effect).toContain('at 2026-11-22 03:10:00 UTC replicas were 2 s and 4096 bytes behind');
    expect(sent).toEqual([]);
    expect(await promote.verify(TARGET, plan)).toMatchObject({ verdict: 'WAIT' });
    await promote.act(TARGET, plan);
    await promote.act(TARGET, plan);
    expect(sent).toEqual(shown(plan));
    expect(await promote.verify(TARGET, plan)).toMatchObject({ verdict: 'DONE' });
  });

  it.each<[string, Partial<typeof cache>]>([
    ['promotes a replica by itself', { automaticFailover: 'enabled' }],
    ['promotes a replica by itself', { automaticFailover: 'enabling' }],
    ['in cluster mode', { clusterMode: true }],
    ['is modifying', { status: 'modifying' }],
    ['has no replica to promote', { members: ['s-001'] }],
  ])('refuses a group that %s', async (reason, change) => {
    Object.assign(cache, change);
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining(reason) });
  });

  it('refuses while it is not known how far replicas were behind', async () => {
    lag = undefined;
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining('how far replicas were behind') });
  });

  it('promotes nothing when automatic failover was enabled since', async () => {
    const plan = await planned(promote);
    cache.automaticFailover = 'enabling';
    await expect(promote.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(sent).toEqual([]);
  });
});

describe('volatile-eviction', () => {
  let memory: StoreMemory | undefined;
  beforeEach(() => {
    memory = { percent: 92, isTight: true };
  });
  const evict = createVolatileEviction(group, 'holdfast-sessions', async () => memory) as Mitigation & Required<Pick<Mitigation, 'undo'>>;

  it('asks again whether memory is tight, when it is planned and before it acts', async () => {
    const plan = await planned(evict);
    memory = { percent: 40, isTight: false };
    expect(await evict.plan(TARGET)).toEqual({ refused: "the store's memory is no longer tight: 40 % at the latest reading" });
    await expect(evict.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(sent).toEqual([]);
    memory = undefined;
    await evict.act(TARGET, plan);
    memory = { percent: 40, isTight: false };
    // An earlier attempt has set it.
    await evict.act(TARGET, plan);
    expect(sent).toEqual(shown(plan));
  });

  it('leaves a policy that a person has set since it was planned', async () => {
    const plan = await planned(evict);
    cache.policy = 'allkeys-lru';
    await expect(evict.act(TARGET, plan)).rejects.toThrow('maxmemory-policy of holdfast-sessions is allkeys-lru, no longer noeviction');
    expect(sent).toEqual([]);
  });

  it('changes the policy of the store’s own parameter group, and restores it', async () => {
    const plan = await planned(evict);
    await evict.act(TARGET, plan);
    expect(sent).toEqual(shown(plan));
    cache.apply = 'applying';
    expect(await evict.verify(TARGET, plan)).toMatchObject({ verdict: 'WAIT' });
    cache.apply = 'in-sync';
    expect(await evict.verify(TARGET, plan)).toMatchObject({ verdict: 'DONE' });
    await evict.undo(TARGET, plan);
    await evict.undo(TARGET, plan);
    expect([cache.policy, sent.length]).toEqual(['noeviction', 2]);
  });

  it('leaves what a person has set since', async () => {
    const plan = await planned(evict);
    await evict.act(TARGET, plan);
    cache.policy = 'volatile-ttl';
    await evict.undo(TARGET, plan);
    expect(cache.policy).toBe('volatile-ttl');
  });

  it.each<[string, Partial<typeof cache>]>([
    ['is one that the configuration does not name', { parameterGroup: 'carts' }],
    ['default parameter group', { parameterGroup: 'default.valkey8' }],
    ['is volatile-lru already', { policy: 'volatile-lru' }],
    ['is allkeys-lru, by which a full store evicts keys without a TTL too', { policy: 'allkeys-lru' }],
    [
      'is the parameter group of carts as well',
      { others: [{ ReplicationGroupId: 'carts', CacheParameterGroup: { CacheParameterGroupName: 'holdfast-sessions' } }] },
    ],
  ])('refuses a store whose parameter group %s', async (reason, change) => {
    Object.assign(cache, change);
    const refused = reason === 'is one that the configuration does not name' ? 'only holdfast-sessions' : reason;
    expect(await evict.plan(TARGET)).toEqual({ refused: expect.stringContaining(refused) });
  });
});

describe('scale-store', () => {
  let memory: StoreMemory | undefined;
  beforeEach(() => {
    memory = undefined;
  });
  const scale = createScaleStore(group, async () => memory);

  it('asks again whether memory is tight, when it is planned and before it acts', async () => {
    memory = { percent: 92, isTight: true };
    const plan = await planned(scale);
    memory = { percent: 40, isTight: false };
    expect(await scale.plan(TARGET)).toEqual({ refused: "the store's memory is no longer tight: 40 % at the latest reading" });
    await expect(scale.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(sent).toEqual([]);
  });

  it('takes the next size, says what it costs, and sends its call once', async () => {
    const plan = await planned(scale);
    expect(plan.effect).toContain("the store's 2 nodes become cache.t4g.medium at about 2 times their price");
    expect(await scale.verify(TARGET, plan)).toMatchObject({ verdict: 'WAIT' });
    await scale.act(TARGET, plan);
    await scale.act(TARGET, plan);
    expect(sent).toEqual(shown(plan));
    expect(await scale.verify(TARGET, plan)).toMatchObject({
      verdict: 'DONE',
      goesOn: true,
      detail: expect.stringContaining('is scaling'),
    });
    Object.assign(cache, { status: 'available', nodeType: cache.pending, pending: undefined });
    expect(await scale.verify(TARGET, plan)).toEqual({ verdict: 'DONE', detail: 'the store has nodes of type cache.t4g.medium' });
  });

  it.each<[string, string | undefined]>([
    ['another type', 'cache.r7g.large'],
    ['something else', undefined],
  ])('takes no change of somebody else for its own: to %s', async (_, pending) => {
    const plan = await planned(scale);
    Object.assign(cache, { status: 'modifying', pending });
    await expect(scale.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(await scale.verify(TARGET, plan)).toMatchObject({ verdict: 'WAIT' });
    expect(sent).toEqual([]);
  });

  it('changes nothing where somebody else has scaled since', async () => {
    const plan = await planned(scale);
    cache.nodeType = 'cache.r7g.large';
    await expect(scale.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(sent).toEqual([]);
  });
});

it.each([
  (none: undefined) =>
    createPromoteReplica({ group: none, lastLag: async () => undefined, witnesses: saidBy({}), readServers: async () => [] }),
  (none: undefined) => createVolatileEviction(none, undefined, async () => undefined),
  (none: undefined) => createScaleStore(none, async () => undefined),
])('refuses a store that is not ElastiCache’s: %o', async (create) => {
  expect(await create(undefined).plan(TARGET)).toEqual({ refused: expect.stringContaining('no replication group of ElastiCache') });
});
