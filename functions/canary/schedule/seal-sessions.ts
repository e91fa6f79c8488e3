/**
 * The kept sessions as they are stored: encrypted under a key that only a reader of the two passwords can derive, so that the right to read
 * parameters is not enough to have the sessions. Pure, but for the random numbers.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import { RecipeFailed } from '../contract/errors.ts';
import type { Kept } from '../kept/judge-kept.ts';
import type { KeptStore } from './scheduled-turn.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Says how the rest was made. */
const PREFIX = 'v2.';
/**
 * What one guess at the two passwords costs: 16 MB, and more than a second in the function, which derives the key once an hour.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
 */
export const KEY_COST = { N: 16_384, r: 8, p: 5 } as const;

/** @param passwords of A and B, in this order @param name of the parameter: another fleet with the same users has another key @param cost of scrypt */
export function sessionsKey(
  passwords: readonly string[],
  name: string,
  cost: Readonly<Record<keyof typeof KEY_COST, number>> = KEY_COST,
): Buffer {
  // JSON keeps the passwords apart: joined without it, the end of one could be the beginning of the next.
  return scryptSync(JSON.stringify(passwords), `holdfast canary sessions ${name}`, KEY_BYTES, cost);
}

/** @returns text that is about as long as the sessions' JSON */
export function sealSessions(kept: Kept, key: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  // Base64 makes it longer by a third, and a parameter's length is limited.
  const sealed = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(kept))), cipher.final()]);
  return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @returns undefined for what was not sealed with this key, or was changed since: an error of the cipher or the parser could quote it */
export function openSessions(text: string, key: Buffer): Kept | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  const [tagAt, sealedAt] = [NONCE_BYTES, NONCE_BYTES + TAG_BYTES];
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, tagAt), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(tagAt, sealedAt));
    const plain = Buffer.concat([decipher.update(bytes.subarray(sealedAt)), decipher.final()]);
    return JSON.parse(inflateRawSync(plain).toString('utf8')) as Kept;
  } catch {
    return undefined;
  }
}

/** The kept sessions in a SecureString of Parameter Store, which CloudFormation cannot create: the first write does. */

/** Value of the parameter while it holds no session: a parameter's value cannot be empty. */
const NONE = 'none';
/** Longest value of an advanced parameter. @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const MOST_BYTES = 8_192;

/**
 * What somebody else wrote there, or was sealed with other passwords, are no sessions.
 * @param name of the parameter @param key may throw RecipeFailed, when a password cannot be read
 */
export function keptParameter(ssm: SSMClient, name: string, key: () => Promise<Buffer>): KeptStore {
  return {
    async read() {
      const answer = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true })).catch((error: unknown) => {
        if (isAwsError(error, 'ParameterNotFound')) return { Parameter: { Value: NONE } };
        throw error;
      });
      const value = answer.Parameter?.Value ?? NONE;
      return value === NONE ? undefined : openSessions(value, await key());
    },
    async write(kept) {
      // Cookies of 4 KB each need the larger kind of parameter, which then costs five cents a month.
      const Tier = 'Intelligent-Tiering';
      const Value = kept ? sealSessions(kept, await key()) : NONE;
      if (Value.length > MOST_BYTES)
        throw new RecipeFailed(`the kept sessions of both users take ${Value.length} bytes, and a parameter has room for ${MOST_BYTES}`);
      await ssm.send(new PutParameterCommand({ Name: name, Type: 'SecureString', Tier, Overwrite: true, Value }));
    },
  };
}
