import {
  GetInstanceProfileCommand,
  GetRoleCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { releaseKey } from '../../../functions/shared/naming.ts';
import { aboutResource, known, type Lookup, lookUp, NotFound, SKIPPED } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { ServerLookups } from './facts.ts';

/**
 * Actions that the agent needs to receive commands.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html
 */
export const AGENT_ACTIONS = [
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
] as const;
/** The AWS managed policy with all of them. */
const AGENT_POLICY = 'AmazonSSMManagedInstanceCore';
/** How a server fetches its release. */
export const FETCH_ACTION = 's3:GetObject';

/** What AmazonSSMManagedInstanceCore allows in addition: every parameter of the account. */
export const PARAMETER_ACTIONS = ['ssm:GetParameter', 'ssm:GetParameters'] as const;

const ABSENT = ['NoSuchEntityException', 'NoSuchEntity'];

/** What the servers' role allows, as IAM evaluates it. */
export async function gatherRole(iam: IAMClient, subject: Subject, servers: ServerLookups['servers']): Promise<ServerLookups['role']> {
  const profile = known(servers)?.find(({ instanceProfile }) => instanceProfile)?.instanceProfile;
  const name = subject.instanceRoleName ?? (profile === undefined ? undefined : await roleOf(iam, profile));
  if (name === undefined) return SKIPPED;
  if (typeof name !== 'string') return name;
  const about = aboutResource('role', name, 'iam:GetRole, iam:ListAttachedRolePolicies and iam:SimulatePrincipalPolicy', ABSENT);
  const isNamed = subject.instanceRoleName !== undefined;
  return lookUp({ ...about, named: isNamed }, async () => ({ roleName: name, allowed: await judge(iam, subject, name) }));
}

/** The role in an instance profile, or the lookup that did not find it. */
async function roleOf(iam: IAMClient, profile: string): Promise<string | Exclude<ServerLookups['role'], { state: 'known' }>> {
  const about = aboutResource('instance profile', profile, 'iam:GetInstanceProfile', ABSENT);
  const found: Lookup<string> = await lookUp({ ...about, named: true }, async () => {
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: profile }));
    const role = InstanceProfile?.Roles?.[0]?.RoleName;
    if (role === undefined) throw new NotFound();
    return role;
  });
  return found.state === 'known' ? found.value : found;
}

async function judge(iam: IAMClient, subject: Subject, roleName: string): Promise<Record<string, boolean>> {
  // The ARN contains the path, which the name does not.
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: roleName }));
  const arn = Role?.Arn ?? '';
  const attached: string[] = [];
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName: roleName }))
    attached.push(...(page.AttachedPolicies ?? []).map(({ PolicyName = '' }) => PolicyName));
  const archive = `arn:${arn.split(':')[1]}:s3:::${subject.releasesBucket}/${releaseKey(subject.fleet, '1.0.0')}`;
  const [agent, fetch, parameters] = await Promise.all([
    attached.includes(AGENT_POLICY)
      ? Object.fromEntries(AGENT_ACTIONS.map((action) => [action, true]))
      : simulate(iam, arn, AGENT_ACTIONS, '*'),
    simulate(iam, arn, [FETCH_ACTION], archive),
    simulate(iam, arn, PARAMETER_ACTIONS, '*'),
  ]);
  return { ...agent, ...fetch, ...parameters };
}

/** Whether a role, by its name, may do something with a resource. */
export async function roleAllows(iam: IAMClient, roleName: string, action: string, resource: string): Promise<boolean> {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: roleName }));
  return (await simulate(iam, Role?.Arn ?? '', [action], resource))[action] === true;
}

async function simulate(iam: IAMClient, source: string, actions: readonly string[], resource: string): Promise<Record<string, boolean>> {
  const { EvaluationResults = [] } = await iam.send(
    new SimulatePrincipalPolicyCommand({ PolicySourceArn: source, ActionNames: [...actions], ResourceArns: [resource] }),
  );
  return Object.fromEntries(EvaluationResults.map(({ EvalActionName = '', EvalDecision }) => [EvalActionName, EvalDecision === 'allowed']));
}
