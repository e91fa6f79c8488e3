import { createHash, createHmac } from 'node:crypto';

/**
 * A key's id outside the store: a keyed hash, because some keys contain user names, which could be guessed from a plain hash.
 * A key has the same id in every report of the installation.
 */
export type HashId = (key: Buffer) => string;

export const createHashId =
  (secret: string): HashId =>
  (key) =>
    createHmac('sha256', secret).update(key).digest('hex').slice(0, 16);

/** From 0 to below 1, always the same for a key: a dry run reports the exact TTL that a sweep sets. */
export const shareOf = (key: Buffer): number => createHash('sha1').update(key).digest().readUInt32BE(0) / 2 ** 32;
