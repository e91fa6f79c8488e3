/** Passwords of the users, and of a front, from Secrets Manager alone. */
import { GetSecretValueCommand, SecretsManagerClient, type SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { RecipeFailed } from '../contract/errors.ts';
import { passwordIn } from '../contract/read-recipe.ts';
import { type PasswordSource, passwordSources, type Recipe } from '../contract/recipe.ts';

/** {@link secretPasswords}, of a function's own account and Region. */
export const passwordsFrom = (recipe: Recipe): Promise<ReadonlyMap<string, string>> =>
  secretPasswords(new SecretsManagerClient(CLIENT_OPTIONS), recipe);

/** Reads the passwords. @returns them by the users' names @throws RecipeFailed, whose message contains no password */
export async function secretPasswords(secrets: SecretsManagerClient, recipe: Recipe): Promise<ReadonlyMap<string, string>> {
  const read = async (name: string, { secret = '' }: PasswordSource) => {
    const { SecretString = '' } = await secrets
      .send(new GetSecretValueCommand({ SecretId: secret }))
      .catch((error: SecretsManagerServiceException) => {
        if ((error.$metadata?.httpStatusCode ?? 500) < 500) throw new RecipeFailed(`the secret ${secret} cannot be read (${error.name})`);
        throw error;
      });
    const password = passwordIn(SecretString);
    if (!password) throw new RecipeFailed(`the secret ${secret} has neither text nor a field "password"`);
    return [name, password] as const;
  };
  return new Map(await Promise.all(passwordSources(recipe).map(([name, source]) => read(name, source))));
}
