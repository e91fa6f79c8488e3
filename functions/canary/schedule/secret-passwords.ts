/** Passwords of the users, and of a front, from Secrets Manager alone. */
import type { JsonService } from '../../shared/aws/signed/json-service.ts';
import { AwsServiceError } from '../../shared/aws/signed/signed-calls.ts';
import { RecipeFailed } from '../errors.ts';
import { passwordIn } from '../recipe/password-in.ts';
import { type PasswordSource, passwordSources, type Recipe } from '../recipe/recipe.ts';

/** Reads the passwords. @returns them by the users' names @throws RecipeFailed, whose message contains no password */
export async function secretPasswords(secrets: JsonService, recipe: Recipe): Promise<ReadonlyMap<string, string>> {
  const read = async (name: string, { secret = '' }: PasswordSource) => {
    const { SecretString = '' } = await secrets<{ SecretString?: string }>('GetSecretValue', { SecretId: secret }).catch(
      (error: unknown) => {
        if (error instanceof AwsServiceError && error.$metadata.httpStatusCode < 500)
          throw new RecipeFailed(`the secret ${secret} cannot be read (${error.name})`);
        throw error;
      },
    );
    const password = passwordIn(SecretString);
    if (!password) throw new RecipeFailed(`the secret ${secret} has neither text nor a field "password"`);
    return [name, password] as const;
  };
  return new Map(await Promise.all(passwordSources(recipe).map(([name, source]) => read(name, source))));
}
