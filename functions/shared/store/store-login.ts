import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { CLIENT_OPTIONS } from '../aws/client-options.ts';
import { roleCredentials } from '../aws/environment-credentials.ts';
import type { Environment } from '../environment.ts';
import { describeError, HoldfastError } from '../errors.ts';
import { encodeUri } from '../urls.ts';
import type { StoreAuth } from './store-settings.ts';

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
      const secrets = new SecretsManagerClient({ ...SECRET_CLIENT_OPTIONS, region: auth.region });
      return passwordLogin(auth.userName, () => readStorePassword(secrets, auth));
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

export interface StoreTokenRequest {
  readonly replicationGroupId: string;
  readonly userName: string;
  readonly region: string;
  readonly credentials: AwsCredentialIdentity;
  /** When the token is signed. */
  readonly now: Date;
}

/** The longest that ElastiCache takes. */
const TOKEN_LIFE_SECONDS = 900;

/**
 * The password of an ElastiCache IAM user: a presigned `connect` request over the replication group's id, without its
 * scheme. Signed locally: no call leaves the function.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
export async function signStoreToken({ replicationGroupId, userName, region, credentials, now }: StoreTokenRequest): Promise<string> {
  const hostname = replicationGroupId.toLowerCase();
  const signer = new SignatureV4({ service: 'elasticache', region, credentials, sha256: Sha256 });
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/',
    query: { Action: 'connect', User: userName },
    headers: { host: hostname },
  };
  const signed = await signer.presign(request, { signingDate: now, expiresIn: TOKEN_LIFE_SECONDS });
  const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${encodeUri(name)}=${encodeUri(String(value))}`);
  return `${hostname}/?${query.join('&')}`;
}

/** Secrets Manager does not answer: most likely the function's subnets have no route to it. */
export class StoreSecretUnreachable extends HoldfastError {
  static readonly errorName = 'StoreSecretUnreachable';
  override readonly name = StoreSecretUnreachable.errorName;
  constructor(secretArn: string, region: string, cause: unknown) {
    super(
      `the session store's password could not be read: Secrets Manager does not answer (${describeError(cause)}). ` +
        `A function inside a VPC needs an interface endpoint for com.amazonaws.${region}.secretsmanager with private DNS, or a NAT gateway, ` +
        `and security groups that allow HTTPS to it. Nothing was changed. Secret: ${secretArn}`,
      { cause },
    );
  }
}

/** Secrets Manager answered, but not with a password. */
export class StoreSecretUnusable extends HoldfastError {
  static readonly errorName = 'StoreSecretUnusable';
  override readonly name = StoreSecretUnusable.errorName;
  constructor(secretArn: string, why: string, cause?: unknown) {
    super(`the session store's password could not be read from the secret ${secretArn}: ${why}. Nothing was changed`, { cause });
  }
}

/**
 * Time limits of the client that reads the secret: 2 attempts of 3 s, some 6 s. At worst the password is read twice and
 * the connection attempted twice, 2 × (6 s + 6 × 3 s + 3 s) = 54 s (store-connection.ts), below the functions' limit of 60 s.
 */
export const SECRET_CLIENT_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { ...CLIENT_OPTIONS.requestHandler, requestTimeout: 3_000 },
} as const;

/**
 * The store's password: the field `password` of a JSON secret, or a whole plain-text secret.
 * @throws StoreSecretUnreachable, StoreSecretUnusable; no message contains the secret
 */
export async function readStorePassword(
  secrets: SecretsManagerClient,
  { secretArn, region }: { readonly secretArn: string; readonly region: string },
): Promise<string> {
  const text = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn })).then(
    ({ SecretString }) => SecretString,
    (error: unknown) => {
      if (isAnswered(error)) throw new StoreSecretUnusable(secretArn, describeError(error), error);
      throw new StoreSecretUnreachable(secretArn, region, error);
    },
  );
  const password = text?.trimStart().startsWith('{') ? passwordField(text) : text;
  if (!password) throw new StoreSecretUnusable(secretArn, 'it contains neither text nor a JSON object with a field "password"');
  return password;
}

/** True when the service answered. */
function isAnswered(error: unknown): boolean {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode !== undefined;
}

function passwordField(json: string): string | undefined {
  try {
    const { password } = JSON.parse(json) as { password?: unknown };
    return typeof password === 'string' ? password : undefined;
  } catch {
    return undefined; // broken JSON could be an AUTH token, and must not be guessed at
  }
}
