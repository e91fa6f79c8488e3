import { type AutoScalingClient, type AutoScalingGroup, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeLaunchTemplateVersionsCommand, type EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { Agent } from '../../../functions/shared/run-command.ts';
import { createAgents } from '../../../functions/shared/run-command.ts';
import type { Clients } from '../clients.ts';
import type { Facts, GroupFacts, ServerFacts, TargetGroupFacts } from '../facts.ts';
import { type Look, look, NotThere, SKIPPED, seen } from '../look.ts';
import type { Subject } from '../subject.ts';

export type ServersFacts = Pick<Facts, 'group' | 'servers' | 'agents' | 'memberIds'>;

interface LaunchTemplate {
  readonly id: string;
  readonly version: string;
}

/** The Auto Scaling group, what its instances are made of, and their agents. */
export async function gatherServers(
  { autoScaling, ec2, ssm }: Pick<Clients, 'autoScaling' | 'ec2' | 'ssm'>,
  subject: Subject,
  facts: Pick<Facts, 'targetGroup' | 'targets'>,
): Promise<ServersFacts> {
  const found = await lookAtGroup(autoScaling, subject);
  const group: Look<GroupFacts> = found.state === 'seen' ? { state: 'seen', value: found.value.facts } : found;
  const memberIds = collectMembers(
    subject,
    seen(group),
    seen(facts.targetGroup),
    seen(facts.targets)?.map(({ instanceId }) => instanceId),
  );
  const template = found.state === 'seen' ? found.value.template : undefined;
  const [servers, agents] = await Promise.all([
    memberIds.length === 0 && template === undefined ? SKIPPED : lookAtServers(ec2, template, memberIds),
    memberIds.length === 0 ? SKIPPED : lookAtAgents(subject, memberIds, (ids) => createAgents(ssm).describe(ids)),
  ]);
  return { group, servers, agents, memberIds };
}

/** Nodes and instances that the configuration names, or else members of the group, or else targets with an instance id. */
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

async function lookAtGroup(
  autoScaling: AutoScalingClient,
  { group }: Subject,
): Promise<Look<{ facts: GroupFacts; template: LaunchTemplate | undefined }>> {
  if (!group) return SKIPPED;
  const about = {
    what: `Auto Scaling group ${group.id}`,
    resource: group.id,
    named: group.named,
    action: 'autoscaling:DescribeAutoScalingGroups',
  };
  return look(about, async () => {
    const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group.id] }));
    const found = AutoScalingGroups?.[0];
    if (!found) throw new NotThere();
    return { facts: groupFacts(found), template: templateOf(found) };
  });
}

const groupFacts = (group: AutoScalingGroup): GroupFacts => ({
  name: group.AutoScalingGroupName ?? '',
  minSize: group.MinSize ?? 0,
  maxSize: group.MaxSize ?? 0,
  healthCheckType: group.HealthCheckType ?? 'EC2',
  targetGroupArns: [...(group.TargetGroupARNs ?? []), ...(group.TrafficSources ?? []).flatMap(({ Identifier }) => Identifier ?? [])],
  members: (group.Instances ?? []).map((member) => ({
    instanceId: member.InstanceId ?? '',
    lifecycleState: member.LifecycleState ?? '',
    healthStatus: member.HealthStatus ?? '',
  })),
  suspendedProcesses: (group.SuspendedProcesses ?? []).map(({ ProcessName = '' }) => ProcessName),
});

function templateOf(group: AutoScalingGroup): LaunchTemplate | undefined {
  const template = group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  return template?.LaunchTemplateId ? { id: template.LaunchTemplateId, version: template.Version ?? '$Default' } : undefined;
}

/** The launch template, of which the next instance is made, and each instance that EC2 knows: older ones may differ. */
function lookAtServers(ec2: EC2Client, template: LaunchTemplate | undefined, memberIds: readonly string[]): Promise<Facts['servers']> {
  const resource = template?.id ?? memberIds.join(', ');
  const action = 'ec2:DescribeLaunchTemplateVersions and ec2:DescribeInstances';
  return look({ what: `servers (${resource})`, resource, action, named: false }, async () => [
    ...(template ? await templateServer(ec2, template) : []),
    ...(await instanceServers(
      ec2,
      memberIds.filter((id) => id.startsWith('i-')),
    )),
  ]);
}

async function templateServer(ec2: EC2Client, { id, version }: LaunchTemplate): Promise<ServerFacts[]> {
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

/** By filter, which an instance that has gone does not turn into an error. */
async function instanceServers(ec2: EC2Client, ids: readonly string[]): Promise<ServerFacts[]> {
  if (ids.length === 0) return [];
  const servers: ServerFacts[] = [];
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

function lookAtAgents(
  { fleet }: Subject,
  memberIds: readonly string[],
  describe: (ids: readonly string[]) => Promise<readonly Agent[]>,
): Promise<Facts['agents']> {
  const about = { what: `agents of ${fleet}`, resource: memberIds.join(', '), action: 'ssm:DescribeInstanceInformation', named: false };
  return look(about, () => describe(memberIds));
}
