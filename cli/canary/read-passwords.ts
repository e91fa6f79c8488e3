/** Passwords of the two users, from the environment or from Secrets Manager. */
import { passwordIn } from '../../functions/canary/recipe/password-in.ts';
import type { PasswordSource, Recipe } from '../../functions/canary/recipe/recipe.ts';
import { CommandFailure, EXIT } from '../failure.ts';

const SECRET_MS = 5_000;

/** Passwords by the users' names; empty for a recipe whose login has no steps. @throws CommandFailure, which has no password */
export async function readPasswords({ users, login }: Recipe, region: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (login === undefined) return new Map();
  const read = async ({ name, password }: Recipe['users']['a']) => [name, await readPassword(password, region)] as const;
  return new Map(await Promise.all([read(users.a), read(users.b)]));
}

async function readPassword({ environment, secret = '' }: PasswordSource, region: string | undefined): Promise<string> {
  if (environment !== undefined) {
    const password = process.env[environment];
    if (password) return password;
    throw new CommandFailure(
      'NoPassword',
      `The environment variable ${environment} is not set. Nothing was sent. Set it to the user's password.`,
      EXIT.badInput,
    );
  }
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ ...(region !== undefined && { region }), maxAttempts: 2 });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret }), {
      abortSignal: AbortSignal.timeout(SECRET_MS),
    });
    const password = passwordIn(SecretString ?? '');
    if (password) return password;
    throw new CommandFailure(
      'NoPassword',
      `The secret ${secret} has neither text nor a field "password". Nothing was sent.`,
      EXIT.badInput,
    );
  } finally {
    client.destroy();
  }
}
