import { aws_iam as iam, Stack, type aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { releasesBucketName } from '../../../functions/shared/naming.ts';
import type { NamedFleet } from '../../config.ts';
import type { FleetSessions } from '../store/store-endpoint.ts';
import { arnsOf, environmentStatements } from '../variables.ts';

/** Lets a role read the secret's value, and nothing else about the secret. */
const grantSecret = (role: iam.IRole, { secretArn }: secretsmanager.ISecret): void => {
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }));
};

/**
 * The servers' role: a created one, or the existing one with the permissions that releases need in addition.
 * @param application its secret is the only one that the servers can read
 */
export function instanceRole(
  scope: Construct,
  { config: { installation }, fleetName, fleet }: NamedFleet,
  { application }: FleetSessions,
): iam.IRole {
  const existing = fleet.existing?.instanceRoleName;
  const role = existing
    ? // The policy has the fleet's name: two fleets can share a role, and the CDK would give both policies the same name.
      iam.Role.fromRoleName(scope, 'InstanceRole', existing, { defaultPolicyName: `${installation}-${fleetName}-servers` })
    : new iam.Role(scope, 'InstanceRole', {
        assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
        description: `Servers of ${fleetName}: Systems Manager, their releases, their secret`,
        managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
      });
  // AmazonSSMManagedInstanceCore lets a server read every parameter of the account. The agent itself reads parameters only for
  // documents that name one, and Holdfast's name none; others on the server need them (docs/app-environment.md). An existing role is
  // left as it is.
  if (!existing) {
    const deny = { effect: iam.Effect.DENY, actions: ['ssm:GetParameter*'] };
    const { parameters } = arnsOf(Stack.of(scope), { installation, fleetName, fleet });
    role.addToPrincipalPolicy(
      new iam.PolicyStatement(parameters.length === 0 ? { ...deny, resources: ['*'] } : { ...deny, notResources: [...parameters] }),
    );
  }
  const stack = Stack.of(scope);
  const bucketArn = `arn:${stack.partition}:s3:::${releasesBucketName(installation, stack.account, stack.region)}`;
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [`${bucketArn}/${fleetName}/*`] }));
  // aws:downloadContent lists the prefix to distinguish a file from a folder.
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      conditions: { StringLike: { 's3:prefix': `${fleetName}/*` } },
    }),
  );
  if (application) grantSecret(role, application.secret);
  for (const statement of environmentStatements(stack, { installation, fleetName, fleet })) role.addToPrincipalPolicy(statement);
  return role;
}
