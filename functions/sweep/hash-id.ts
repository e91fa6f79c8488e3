import { createHash, createHmac } from 'node:crypto';

/**
 * How keys are named outside the store: by a keyed hash, since names of users stand in some of them and could be guessed from
 * a plain one. The same key has the same name in every report of the installation.
 */
export type HashId = (key: Buffer) => string;

export const createHashId =
  (secret: string): HashId =>
  (key) =>
    createHmac('sha256', secret).update(key).digest('hex').slice(0, 16);

/** From 0 to below 1, the same for a key whenever it is asked: a dry run tells the very TTL that the sweep then sets. */
export const shareOf = (key: Buffer): number => createHash('sha1').update(key).digest().readUInt32BE(0) / 2 ** 32;
