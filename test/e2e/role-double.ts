/** A user with exactly what a role may do: its calls are judged as the role's, and do not count as them. */
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import type { PolicyStatement } from '#local-aws/iam/compare-permissions.ts';
import { clientsOf } from './clients-of.ts';
import { kept } from './fleet.ts';
import { noteSecrets } from './leaks/noted-secrets.ts';

const iam = new IAMClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
const PolicyName = 'as-the-role';

export interface RoleDouble {
  readonly clients: ReturnType<typeof clientsOf>;
  /** Whether IAM would allow a call. */
  allows(action: string, resource: string, context?: Readonly<Record<string, string>>): Promise<boolean>;
  remove(): Promise<void>;
}

/** The gateway's own services know sessions, and no user's access key. */
async function sessionOf(credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }) {
  const sts = new STSClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials });
  const { Credentials: { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = {} } = await sts.send(
    new GetSessionTokenCommand({}),
  );
  sts.destroy();
  noteSecrets([{ kind: "secret access key of a user's session", value: SecretAccessKey }]);
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

export async function makeDouble(UserName: string, statements: readonly PolicyStatement[]): Promise<RoleDouble> {
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
  const { AccessKey: { AccessKeyId = '', SecretAccessKey = '' } = {} } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  noteSecrets([{ kind: 'secret access key of a user', value: SecretAccessKey }]);
  const clients = clientsOf(await sessionOf({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey }));
  return {
    clients,
    async allows(action, resource, context = {}) {
      const { EvaluationResults = [] } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          ...{ PolicySourceArn: User?.Arn, ActionNames: [action], ResourceArns: [resource] },
          ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
            ...{ ContextKeyName, ContextKeyValues: [value], ContextKeyType: 'string' },
          })),
        }),
      );
      return EvaluationResults[0]?.EvalDecision === 'allowed';
    },
    async remove() {
      for (const client of Object.values(clients)) client.destroy();
      await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
      await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
      await iam.send(new DeleteUserCommand({ UserName }));
    },
  };
}
