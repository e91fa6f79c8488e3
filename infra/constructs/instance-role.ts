import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { releasesBucketName } from '../../functions/shared/naming.ts';
import type { FleetConfig } from '../config/fleet.ts';
import type { StoreEndpoint } from './store-endpoint.ts';

export interface InstanceRoleProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly fleet: FleetConfig;
  readonly store: StoreEndpoint;
}

/** The servers' role: one of their own, or the named one with what Holdfast's releases need beside what it has. */
export function instanceRole(scope: Construct, { installation, fleetName, fleet, store }: InstanceRoleProps): iam.IRole {
  const named = fleet.existing?.instanceRoleName;
  const role = named
    ? // The name is the fleet's own: two fleets may share a role, and the CDK would name their policies alike.
      iam.Role.fromRoleName(scope, 'InstanceRole', named, { defaultPolicyName: `${installation}-${fleetName}-servers` })
    : new iam.Role(scope, 'InstanceRole', {
        assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
        description: `Servers of ${fleetName}: Systems Manager, their releases, their secret`,
        managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
      });
  const stack = Stack.of(scope);
  const bucketArn = `arn:${stack.partition}:s3:::${releasesBucketName(installation, stack.account, stack.region)}`;
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [`${bucketArn}/${fleetName}/*`] }));
  // aws:downloadContent lists the prefix to tell a file from a folder.
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      conditions: { StringLike: { 's3:prefix': `${fleetName}/*` } },
    }),
  );
  if (store.application) {
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [store.application.secret.secretArn] }),
    );
  }
  return role;
}
