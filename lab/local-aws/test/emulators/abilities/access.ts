/** IAM. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Ability } from './ability.ts';
import { makeRole, must, mustRefuse, name, tableSettings } from './calls.ts';

export const ACCESS: readonly Ability[] = [
  {
    service: 'IAM',
    what: 'refuses a call that the caller’s role does not allow',
    async show(config) {
      const role = await makeRole(config, 'dynamodb:PutItem');
      const { Credentials } = await new STSClient(config).send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'someone' }));
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
      const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
      const table = new CreateTableCommand(tableSettings(name()));
      await mustRefuse(/^AccessDenied/, new DynamoDBClient({ ...config, credentials }).send(table));
    },
  },
  {
    service: 'IAM',
    what: 'simulates a role’s policies',
    async show(config) {
      const { arn } = await makeRole(config, 'dynamodb:PutItem');
      const simulate = new SimulatePrincipalPolicyCommand({ PolicySourceArn: arn, ActionNames: ['dynamodb:PutItem', 'dynamodb:GetItem'] });
      const { EvaluationResults = [] } = await new IAMClient(config).send(simulate);
      const decisions = EvaluationResults.map(({ EvalDecision }) => EvalDecision).join(' ');
      must(decisions === 'allowed implicitDeny', `it says ${decisions}`);
    },
  },
];
