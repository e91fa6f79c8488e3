import type { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { createPromoteReplica, createStoreGroup } from '../../../../functions/incidents/mitigate/promote-replica.ts';
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
