import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { expect, it } from 'vitest';
import { createReplicationGroup } from '../../../../functions/shared/aws/replication-group.ts';
import { stubHttp } from '../../fakes/stub-http.ts';

/** As ElastiCache's API reference shows its answers. */
const GROUPS = `<DescribeReplicationGroupsResponse><DescribeReplicationGroupsResult><ReplicationGroups><ReplicationGroup>
  <ReplicationGroupId>sessions</ReplicationGroupId><NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId><Status>creating</Status>
  <NodeGroupMembers><NodeGroupMember><CacheClusterId>sessions-001</CacheClusterId><CurrentRole>primary</CurrentRole>
  <PreferredAvailabilityZone>eu-west-1a</PreferredAvailabilityZone><CacheNodeId>0001</CacheNodeId></NodeGroupMember>
  <NodeGroupMember><CacheClusterId>sessions-002</CacheClusterId><CurrentRole>replica</CurrentRole></NodeGroupMember>
  <NodeGroupMember><CacheClusterId>sessions-003</CacheClusterId></NodeGroupMember></NodeGroupMembers></NodeGroup></NodeGroups>
  <Status>modifying</Status><AutomaticFailover>enabled</AutomaticFailover></ReplicationGroup></ReplicationGroups>
  </DescribeReplicationGroupsResult></DescribeReplicationGroupsResponse>`;
const event = (source: string, message: string, date: string) =>
  `<Event><Message>${message}</Message><SourceType>replication-group</SourceType><Date>${date}</Date><SourceIdentifier>${source}</SourceIdentifier></Event>`;
const page = (marker: string, ...events: string[]) =>
  `<DescribeEventsResponse><DescribeEventsResult><Marker>${marker}</Marker><Events>${events.join('')}</Events></DescribeEventsResult></DescribeEventsResponse>`;

function answering(...answers: string[]) {
  const http = stubHttp();
  const asked: Record<string, string>[] = [];
  http.answerBy((body) => {
    asked.push(Object.fromEntries(new URLSearchParams(body)));
    return answers[asked.length - 1] ?? '';
  });
  return { asked, group: createReplicationGroup(new ElastiCacheClient(http.config), 'sessions') };
}

it('describes the group by its own status, and each member by its role where ElastiCache names it', async () => {
  const { asked, group } = answering(GROUPS);
  expect(await group.describe()).toEqual({
    status: 'modifying',
    automaticFailover: true,
    shards: 1,
    members: [
      { node: 'sessions-001', role: 'primary', zone: 'eu-west-1a' },
      { node: 'sessions-002', role: 'replica' },
      { node: 'sessions-003' },
    ],
  });
  expect(asked).toEqual([{ Action: 'DescribeReplicationGroups', Version: '2015-02-02', ReplicationGroupId: 'sessions' }]);
});

it('reads the events of the group and its nodes over every page, oldest first, and no event of a group whose name begins alike', async () => {
  const { asked, group } = answering(
    page('next', event('sessions', 'Failover &amp; recovery', '2026-11-21T10:02:00Z'), event('blog', 'x', '2026-11-21T10:00:00Z')),
    page(
      '',
      event('sessions-001', 'Recovering cache nodes 0001', '2026-11-21T10:01:00Z'),
      event('sessions-blog', 'Failover to replica node sessions-blog-002 completed', '2026-11-21T10:01:00Z'),
      event('sessions-blog-001', 'Recovering cache nodes 0001', '2026-11-21T10:01:00Z'),
    ),
  );
  const nodes = ['sessions-001', 'sessions-002'];
  expect(await group.events(nodes, Date.parse('2026-11-21T09:00:00Z'), Date.parse('2026-11-21T11:00:00Z'))).toEqual([
    { atMs: Date.parse('2026-11-21T10:01:00Z'), message: 'Recovering cache nodes 0001' },
    { atMs: Date.parse('2026-11-21T10:02:00Z'), message: 'Failover & recovery' },
  ]);
  expect(asked).toHaveLength(2);
  expect(asked[0]).toMatchObject({ StartTime: '2026-11-21T09:00:00Z', EndTime: '2026-11-21T11:00:00Z' });
  expect(asked[1]).toMatchObject({ Marker: 'next' });
});

it.each([
  ['enabling', true],
  ['disabled', false],
  ['disabling', false],
])('reads automatic failover that is %s', async (automaticFailover, isOn) => {
  const { group } = answering(GROUPS.replace('<AutomaticFailover>enabled<', `<AutomaticFailover>${automaticFailover}<`));
  expect(await group.describe()).toMatchObject({ automaticFailover: isOn });
});

it('makes a node the primary at once', async () => {
  const { asked, group } = answering('<ModifyReplicationGroupResponse/>');
  await group.promote('sessions-002');
  const sent = { ReplicationGroupId: 'sessions', PrimaryClusterId: 'sessions-002', ApplyImmediately: 'true' };
  expect(asked).toEqual([{ Action: 'ModifyReplicationGroup', Version: '2015-02-02', ...sent }]);
});
