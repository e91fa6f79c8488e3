/**
 * Critical actions outlive a session: orders and payments that a user has begun are in a table, and are offered again after a new
 * login. For Node servers; README.md shows how to use it.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCriticalActions } from './critical-actions.mjs';

export { createCriticalActions } from './critical-actions.mjs';
export { CriticalActionConflict, CriticalActionError, CriticalActionsUnavailable, InvalidCriticalAction } from './errors.mjs';

/** An attempt, so that three of them fit into the time of a call; connections are kept open. */
const CLIENT = { maxAttempts: 3, requestHandler: { connectionTimeout: 500, socketTimeout: 1_000 } };

/**
 * Critical actions by the variables that Holdfast sets for a fleet with `criticalActions`. CRITICAL_ACTIONS_KEY, where it is set, is the key
 * itself.
 *
 * @returns undefined without the table's name
 */
export function criticalActionsFromEnvironment(env = process.env) {
  const { CRITICAL_ACTIONS_TABLE: table, CRITICAL_ACTIONS_KEY: key, CRITICAL_ACTIONS_SECRET_ARN: secretArn } = env;
  if (!table) return undefined;
  if (!key && !secretArn)
    throw new Error('CRITICAL_ACTIONS_TABLE is set, and neither CRITICAL_ACTIONS_SECRET_ARN nor CRITICAL_ACTIONS_KEY');
  return createCriticalActions({ client: new DynamoDBClient(CLIENT), table, userKey: key || (() => readSecret(secretArn)) });
}

async function readSecret(SecretId) {
  const secrets = new SecretsManagerClient(CLIENT);
  try {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    return SecretString;
  } finally {
    secrets.destroy();
  }
}
