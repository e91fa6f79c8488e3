import { aws_iam as iam, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { sessionManagerOf } from '../../config/app-kind.ts';
import type { FleetConfig } from '../../config/fleet.ts';
import type { HoldfastConfig } from '../../config.ts';
import { acknowledge } from '../acknowledge.ts';
import { removalPolicyOf } from '../removal-policy.ts';

/** The secret from which the servers of a Tomcat cluster make the key of their messages; undefined for other fleets. */
export function clusterSecret(
  scope: Construct,
  config: HoldfastConfig,
  fleetName: string,
  { app, strategy }: FleetConfig,
): secretsmanager.Secret | undefined {
  if (app === undefined || sessionManagerOf(app, strategy) !== 'cluster') return undefined;
  const secret = new secretsmanager.Secret(scope, 'ClusterSecret', {
    description: `Encrypts the copies of sessions between the servers of ${fleetName}`,
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
    removalPolicy: removalPolicyOf(config),
  });
  acknowledge(secret, {
    'AwsSolutions-SMG4': 'A server with another key reads no copies: the key can change only while no server runs.',
  });
  return secret;
}

/** Lets a role read the secret's value, and nothing else about the secret. */
export const grantClusterSecret = (role: iam.IRole, { secretArn }: secretsmanager.ISecret): void => {
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }));
};
