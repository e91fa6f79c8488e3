/** People with one policy of the fleet and no other right. */
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DetachUserPolicyCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { cloudFormation } from './cdk.ts';
import { kept } from './fleet.ts';
import { noteSecrets } from './leaks/noted-secrets.ts';

const iam = new IAMClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });

export interface Person {
  readonly name: string;
  readonly policyArn: string;
  readonly keyId: string;
  /** Makes the command line this person's. */
  readonly env: Record<string, string>;
}

/** @param output of the fleet's stack, with the ARN of the policy */
export async function makePerson(name: string, output: string): Promise<Person> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'holdfast-web-deploy' }));
  const policyArn = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue as string;
  await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: policyArn }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  const keyId = AccessKey?.AccessKeyId as string;
  noteSecrets([{ kind: 'secret access key of a user', value: AccessKey?.SecretAccessKey as string }]);
  const env = { HOLDFAST_LOCAL_ACCESS_KEY_ID: keyId, HOLDFAST_LOCAL_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey as string };
  return { name, policyArn, keyId, env };
}

export async function removePerson({ name, policyArn, keyId }: Person): Promise<void> {
  await iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn: policyArn }));
  await iam.send(new DeleteAccessKeyCommand({ UserName: name, AccessKeyId: keyId }));
  await iam.send(new DeleteUserCommand({ UserName: name }));
}
