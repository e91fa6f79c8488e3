import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningService, startService } from '#local-aws/test/elasticache/running-service.ts';
import type { Calls, Mitigation } from '../../../../../functions/incidents/contract/mitigations.ts';
import { createPromoteReplica, type StoreGroup } from '../../../../../functions/incidents/mitigate/promote-replica.ts';
import { saidBy } from '../../../../../test/functions/incidents/mitigate/said-by.ts';

const ID = 'sessions';
const OTHERS = {
  ...{
    lastLag: async () => ({ atMs: 1, seconds: 0, bytes: 0 }),
    witnesses: saidBy({ fleet: 'away', collector: 'away' }),
    readServers: async () => [],
  },
};
const TARGET = { incidentId: 'inc-1' };

let local: RunningService;
let group: StoreGroup;
beforeAll(async () => {
  local = await startService();
  group = {
    id: ID,
    async describe() {
      const { ReplicationGroups } = await local.call('DescribeReplicationGroups', { ReplicationGroupId: ID });
      const [{ Status, AutomaticFailover, NodeGroups }] = ReplicationGroups;
      const members = NodeGroups[0].NodeGroupMembers.map((one: { CacheClusterId: string; CurrentRole: 'primary' | 'replica' }) => ({
        node: one.CacheClusterId,
        role: one.CurrentRole,
      }));
      return { status: Status, automaticFailover: /^enabl/.test(AutomaticFailover), shards: 1, members };
    },
    // The Query protocol sends text.
    promote: (node) => local.call('ModifyReplicationGroup', { ReplicationGroupId: ID, PrimaryClusterId: node, ApplyImmediately: 'true' }),
  };
  await local.call('CreateReplicationGroup', {
    ReplicationGroupId: ID,
    ReplicationGroupDescription: 'without automatic failover',
    Engine: 'valkey',
    NumCacheClusters: '2',
    AutomaticFailoverEnabled: 'false',
  });
  await local.service.settled(ID);
});
afterAll(() => local.stop());

it('makes the replica that the runbook chose the primary, with the sessions that it had replicated', async () => {
  await local.service.adminCommand(ID, 'SET', 'sess:1', 'cart');
  await local.service.adminCommand(ID, 'WAIT', 1, 5_000);
  const promote: Mitigation = createPromoteReplica({ ...OTHERS, group });
  const plan = (await promote.plan(TARGET)) as Calls;
  expect(plan).toMatchObject({ calls: [{ operation: 'ModifyReplicationGroup', input: { PrimaryClusterId: `${ID}-002` } }] });
  await promote.act(TARGET, plan);
  await local.service.settled(ID);
  expect(await promote.verify(TARGET, plan)).toMatchObject({
    verdict: 'DONE',
    detail: expect.stringContaining(`${ID}-002 is the primary`),
  });
  expect(String(await local.service.adminCommand(ID, 'GET', 'sess:1'))).toBe('cart');
  await local.service.adminCommand(ID, 'SET', 'sess:2', 'new');
});

it('is refused where the group fails over by itself, by the plan and by the service', async () => {
  await local.call('ModifyReplicationGroup', { ReplicationGroupId: ID, AutomaticFailoverEnabled: 'true' });
  await local.service.settled(ID);
  expect(await createPromoteReplica({ ...OTHERS, group }).plan(TARGET)).toEqual({
    refused: expect.stringContaining('promotes a replica by itself'),
  });
  expect(await local.errorCode('ModifyReplicationGroup', { ReplicationGroupId: ID, PrimaryClusterId: `${ID}-001` })).toBe(
    'InvalidReplicationGroupState',
  );
});
