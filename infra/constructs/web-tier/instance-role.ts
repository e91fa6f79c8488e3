import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { releasesBucketName } from '../../../functions/shared/naming.ts';
import type { FleetConfig } from '../../config/fleet.ts';
import type { FleetSessions } from '../store/store-endpoint.ts';

export interface InstanceRoleProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly fleet: FleetConfig;
  /** Its secret is the only one that the servers can read. */
  readonly sessions: FleetSessions;
}

/** The servers' role: a created one, or the existing one with the permissions that releases need in addition. */
export function instanceRole(scope: Construct, { installation, fleetName, fleet, sessions }: InstanceRoleProps): iam.IRole {
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
  if (!existing)
    role.addToPrincipalPolicy(new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['ssm:GetParameter*'], resources: ['*'] }));
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
  if (sessions.application) {
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [sessions.application.secret.secretArn] }),
    );
  }
  return role;
}
