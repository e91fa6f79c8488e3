import { type AutoScalingClient, type AutoScalingGroup, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeLaunchTemplateVersionsCommand, type EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { describeHooks, membersOf } from '../../../functions/shared/aws/auto-scaling.ts';
import { createAgents } from '../../../functions/shared/aws/run-command.ts';
import type { Clients } from '../clients.ts';
import type { LoadBalancingLookups, TargetGroupFacts } from '../load-balancing/load-balancing-facts.ts';
import { aboutResource, known, type Lookup, lookUp, NotFound, part, SKIPPED } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { GroupFacts, InstanceFacts, ServerLookups } from './server-facts.ts';

interface LaunchTemplate {
  readonly id: string;
  readonly version: string;
}

/** The Auto Scaling group, its launch template and instances, and their agents. */
export async function gatherServers(
  { autoScaling, ec2, ssm }: Pick<Clients, 'autoScaling' | 'ec2' | 'ssm'>,
  subject: Subject,
  facts: Pick<LoadBalancingLookups, 'targetGroup' | 'targets'>,
): Promise<Pick<ServerLookups, 'group' | 'hooks' | 'template' | 'servers' | 'agents' | 'memberIds'>> {
  const found = await readGroup(autoScaling, subject);
  const group = part(found, ({ facts }) => facts);
  const memberIds = collectMembers(
    subject,
    known(group),
    known(facts.targetGroup),
    known(facts.targets)?.map(({ instanceId }) => instanceId),
  );
  const launched = known(found)?.template;
  const [template, instances, agents, hooks] = await Promise.all([
    launched === undefined ? SKIPPED : readTemplate(ec2, launched),
    memberIds.length === 0 ? SKIPPED : readInstances(ec2, memberIds),
    memberIds.length === 0 ? SKIPPED : readAgents(ssm, subject, memberIds),
    known(group) === undefined ? SKIPPED : readHooks(autoScaling, subject),
  ]);
  // The template is that of new instances: older ones may differ from it.
  const ofInstances = instances.state === 'skipped' && launched !== undefined ? { state: 'known' as const, value: [] } : instances;
  const servers = part(ofInstances, (found) => [...(known(template) ?? []), ...found]);
  return { group, hooks, template, servers, agents, memberIds };
}

/** The configuration's nodes and instances, or else the group's members, or else the targets with an instance id. */
function collectMembers(
  { nodeIds }: Subject,
  group: GroupFacts | undefined,
  targetGroup: TargetGroupFacts | undefined,
  targets: readonly string[] = [],
): readonly string[] {
  if (nodeIds.length > 0) return nodeIds;
  if (group) return group.members.map(({ instanceId }) => instanceId);
  return targetGroup?.targetType === 'instance' ? targets : [];
}

async function readGroup(
  autoScaling: AutoScalingClient,
  { group }: Subject,
): Promise<Lookup<{ facts: GroupFacts; template: LaunchTemplate | undefined }>> {
  if (!group) return SKIPPED;
  const about = aboutResource('Auto Scaling group', group.id, 'autoscaling:DescribeAutoScalingGroups', { named: group.named });
  return lookUp(about, async () => {
    const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group.id] }));
    const found = AutoScalingGroups?.[0];
    if (!found) throw new NotFound();
    return { facts: groupFacts(found), template: templateOf(found) };
  });
}

async function readHooks(autoScaling: AutoScalingClient, { group }: Subject): Promise<ServerLookups['hooks']> {
  if (!group) return SKIPPED;
  const about = aboutResource('lifecycle hooks of', group.id, 'autoscaling:DescribeLifecycleHooks');
  return lookUp(about, () => describeHooks(autoScaling, group.id));
}

const groupFacts = (group: AutoScalingGroup): GroupFacts => ({
  name: group.AutoScalingGroupName ?? '',
  minSize: group.MinSize ?? 0,
  maxSize: group.MaxSize ?? 0,
  healthCheckType: group.HealthCheckType ?? 'EC2',
  // A target group is in both lists, or in one: it depends on how it was attached.
  targetGroupArns: [
    ...new Set([...(group.TargetGroupARNs ?? []), ...(group.TrafficSources ?? []).flatMap(({ Identifier }) => Identifier ?? [])]),
  ],
  members: membersOf(group),
  ...(group.WarmPoolConfiguration && {
    warmPool: { state: group.WarmPoolConfiguration.PoolState ?? 'Stopped', size: group.WarmPoolSize ?? 0 },
  }),
  suspendedProcesses: (group.SuspendedProcesses ?? []).map(({ ProcessName = '' }) => ProcessName),
});

function templateOf(group: AutoScalingGroup): LaunchTemplate | undefined {
  const template = group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  return template?.LaunchTemplateId ? { id: template.LaunchTemplateId, version: template.Version ?? '$Default' } : undefined;
}

/** Its user data can have other teams' secrets in the same Region: AWS knows no narrower right, so that operators alone have it. */
function readTemplate(ec2: EC2Client, template: LaunchTemplate): Promise<ServerLookups['template']> {
  const about = aboutResource('launch template', template.id, 'ec2:DescribeLaunchTemplateVersions', {
    unlessAllowed: "the operator's policy allows it",
  });
  return lookUp(about, () => templateServer(ec2, template));
}

function readInstances(ec2: EC2Client, memberIds: readonly string[]): Promise<ServerLookups['servers']> {
  const resource = memberIds.join(', ');
  return lookUp({ what: `servers (${resource})`, resource, action: 'ec2:DescribeInstances' }, () =>
    instanceServers(
      ec2,
      memberIds.filter((id) => id.startsWith('i-')),
    ),
  );
}

async function templateServer(ec2: EC2Client, { id, version }: LaunchTemplate): Promise<InstanceFacts[]> {
  const { LaunchTemplateVersions } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }),
  );
  const data = LaunchTemplateVersions?.[0]?.LaunchTemplateData;
  if (!data) return [];
  return [
    {
      name: `launch template ${id}`,
      instanceProfile: data.IamInstanceProfile?.Name ?? profileName(data.IamInstanceProfile?.Arn),
      securityGroupIds: [...(data.SecurityGroupIds ?? []), ...(data.NetworkInterfaces ?? []).flatMap(({ Groups = [] }) => Groups)],
    },
  ];
}

/** Uses a filter, so that an instance that no longer exists is not an error. */
async function instanceServers(ec2: EC2Client, ids: readonly string[]): Promise<InstanceFacts[]> {
  if (ids.length === 0) return [];
  const servers: InstanceFacts[] = [];
  const filter = { Filters: [{ Name: 'instance-id', Values: ids.slice(0, 200) }] }; // a filter takes 200 values
  for await (const page of paginateDescribeInstances({ client: ec2 }, filter)) {
    for (const instance of (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances)) {
      servers.push({
        name: instance.InstanceId ?? '',
        instanceProfile: profileName(instance.IamInstanceProfile?.Arn),
        securityGroupIds: (instance.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
      });
    }
  }
  return servers;
}

const profileName = (arn: string | undefined): string | undefined => arn?.split('/').at(-1);

function readAgents(ssm: SSMClient, { fleet }: Subject, memberIds: readonly string[]): Promise<ServerLookups['agents']> {
  const about = { what: `agents of ${fleet}`, resource: memberIds.join(', '), action: 'ssm:DescribeInstanceInformation' };
  return lookUp(about, () => createAgents(ssm).describe(memberIds));
}
