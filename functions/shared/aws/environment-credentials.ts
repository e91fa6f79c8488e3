import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { type Environment, optional, required } from '../environment.ts';

/**
 * The credentials of the function's role, which Lambda sets in its environment for as long as the execution environment lives.
 * @throws MissingEnvironment
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function roleCredentials(environment: Environment): AwsCredentialIdentity {
  return {
    accessKeyId: required(environment, 'AWS_ACCESS_KEY_ID'),
    secretAccessKey: required(environment, 'AWS_SECRET_ACCESS_KEY'),
    sessionToken: optional(environment, 'AWS_SESSION_TOKEN'),
  };
}

/** Takes the place of the SDK's chain of credential providers in the functions' bundles (infra/constructs/bundle-function.ts). */
export const defaultProvider = (): AwsCredentialIdentityProvider => async () => roleCredentials(process.env);
