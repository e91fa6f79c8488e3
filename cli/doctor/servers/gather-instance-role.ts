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
import { AGENT_ACTIONS, FETCH_ACTION, PARAMETER_ACTIONS, type ServerLookups } from './server-facts.ts';

/** The AWS managed policy that allows all {@link AGENT_ACTIONS}. */
const AGENT_POLICY = 'AmazonSSMManagedInstanceCore';
const ABSENT = ['NoSuchEntityException', 'NoSuchEntity'];

/** What the servers' role allows, as IAM evaluates it. */
export async function gatherRole(iam: IAMClient, subject: Subject, servers: ServerLookups['servers']): Promise<ServerLookups['role']> {
  const { instanceRoleName } = subject;
  const role = instanceRoleName === undefined ? await roleOf(iam, servers) : { state: 'known' as const, value: instanceRoleName };
  if (role.state !== 'known') return role;
  const roleName = role.value;
  const action = 'iam:GetRole, iam:ListAttachedRolePolicies and iam:SimulatePrincipalPolicy';
  const about = aboutResource('role', roleName, action, { named: instanceRoleName !== undefined, absentOn: ABSENT });
  return lookUp(about, async () => ({ roleName, allowed: await judge(iam, subject, roleName) }));
}

/** Name of the role in the first instance profile that a server has. */
async function roleOf(iam: IAMClient, servers: ServerLookups['servers']): Promise<Lookup<string>> {
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
