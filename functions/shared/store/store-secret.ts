import type { JsonService } from '../aws/signed/json-service.ts';
import type { Limits } from '../aws/signed/signed-calls.ts';
import { describeError, HoldfastError } from '../errors.ts';

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
export const SECRET_LIMITS: Limits = { maxAttempts: 2, attemptMs: 3_000 };

/** In X-Amz-Target. */
export const SECRETS_TARGET = 'secretsmanager';

/**
 * The store's password: the field `password` of a JSON secret, or a whole plain-text secret.
 * @throws StoreSecretUnreachable, StoreSecretUnusable; no message contains the secret
 */
export async function readStorePassword(
  secrets: JsonService,
  { secretArn, region }: { readonly secretArn: string; readonly region: string },
): Promise<string> {
  const text = await secrets<{ SecretString?: string }>('GetSecretValue', { SecretId: secretArn }).then(
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
