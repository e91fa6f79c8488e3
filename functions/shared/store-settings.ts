import { ENV } from '../deploy/contract.ts';
import { type Environment, optional, required } from './environment.ts';
import { HoldfastError } from './errors.ts';

const AUTH_MODES = ['none', 'password', 'iam'] as const;
type AuthMode = (typeof AUTH_MODES)[number];

/**
 * Who connects.
 *
 * - `none`: anybody may.
 * - `password`: the password is in a secret; without a user name it is that of the user `default`, as a group with an AUTH
 *   token has no other.
 * - `iam`: an ElastiCache user whose password is a token that the function signs itself.
 */
export type StoreAuth =
  | { readonly mode: 'none' }
  | { readonly mode: 'password'; readonly userName: string | undefined; readonly secretArn: string; readonly region: string }
  | { readonly mode: 'iam'; readonly userName: string; readonly replicationGroupId: string; readonly region: string };

/** Where the session store is, and how to connect to it. */
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
  const port = Number(optional(environment, ENV.storePort) ?? 6379);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new InvalidStoreSettings(`${ENV.storePort} is no port: ${environment[ENV.storePort]}`);
  const mode = optional(environment, ENV.storeAuth) ?? 'none';
  if (!isAuthMode(mode)) throw new InvalidStoreSettings(`${ENV.storeAuth} has to be one of ${AUTH_MODES.join(', ')}: ${mode}`);
  const tls = optional(environment, ENV.storeTls) === 'true';
  // ElastiCache has users and tokens with encryption in transit only, and a password must not cross a network in the clear.
  if (mode !== 'none' && !tls) throw new InvalidStoreSettings(`${ENV.storeAuth} ${mode} needs TLS: ${ENV.storeTls} has to be true`);
  return { host: required(environment, ENV.storeHost), port, tls, auth: readAuth(mode, environment) };
}

function readAuth(mode: AuthMode, environment: Environment): StoreAuth {
  switch (mode) {
    case 'none':
      return { mode };
    case 'password':
      return {
        mode,
        userName: optional(environment, ENV.storeUser),
        secretArn: required(environment, ENV.storeSecretArn),
        region: required(environment, 'AWS_REGION'),
      };
    case 'iam':
      return {
        mode,
        userName: required(environment, ENV.storeUser),
        replicationGroupId: required(environment, ENV.storeReplicationGroupId),
        region: required(environment, 'AWS_REGION'),
      };
  }
}

function isAuthMode(text: string): text is AuthMode {
  return (AUTH_MODES as readonly string[]).includes(text);
}
