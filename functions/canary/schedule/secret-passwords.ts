/** Passwords of the users, and of a front, from Secrets Manager alone. */
import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { type JsonService, jsonService } from '../../shared/aws/signed/json-service.ts';
import { serviceUrl } from '../../shared/aws/signed/service-url.ts';
import { AwsServiceError, CALL_LIMITS, signedCalls } from '../../shared/aws/signed/signed-calls.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { RecipeFailed } from '../contract/errors.ts';
import { passwordIn } from '../contract/read-recipe.ts';
import { type PasswordSource, passwordSources, type Recipe } from '../contract/recipe.ts';

/** {@link secretPasswords}, of a function's own account and Region. */
export function passwordsFrom(environment: Environment, recipe: Recipe): Promise<ReadonlyMap<string, string>> {
  const service = 'secretsmanager';
  const region = required(environment, 'AWS_REGION');
  const signing = { service, region, url: serviceUrl(service, region, environment), credentials: roleCredentials(environment) } as const;
  return secretPasswords(jsonService(signedCalls(signing, CALL_LIMITS), service, '1.1'), recipe);
}

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
