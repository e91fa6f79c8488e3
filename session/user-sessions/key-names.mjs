import { createHmac } from 'node:crypto';
import { InvalidOption } from './errors.mjs';

/** A shorter key would be too easy to guess. */
const FEWEST_KEY_CHARACTERS = 32;
const HANDLE_DIGITS = 32;

/**
 * Names of keys, and the handles that a page can show. A user is in the store as a keyed hash: a reader of the store cannot try out
 * e-mail addresses without the key.
 */
export function createNames(prefix, userKey) {
  if (typeof userKey !== 'string' || userKey.length < FEWEST_KEY_CHARACTERS)
    throw new InvalidOption(`userKey must be a text of at least ${FEWEST_KEY_CHARACTERS} characters, the same on every server`);
  const hash = (text) => createHmac('sha256', userKey).update(text).digest('hex');
  return {
    hashOf: (user) => hash(`user:${user}`),
    sessionOf: (id) => prefix + id,
    listOf: (userHash) => `${prefix}user-sessions:${userHash}`,
    endedOf: (id) => `${prefix}ended:${hash(`ended:${id}`)}`,
    handleOf: (id) => hash(`handle:${id}`).slice(0, HANDLE_DIGITS),
  };
}
