/** Reads the roles that an installation's stacks created, and their current policies. */
import { CloudFormationClient, paginateDescribeStacks, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { CLIENT_OPTIONS } from '../client-options.ts';
import type { LocalCredentials } from '../local-account.ts';
import type { PolicyStatement, RolePolicies } from './compare-permissions.ts';

export interface RolesToRead {
  readonly gatewayUrl: string;
  readonly region: string;
  readonly credentials: LocalCredentials;
  readonly installation: string;
}

const AWS_MANAGED = 'arn:aws:iam::aws:policy/';

/** Every role of every stack of the installation. */
export async function readRoles({ gatewayUrl, region, credentials, installation }: RolesToRead): Promise<readonly RolePolicies[]> {
  const config = { endpoint: gatewayUrl, region, credentials, ...CLIENT_OPTIONS };
  const cloudFormation = new CloudFormationClient(config);
  const iam = new IAMClient(config);
  try {
    const roles: RolePolicies[] = [];
    for (const name of await roleNames(cloudFormation, installation)) roles.push(await readRole(iam, name));
    return roles;
  } finally {
    cloudFormation.destroy();
    iam.destroy();
  }
}

async function roleNames(client: CloudFormationClient, installation: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    for (const { StackName } of Stacks.filter((stack) => stack.StackName?.startsWith(`${installation}-`))) {
      for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
        const roles = StackResourceSummaries.filter(({ ResourceType }) => ResourceType === 'AWS::IAM::Role');
        names.push(...roles.map(({ PhysicalResourceId }) => PhysicalResourceId as string));
      }
    }
  }
  return names;
}

async function readRole(iam: IAMClient, RoleName: string): Promise<RolePolicies> {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const inline = await Promise.all(PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))));
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  const attached = await Promise.all(AttachedPolicies.map(({ PolicyArn = '' }) => readPolicy(iam, PolicyArn)));
  const own = attached.filter(({ arn }) => !arn.startsWith(AWS_MANAGED));
  return {
    role: Role?.Arn as string,
    statements: [...inline.flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument)), ...own.flatMap(({ statements }) => statements)],
    awsManaged: attached.filter((policy) => !own.includes(policy)),
  };
}

async function readPolicy(iam: IAMClient, arn: string): Promise<RolePolicies['awsManaged'][number]> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: Policy?.DefaultVersionId }));
  return { arn, statements: statementsOf(PolicyVersion?.Document) };
}

/** IAM returns policy documents percent-encoded. */
function statementsOf(document = '{}'): readonly PolicyStatement[] {
  const { Statement = [] } = JSON.parse(decodeURIComponent(document)) as { Statement?: PolicyStatement | PolicyStatement[] };
  return [Statement].flat();
}
