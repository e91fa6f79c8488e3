import { type Environment, optional, required } from '../environment.ts';
import { HoldfastError } from '../errors.ts';
import * as z from '../schema.ts';

/** Environment of functions that connect to the session store. */
export const STORE_ENV = {
  storeHost: 'HOLDFAST_STORE_HOST',
  storePort: 'HOLDFAST_STORE_PORT',
  storeTls: 'HOLDFAST_STORE_TLS',
  storeAuth: 'HOLDFAST_STORE_AUTH',
  storeUser: 'HOLDFAST_STORE_USER',
  /** Secret with the store's password, for the authentication mode `password` only. */
  storeSecretArn: 'HOLDFAST_STORE_SECRET_ARN',
  storeReplicationGroupId: 'HOLDFAST_STORE_REPLICATION_GROUP_ID',
} as const;

const AUTH_MODES = ['none', 'password', 'iam'] as const;
type AuthMode = (typeof AUTH_MODES)[number];

/**
 * How a connection authenticates.
 *
 * - `none`: not at all.
 * - `password`: with the password in a secret; without a user name, as the user `default`, which is the only one of a group
 *   with an AUTH token.
 * - `iam`: as an ElastiCache user, whose password is a token that the function signs itself.
 */
export type StoreAuth =
  | { readonly mode: 'none' }
  | { readonly mode: 'password'; readonly userName: string | undefined; readonly secretArn: string; readonly region: string }
  | { readonly mode: 'iam'; readonly userName: string; readonly replicationGroupId: string; readonly region: string };

/** How to connect to the session store. */
export interface StoreSettings {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly auth: StoreAuth;
}

class InvalidStoreSettings extends HoldfastError {
  override readonly name = 'InvalidStoreSettings';
}

/** @throws MissingEnvironment, InvalidStoreSettings */
export function readStoreSettings(environment: Environment): StoreSettings {
  const port = Number(optional(environment, STORE_ENV.storePort) ?? 6379);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new InvalidStoreSettings(`${STORE_ENV.storePort} is not a valid port: ${environment[STORE_ENV.storePort]}`);
  const mode = optional(environment, STORE_ENV.storeAuth) ?? 'none';
  if (!isAuthMode(mode)) throw new InvalidStoreSettings(`${STORE_ENV.storeAuth} is ${mode}, but has to be one of ${AUTH_MODES.join(', ')}`);
  const tls = optional(environment, STORE_ENV.storeTls) === 'true';
  // ElastiCache supports users and tokens with encryption in transit only, and a password must not cross a network unencrypted.
  if (mode !== 'none' && !tls)
    throw new InvalidStoreSettings(`${STORE_ENV.storeAuth} is ${mode}, which requires TLS: ${STORE_ENV.storeTls} has to be true`);
  return { host: required(environment, STORE_ENV.storeHost), port, tls, auth: readAuth(mode, environment) };
}

function readAuth(mode: AuthMode, environment: Environment): StoreAuth {
  switch (mode) {
    case 'none':
      return { mode };
    case 'password':
      return {
        mode,
        userName: optional(environment, STORE_ENV.storeUser),
        secretArn: required(environment, STORE_ENV.storeSecretArn),
        region: required(environment, 'AWS_REGION'),
      };
    case 'iam':
      return {
        mode,
        userName: required(environment, STORE_ENV.storeUser),
        replicationGroupId: required(environment, STORE_ENV.storeReplicationGroupId),
        region: required(environment, 'AWS_REGION'),
      };
  }
}

function isAuthMode(text: string): text is AuthMode {
  return (AUTH_MODES as readonly string[]).includes(text);
}

/** Databases that ElastiCache gives a store without a parameter group that says otherwise, as every engine does. */
export const DEFAULT_DATABASES = 16;
/** ElastiCache's maximum of the parameter `databases`. In cluster mode and in a serverless cache there is only database 0. */
const MAX_DATABASES = 10_000;
/** A sweep has a branch per database and primary. */
const MAX_SWEPT = 100;

/** The numbers of the databases that Holdfast repairs keys in, and whose keys without a TTL alarm: `store.databases`. */
export const sweptDatabases = z._default(
  z.array(z.whole(0, MAX_DATABASES - 1)).check(
    z.minLength(1),
    z.maxLength(MAX_SWEPT),
    z.refine((numbers: number[]) => new Set(numbers).size === numbers.length, { error: 'contains a database twice' }),
  ),
  [0],
);
