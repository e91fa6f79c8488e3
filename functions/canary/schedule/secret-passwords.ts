/** Passwords of the two users, from Secrets Manager alone. */
import type { JsonService } from '../../shared/aws/signed/json-service.ts';
import { AwsServiceError } from '../../shared/aws/signed/signed-calls.ts';
import { RecipeFailed } from '../errors.ts';
import { passwordIn } from '../recipe/password-in.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** Reads the passwords. @returns them by the users' names @throws RecipeFailed, whose message contains no password */
export async function secretPasswords(secrets: JsonService, { users }: Recipe): Promise<ReadonlyMap<string, string>> {
  const read = async ({ name, password: { secret = '' } }: Recipe['users']['a']) => {
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
  return new Map(await Promise.all([read(users.a), read(users.b)]));
}
