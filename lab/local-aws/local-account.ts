/** The account that every local resource belongs to, and its root. No AWS account has this id. */
import { randomBytes } from 'node:crypto';

export const LOCAL_ACCOUNT_ID = '000000000000';

/** An access key of the local cloud. */
export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Root's credentials of one run: the secret allows everything in that local cloud, and nothing elsewhere. */
export const createRootCredentials = (): LocalCredentials => ({
  accessKeyId: LOCAL_ACCOUNT_ID,
  secretAccessKey: randomBytes(30).toString('base64url'),
});
