import type { AwsCredentialIdentity } from '@smithy/types';
import { ENV } from '../deploy/contract.ts';
import { type Environment, optional, required } from './environment.ts';
import { HoldfastError } from './errors.ts';

/** Who connects. `iam`: an ElastiCache user whose password is a token that the function signs itself. */
export type StoreAuth =
  | { readonly mode: 'none' }
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
  if (mode !== 'none' && mode !== 'iam') throw new InvalidStoreSettings(`${ENV.storeAuth} has to be none or iam: ${mode}`);
  const tls = optional(environment, ENV.storeTls) === 'true';
  if (mode === 'iam' && !tls) throw new InvalidStoreSettings('IAM authentication needs TLS');
  return {
    host: required(environment, ENV.storeHost),
    port,
    tls,
    auth:
      mode === 'none'
        ? { mode }
        : {
            mode,
            userName: required(environment, ENV.storeUser),
            replicationGroupId: required(environment, ENV.storeReplicationGroupId),
            region: required(environment, 'AWS_REGION'),
          },
  };
}

/** The credentials of the function's own role, which Lambda renews in its environment. */
export function functionCredentials(environment: Environment): AwsCredentialIdentity {
  return {
    accessKeyId: required(environment, 'AWS_ACCESS_KEY_ID'),
    secretAccessKey: required(environment, 'AWS_SECRET_ACCESS_KEY'),
    sessionToken: optional(environment, 'AWS_SESSION_TOKEN'),
  };
}
