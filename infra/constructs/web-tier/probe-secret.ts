import { CrossStackReferences, aws_iam as iam, ReferenceStrength, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { HoldfastConfig } from '../../config.ts';
import { acknowledge } from '../acknowledge.ts';
import { removalPolicyOf } from '../removal-policy.ts';

export interface ProbeSecretProps {
  readonly config: HoldfastConfig;
  readonly fleetName: string;
  /** The servers' role; undefined where it is neither created nor named. */
  readonly role: iam.IRole | undefined;
}

/** The fleet's secret under which the session of a probe crosses from one server to another. Only servers read it. */
export function probeSecret(scope: Construct, { config, fleetName, role }: ProbeSecretProps): secretsmanager.Secret {
  const own = new Construct(scope, 'SessionProbe');
  const secret = new secretsmanager.Secret(own, 'Secret', {
    description: `Encrypts the sessions of nobody with which deploys of ${fleetName} try both releases`,
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
    removalPolicy: removalPolicyOf(config),
  });
  // The stack of deploys names it: an export would keep a fleet from giving the secret up.
  CrossStackReferences.of(secret).produce(ReferenceStrength.WEAK);
  role?.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] }));
  acknowledge(own, {
    'AwsSolutions-SMG4': 'It protects sessions that hold nothing, for seconds: an old value is worth as much as a new one.',
  });
  return secret;
}
