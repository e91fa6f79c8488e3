/** Passwords of the users, and of a front, from the environment or from Secrets Manager. */
import { passwordIn } from '../../functions/canary/recipe/password-in.ts';
import { FRONT, type PasswordSource, passwordSources, type Recipe } from '../../functions/canary/recipe/recipe.ts';
import { CommandFailure, EXIT } from '../failure.ts';

const SECRET_MS = 5_000;

/** Passwords by the users' names, without those of users whose login has no steps. @throws CommandFailure, which has no password */
export async function readPasswords(recipe: Recipe, region: string | undefined): Promise<ReadonlyMap<string, string>> {
  const sources = passwordSources(recipe).filter(([name]) => recipe.login !== undefined || name === FRONT);
  return new Map(await Promise.all(sources.map(async ([name, source]) => [name, await readPassword(source, region)] as const)));
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
