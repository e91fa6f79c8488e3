/** The servers of a fleet, their role and security groups. */

import { type AutoScalingClient, type AutoScalingGroup, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type IpPermission,
  paginateDescribeInstances,
  paginateDescribeSecurityGroups,
} from '@aws-sdk/client-ec2';
import {
  GetInstanceProfileCommand,
  GetRoleCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import {
  AGENT_ACTIONS,
  FETCH_ACTION,
  type GroupFacts,
  type InstanceFacts,
  PARAMETER_ACTIONS,
  type SecurityRule,
  type TargetGroupFacts,
  VARIABLE_ACTIONS,
} from '../../functions/checks/facts.ts';
import type { Subject } from '../../functions/checks/subject.ts';
import { describeHooks, membersOf } from '../../functions/shared/aws/auto-scaling.ts';
import { isAwsError } from '../../functions/shared/aws/classify-aws-error.ts';
import { createAgents } from '../../functions/shared/aws/run-command.ts';
import { releaseKey } from '../../functions/shared/naming.ts';
import { GENERATED_END } from '../../infra/config/environment.ts';
import type { Clients } from './clients.ts';
import { aboutResource, allOf, known, type Lookup, type Lookups, lookUp, NotFound, part, SKIPPED } from './lookup.ts';

interface LaunchTemplate {
  readonly id: string;
  readonly version: string;
}

/** The Auto Scaling group, its launch template and instances, and their agents. */
export async function gatherServers(
  { autoScaling, ec2, ssm }: Pick<Clients, 'autoScaling' | 'ec2' | 'ssm'>,
  subject: Subject,
  facts: Pick<Lookups, 'targetGroup' | 'targets'>,
): Promise<Pick<Lookups, 'group' | 'hooks' | 'template' | 'servers' | 'agents' | 'memberIds'>> {
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

async function readHooks(autoScaling: AutoScalingClient, { group }: Subject): Promise<Lookups['hooks']> {
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
function readTemplate(ec2: EC2Client, template: LaunchTemplate): Promise<Lookups['template']> {
  const about = aboutResource('launch template', template.id, 'ec2:DescribeLaunchTemplateVersions', {
    unlessAllowed: "the operator's policy allows it",
  });
  return lookUp(about, () => templateServer(ec2, template));
}

function readInstances(ec2: EC2Client, memberIds: readonly string[]): Promise<Lookups['servers']> {
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
async function instanceServers(ec2: EC2Client, ids: readonly string[]): Promise<readonly InstanceFacts[]> {
  if (ids.length === 0) return [];
  const filter = { Filters: [{ Name: 'instance-id', Values: ids.slice(0, 200) }] }; // a filter takes 200 values
  const reservations = await allOf(paginateDescribeInstances({ client: ec2 }, filter), (page) => page.Reservations);
  return reservations
    .flatMap(({ Instances = [] }) => Instances)
    .map((instance) => ({
      name: instance.InstanceId ?? '',
      instanceProfile: profileName(instance.IamInstanceProfile?.Arn),
      securityGroupIds: (instance.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    }));
}

const profileName = (arn: string | undefined): string | undefined => arn?.split('/').at(-1);

function readAgents(ssm: SSMClient, { fleet }: Subject, memberIds: readonly string[]): Promise<Lookups['agents']> {
  const about = { what: `agents of ${fleet}`, resource: memberIds.join(', '), action: 'ssm:DescribeInstanceInformation' };
  return lookUp(about, () => createAgents(ssm).describe(memberIds));
}

/** The AWS managed policy that allows all {@link AGENT_ACTIONS}. */
const AGENT_POLICY = 'AmazonSSMManagedInstanceCore';
const ABSENT = ['NoSuchEntityException', 'NoSuchEntity'];

/** What the servers' role allows, as IAM evaluates it. */
export async function gatherRole(
  { iam, secretsManager }: Pick<Clients, 'iam' | 'secretsManager'>,
  subject: Subject,
  servers: Lookups['servers'],
): Promise<Lookups['role']> {
  const { instanceRoleName } = subject;
  const role = instanceRoleName === undefined ? await roleOf(iam, servers) : { state: 'known' as const, value: instanceRoleName };
  if (role.state !== 'known') return role;
  const roleName = role.value;
  const action = 'iam:GetRole, iam:ListAttachedRolePolicies and iam:SimulatePrincipalPolicy';
  const about = aboutResource('role', roleName, action, { named: instanceRoleName !== undefined, absentOn: ABSENT });
  return lookUp(about, async () => ({ roleName, allowed: await judge({ iam, secretsManager }, subject, roleName) }));
}

/** Name of the role in the first instance profile that a server has. */
export async function roleOf(iam: IAMClient, servers: Lookups['servers']): Promise<Lookup<string>> {
  const profile = known(servers)?.find(({ instanceProfile }) => instanceProfile)?.instanceProfile;
  if (profile === undefined) return SKIPPED;
  const about = aboutResource('instance profile', profile, 'iam:GetInstanceProfile', {
    ...{ named: true, absentOn: ABSENT },
    unlessAllowed: "of servers that Holdfast did not create, the operator's policy allows it",
  });
  return lookUp(about, async () => {
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: profile }));
    const role = InstanceProfile?.Roles?.[0]?.RoleName;
    if (role === undefined) throw new NotFound();
    return role;
  });
}

async function judge(
  { iam, secretsManager }: Pick<Clients, 'iam' | 'secretsManager'>,
  subject: Subject,
  roleName: string,
): Promise<Record<string, boolean>> {
  // The ARN contains the path, which the name does not.
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: roleName }));
  const arn = Role?.Arn ?? '';
  const policies = paginateListAttachedRolePolicies({ client: iam }, { RoleName: roleName });
  const attached = (await allOf(policies, (page) => page.AttachedPolicies)).map(({ PolicyName = '' }) => PolicyName);
  const archive = `arn:${arn.split(':')[1]}:s3:::${subject.releasesBucket}/${releaseKey(subject.fleet, '1.0.0')}`;
  const [agent, fetch, parameters] = await Promise.all([
    attached.includes(AGENT_POLICY)
      ? Object.fromEntries(AGENT_ACTIONS.map((action) => [action, true]))
      : simulate(iam, arn, AGENT_ACTIONS, '*'),
    simulate(iam, arn, [FETCH_ACTION], archive),
    simulate(iam, arn, PARAMETER_ACTIONS, '*'),
  ]);
  const variables: Record<string, boolean> = {};
  for (const kind of ['parameters', 'secrets'] as const)
    for (const resource of subject.variables[kind]) {
      const action = VARIABLE_ACTIONS[kind];
      const { [action]: isAllowed } = await simulate(iam, arn, [action], await wholeArn(secretsManager, resource, subject.account));
      variables[resource] = isAllowed === true;
    }
  return { ...agent, ...fetch, ...parameters, ...variables };
}

/** A policy can name the six characters that AWS has generated. Of a secret that cannot be described they are any six. */
async function wholeArn(secretsManager: SecretsManagerClient, arn: string, account: string): Promise<string> {
  if (!arn.endsWith(GENERATED_END)) return arn;
  const [, , , , owner, , name = ''] = arn.split(':');
  // AWS takes six characters behind a hyphen for the generated ones of an ARN: a name can end like that, as shop-config does.
  const SecretId = (owner === account ? name : arn).slice(0, -GENERATED_END.length);
  const { ARN } = await secretsManager.send(new DescribeSecretCommand({ SecretId })).catch((error: unknown) => {
    if (isAwsError(error, 'AccessDeniedException', 'ResourceNotFoundException')) return { ARN: undefined };
    throw error;
  });
  return ARN ?? arn.replace(GENERATED_END, '-AbCdEf');
}

async function simulate(iam: IAMClient, source: string, actions: readonly string[], resource: string): Promise<Record<string, boolean>> {
  const { EvaluationResults = [] } = await iam.send(
    new SimulatePrincipalPolicyCommand({ PolicySourceArn: source, ActionNames: [...actions], ResourceArns: [resource] }),
  );
  return Object.fromEntries(EvaluationResults.map(({ EvalActionName = '', EvalDecision }) => [EvalActionName, EvalDecision === 'allowed']));
}

/** Security groups of the function that checks the store. */
export function gatherStoreCheck(lambda: LambdaClient, { storeCheckFunction }: Subject): Promise<Lookups['storeCheckGroupIds']> {
  const about = aboutResource('function', storeCheckFunction, 'lambda:GetFunctionConfiguration', {
    absentOn: ['ResourceNotFoundException'],
  });
  return lookUp(about, async () => {
    const { VpcConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: storeCheckFunction }));
    return VpcConfig?.SecurityGroupIds ?? [];
  });
}

/** The rules of every group in `ids`; a group that does not exist is missing from the result. */
export async function gatherSecurityGroups(ec2: EC2Client, ids: readonly string[]): Promise<Lookups['securityGroups']> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return { state: 'known', value: [] };
  const about = aboutResource('security groups', wanted.join(', '), 'ec2:DescribeSecurityGroups', { named: true });
  return lookUp(about, async () => {
    const filter = { Filters: [{ Name: 'group-id', Values: wanted }] };
    const groups = await allOf(paginateDescribeSecurityGroups({ client: ec2 }, filter), (page) => page.SecurityGroups);
    // The local emulator ignores this filter and returns all groups.
    return groups
      .filter(({ GroupId = '' }) => wanted.includes(GroupId))
      .map(({ GroupId: id = '', IpPermissions = [], IpPermissionsEgress = [] }) => ({
        ...{ id, ingress: IpPermissions.map(ruleOf), egress: IpPermissionsEgress.map(ruleOf) },
      }));
  });
}

const ruleOf = (permission: IpPermission): SecurityRule => ({
  protocol: permission.IpProtocol ?? '-1',
  fromPort: permission.FromPort,
  toPort: permission.ToPort,
  groupIds: (permission.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []),
  ranges: [
    ...(permission.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
    ...(permission.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
    ...(permission.PrefixListIds ?? []).flatMap(({ PrefixListId }) => PrefixListId ?? []),
  ],
});
