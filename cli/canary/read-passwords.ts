/** Passwords of the users, and of a front, from the environment or from Secrets Manager. */
import { passwordIn } from '../../functions/canary/contract/read-recipe.ts';
import { FRONT, type PasswordSource, passwordSources, type Recipe } from '../../functions/canary/contract/recipe.ts';
import { badInput } from '../failure.ts';

const SECRET_MS = 5_000;

/** Without those of users whose login has no steps. */
const sourcesOf = (recipe: Recipe) => passwordSources(recipe).filter(([name]) => recipe.login !== undefined || name === FRONT);

/** Names of the environment variables with passwords that are not set. */
export const missingVariables = (recipe: Recipe): readonly string[] => [
  ...new Set(
    sourcesOf(recipe).flatMap(([, { environment }]) => (environment === undefined || process.env[environment] ? [] : [environment])),
  ),
];

/** Passwords by the users' names. @throws CommandFailure, which has no password */
export async function readPasswords(recipe: Recipe, region: string | undefined): Promise<ReadonlyMap<string, string>> {
  return new Map(await Promise.all(sourcesOf(recipe).map(async ([name, source]) => [name, await readPassword(source, region)] as const)));
}

async function readPassword({ environment, secret = '' }: PasswordSource, region: string | undefined): Promise<string> {
  if (environment !== undefined) {
    const password = process.env[environment];
    if (password) return password;
    throw badInput('NoPassword', `The environment variable ${environment} is not set. Nothing was sent. Set it to the user's password.`);
  }
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ ...(region !== undefined && { region }), maxAttempts: 2 });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret }), {
      abortSignal: AbortSignal.timeout(SECRET_MS),
    });
    const password = passwordIn(SecretString ?? '');
    if (password) return password;
    throw badInput('NoPassword', `The secret ${secret} has neither text nor a field "password". Nothing was sent.`);
  } finally {
    client.destroy();
  }
}
