import { roleCredentials } from '../aws/environment-credentials.ts';
import { type JsonService, jsonService } from '../aws/signed/json-service.ts';
import { serviceUrl } from '../aws/signed/service-url.ts';
import { signedCalls } from '../aws/signed/signed-calls.ts';
import type { Environment } from '../environment.ts';
import { readStorePassword, SECRET_LIMITS, SECRETS_TARGET } from './store-secret.ts';
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
      return passwordLogin(auth.userName, () => readStorePassword(secretsOf(auth.region, environment), auth));
    }
    case 'iam':
      return {
        userName: auth.userName,
        password: () => signStoreToken({ ...auth, credentials: roleCredentials(environment), now: new Date(now()) }),
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

function secretsOf(region: string, environment: Environment): JsonService {
  const service = 'secretsmanager';
  const signing = { service, region, url: serviceUrl(service, region, environment), credentials: roleCredentials(environment) } as const;
  return jsonService(signedCalls(signing, SECRET_LIMITS), SECRETS_TARGET, '1.1');
}
