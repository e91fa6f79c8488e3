import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsCredentialIdentity } from '@smithy/types';
import { type Environment, optional, required } from '../environment.ts';
import { readStorePassword, SECRET_CLIENT_OPTIONS } from './store-secret.ts';
import type { StoreAuth } from './store-settings.ts';
import { signStoreToken } from './store-token.ts';

/** How a connection authenticates, in any mode. */
export interface StoreLogin {
  readonly userName: string | undefined;
  /** The password for a new connection; undefined when the store requires none. */
  password(): Promise<string | undefined>;
  /** Another password, after the store refused the last one; undefined when there is none. */
  passwordAfterRefusal(): Promise<string | undefined>;
  /** After this time an open connection has to authenticate again; undefined: never. */
  readonly renewAfterMs: number | undefined;
}

/**
 * ElastiCache ends an IAM connection after 12 hours unless it authenticates again. One hour earlier leaves time for retries.
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
        passwordAfterRefusal: none, // another token would be refused as well
        renewAfterMs: RENEW_AFTER_MS,
      };
  }
}

/** Keeps the password while the store accepts it, and reads it again when it has changed. */
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

/** The credentials of the function's role, which Lambda sets in its environment. */
function functionCredentials(environment: Environment): AwsCredentialIdentity {
  return {
    accessKeyId: required(environment, 'AWS_ACCESS_KEY_ID'),
    secretAccessKey: required(environment, 'AWS_SECRET_ACCESS_KEY'),
    sessionToken: optional(environment, 'AWS_SESSION_TOKEN'),
  };
}
