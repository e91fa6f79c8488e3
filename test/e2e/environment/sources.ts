/** What the fleets' variables come from: secrets and parameters of the team, and a database that accepts some passwords and no other. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateSecretCommand, DeleteSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Secret } from '../../leaks/find-secrets.ts';
import { SHORTEST } from '../../leaks/forms-of-secret.ts';
import { secrets, ssm } from '../fleet.ts';
import { noteSecrets } from '../leaks/noted-secrets.ts';

export const DATABASE = 'counter/database';
export const KEY = 'counter/signing-key';
/** As docs/rotate-secrets.md names it. */
const COOKIES = 'shop/session';
const FLAGS = '/counter/flags';
const API_KEY = '/counter/api-key';

/** Literal texts are in the list, which everyone who reads the template sees. */
export interface Texts {
  readonly LOG_LEVEL: string;
  readonly DATABASE_URL: string;
}

export const environmentOf = (texts: Texts) => ({
  ...texts,
  DB_PASSWORD: { secret: DATABASE, key: 'password' },
  SIGNING_KEY: { secret: KEY },
  SESSION_SECRET: { secret: COOKIES },
  FLAGS: { parameter: FLAGS },
  API_KEY: { parameter: API_KEY },
});
type FromSource = Exclude<keyof ReturnType<typeof environmentOf>, keyof Texts>;
export type Variables = Readonly<Record<FromSource | keyof Texts, string>>;

const given = new Map<string, Secret>();

/** All values that were secret at any time; of one with several lines each of them, too. */
export const secretsGiven = (): readonly Secret[] => [...given.values()];

export function remember(name: FromSource, value: string): void {
  const kind = `variable ${name}`;
  for (const part of new Set([value, ...value.split('\n')]))
    if (part.length >= SHORTEST && !part.startsWith('-----')) given.set(part, { kind, value: part });
  noteSecrets(secretsGiven());
}

const putSecret = (SecretId: string, SecretString: string) => secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
const databaseSecret = (password: string): string => JSON.stringify({ username: 'counter', password });

/** Gives one of the sources a new value. */
export async function put(name: FromSource, value: string): Promise<void> {
  if (name !== 'FLAGS') remember(name, value);
  if (name === 'DB_PASSWORD') await putSecret(DATABASE, databaseSecret(value));
  if (name === 'SIGNING_KEY') await putSecret(KEY, value);
  if (name === 'SESSION_SECRET') await putSecret(COOKIES, value);
  if (name === 'FLAGS') await ssm.send(new PutParameterCommand({ Name: FLAGS, Value: value, Type: 'String', Overwrite: true }));
  if (name === 'API_KEY') await ssm.send(new PutParameterCommand({ Name: API_KEY, Value: value, Type: 'SecureString', Overwrite: true }));
}

export async function createSources(values: Omit<Variables, keyof Texts>): Promise<void> {
  for (const Name of [DATABASE, KEY, COOKIES]) await secrets.send(new CreateSecretCommand({ Name, SecretString: 'not yet given' }));
  for (const [name, value] of Object.entries(values)) await put(name as FromSource, value);
}

export async function removeSources(): Promise<void> {
  for (const SecretId of [DATABASE, KEY, COOKIES])
    await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })).catch(() => {});
  for (const Name of [FLAGS, API_KEY]) await ssm.send(new DeleteParameterCommand({ Name })).catch(() => {});
}

export interface Database {
  readonly url: string;
  /** The passwords that it takes from now on. */
  accept(...passwords: readonly string[]): void;
  close(): void;
}

export async function openDatabase(): Promise<Database> {
  let accepted: readonly string[] = [];
  const server = createServer((request, response) => {
    response.statusCode = accepted.includes(request.headers.authorization ?? '') ? 200 : 403;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    accept: (...passwords) => {
      accepted = passwords;
    },
    close: () => void server.close(),
  };
}

/** What servers show in place of values. */
export const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex');
export const hashesOf = (values: Variables): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hashOf(value)]));
