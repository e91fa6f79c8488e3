/** The list of the variables of a fleet's application, and what its servers may read because of it. */
import { aws_iam as iam, type Stack, aws_ssm as ssm } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { environmentParameterName } from '../../functions/shared/naming.ts';
import { environmentArns, environmentList, GENERATED_END, hasVariables } from '../config/environment.ts';
import type { FleetConfig } from '../config/fleet.ts';
import { accountOf } from './acknowledge.ts';

interface Named {
  readonly installation: string;
  readonly fleetName: string;
  readonly fleet: FleetConfig;
}

/** Undefined for a fleet without variables. */
export function environmentParameter(scope: Construct, { installation, fleetName, fleet }: Named): ssm.CfnParameter | undefined {
  if (!hasVariables(fleet)) return undefined;
  const name = environmentParameterName(installation, fleetName);
  return new ssm.CfnParameter(scope, 'Environment', {
    name,
    type: 'String',
    description: `Variables of the application of ${fleetName}, and which secrets and parameters they come from`,
    value: environmentList(fleet.environment ?? {}),
  });
}

/** What the list names, and the list itself among the parameters. */
export const arnsOf = (stack: Stack, { installation, fleetName, fleet }: Named) =>
  environmentArns(
    fleet.environment,
    environmentParameterName(installation, fleetName),
    (service) => `arn:${stack.partition}:${service}:${stack.region}:${stack.account}`,
  );

/**
 * Reading exactly these, and decrypting them whatever key their owner chose: Secrets Manager and Parameter Store name what they decrypt.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */
export function environmentStatements(stack: Stack, named: Named): iam.PolicyStatement[] {
  const { parameters, secrets } = arnsOf(stack, named);
  const decrypt = (service: string, context: string, arns: string[]) =>
    new iam.PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [stack.formatArn({ service: 'kms', account: '*', resource: 'key', resourceName: '*' })],
      conditions: {
        StringEquals: { 'kms:ViaService': `${service}.${stack.region}.${stack.urlSuffix}` },
        StringLike: { [`kms:EncryptionContext:${context}`]: arns },
      },
    });
  const read = (action: string, service: string, context: string, arns: string[]) =>
    arns.length === 0 ? [] : [new iam.PolicyStatement({ actions: [action], resources: arns }), decrypt(service, context, arns)];
  return [
    ...read('ssm:GetParameter', 'ssm', 'PARAMETER_ARN', parameters),
    ...read('secretsmanager:GetSecretValue', 'secretsmanager', 'SecretARN', secrets),
  ];
}

/** Findings of cdk-nag on these statements. */
export function environmentReasons(stack: Stack, named: Named): Record<string, string> {
  const { secrets } = arnsOf(stack, named);
  const place = (account: string) => `${stack.region}:${account}`;
  const generated = secrets
    .filter((arn) => arn.endsWith(GENERATED_END))
    .map((arn) => [
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:${place(accountOf(stack))}:secret:${arn.split(':secret:')[1]}]`,
      "AWS generates the end of a secret's ARN: the wildcard replaces it.",
    ]);
  if (!hasVariables(named.fleet)) return {};
  return Object.fromEntries([
    ...generated,
    [
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:kms:${place('*')}:key/*]`,
      "Only to read the fleet's secrets and parameters, whose keys their owners choose: the conditions name both.",
    ],
  ]);
}
