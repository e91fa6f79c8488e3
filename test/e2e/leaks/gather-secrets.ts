/** Every secret of the kept cloud that a test can know: sessions, passwords, tokens, keys. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { recordKeys } from '../../../functions/records/keys.ts';
import { recordsTableName } from '../../../functions/shared/naming.ts';
import type { Secret } from '../../leaks/find-secrets.ts';
import { SHORTEST } from '../../leaks/forms-of-secret.ts';
import { kept, secrets } from '../fleet.ts';
import { noteSessions } from './note-sessions.ts';
import { notedSecrets } from './noted-secrets.ts';

/** Each value once. */
export async function gatherSecrets(): Promise<readonly Secret[]> {
  await noteSessions();
  const found: readonly Secret[] = [
    ...notedSecrets(),
    { kind: 'token of the owner', value: kept.token },
    { kind: 'secret access key of root', value: kept.credentials.secretAccessKey },
    ...(await inSecretsManager()),
    ...(await ofTheSweep()),
    ...inServerFiles(),
    { kind: 'key of the certificate authority', value: privateKey(path.join(path.dirname(kept.caFile), 'ca.key')) },
  ];
  return [...new Map(found.filter(({ value }) => value.length >= SHORTEST).map((secret) => [secret.value, secret])).values()];
}

async function inSecretsManager(): Promise<readonly Secret[]> {
  const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ MaxResults: 100 }));
  const texts = await Promise.all(
    SecretList.map(async ({ ARN }) => (await secrets.send(new GetSecretValueCommand({ SecretId: ARN }))).SecretString ?? ''),
  );
  return texts.flatMap((text) =>
    Object.entries(parsed(text)).flatMap(([name, value]) =>
      name === 'username' ? [] : [{ kind: `secret "${name}"`, value: String(value) }],
    ),
  );
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { value: text };
  }
}

/** With which the sweep makes of a key what its reports have in place of it. */
async function ofTheSweep(): Promise<readonly Secret[]> {
  const { pk, sk } = recordKeys.sweepSecret();
  const table = new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  const { Item = {} } = await table.send(
    new GetItemCommand({ TableName: recordsTableName('holdfast'), Key: { pk: { S: pk }, sk: { S: sk } } }),
  );
  table.destroy();
  return Object.entries(Item).flatMap(([name, { S }]) =>
    name === 'pk' || name === 'sk' || S === undefined ? [] : [{ kind: 'secret of the sweep', value: S }],
  );
}

/** Secrets in the files of the store's local nodes and of the emulated instances. */
function inServerFiles(): readonly Secret[] {
  const configurations = globSync('elasticache/*/*/server.conf', { cwd: kept.runFolder });
  const passwords = configurations.flatMap((file) =>
    [
      ...readFileSync(path.join(kept.runFolder, file), 'utf8').matchAll(
        /^(?:masterauth|requirepass|sentinel auth-pass \S+) "?([^\s"]+)|^user \S+ on >(\S+)/gm,
      ),
    ].map(([, one, other]) => ({ kind: 'password of a local node', value: one ?? other ?? '' })),
  );
  const sessions = globSync('instances/*/.aws/credentials', { cwd: kept.runFolder }).flatMap((file) =>
    [...readFileSync(path.join(kept.runFolder, file), 'utf8').matchAll(/^aws_(?:secret_access_key|session_token) = (\S+)$/gm)].map(
      ([, value = '']) => ({ kind: "credentials of an instance's role", value }),
    ),
  );
  return [...passwords, ...sessions];
}

/** The first line of the key itself is the same for every key of its kind. */
const privateKey = (file: string): string => readFileSync(file, 'utf8').split('\n')[2] ?? '';
