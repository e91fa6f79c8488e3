import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsCredentialIdentity } from '@smithy/types';
import { type Environment, optional, required } from './environment.ts';
import { readStorePassword, SECRET_CLIENT_OPTIONS } from './store-secret.ts';
import type { StoreAuth } from './store-settings.ts';
import { signStoreToken } from './store-token.ts';

/** How a connection says who it is, whatever the mode. */
export interface StoreLogin {
  readonly userName: string | undefined;
  /** The password for a connection that is made now; undefined when the store wants none. */
  password(): Promise<string | undefined>;
  /** Another password, after the store refused the last one; undefined when there is no other. */
  passwordAfterRefusal(): Promise<string | undefined>;
  /** After how long a connection that stands has to log in again; undefined for one that may stand as it is. */
  readonly renewAfterMs: number | undefined;
}

/**
 * ElastiCache ends an IAM connection after 12 hours unless it logs in again. An hour before leaves time to try more than once.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html#auth-iam-limits
 */
const RENEW_AFTER_MS = 11 * 3_600_000;

/** @param now milliseconds since the epoch */
export function createStoreLogin(auth: StoreAuth, environment: Environment, now: () => number): StoreLogin {
  switch (auth.mode) {
    case 'none':
      return { userName: undefined, password: none, passwordAfterRefusal: none, renewAfterMs: undefined };
    case 'password': {
      const secrets = new SecretsManagerClient({ region: auth.region, ...SECRET_CLIENT_OPTIONS });
      return passwordLogin(auth.userName, () => readStorePassword(secrets, auth));
    }
    case 'iam':
      return {
        userName: auth.userName,
        password: () => signStoreToken({ ...auth, credentials: functionCredentials(environment), now: new Date(now()) }),
        passwordAfterRefusal: none, // another token would say the same
        renewAfterMs: RENEW_AFTER_MS,
      };
  }
}

/** Keeps the password while the store takes it, and reads it again when it was changed meanwhile. */
export function passwordLogin(userName: string | undefined, read: () => Promise<string>): StoreLogin {
  let known: string | undefined;
  return {
    userName,
    password: async () => (known ??= await read()),
    passwordAfterRefusal: async () => {
      const refused = known;
      known = undefined;
      known = await read();
      return known === refused ? undefined : known;
    },
    renewAfterMs: undefined,
  };
}

const none = async (): Promise<undefined> => undefined;

/** The credentials of the function's own role, which Lambda renews in its environment. */
function functionCredentials(environment: Environment): AwsCredentialIdentity {
  return {
    accessKeyId: required(environment, 'AWS_ACCESS_KEY_ID'),
    secretAccessKey: required(environment, 'AWS_SECRET_ACCESS_KEY'),
    sessionToken: optional(environment, 'AWS_SESSION_TOKEN'),
  };
}
