import { createHmac } from 'node:crypto';
import { CriticalActionsUnavailable } from './errors.mjs';

/** A shorter key would be too easy to guess. */
const FEWEST_KEY_CHARACTERS = 32;

/**
 * Hashes users: who reads the table cannot try out e-mail addresses without the key.
 *
 * @param userKey the key, or a function that reads it; it is read once, and again after a failure
 * @returns a user as 64 hex digits
 */
export function createUserHash(userKey) {
  let reading;
  const read = () => {
    reading ??= Promise.resolve(typeof userKey === 'function' ? userKey() : userKey).then(checkKey);
    reading.catch(() => {
      reading = undefined;
    });
    return reading;
  };
  return async (user) =>
    createHmac('sha256', await read())
      .update(`user:${user}`)
      .digest('hex');
}

function checkKey(key) {
  if (typeof key !== 'string' || key.length < FEWEST_KEY_CHARACTERS)
    throw new CriticalActionsUnavailable(`the key that hashes users has fewer than ${FEWEST_KEY_CHARACTERS} characters`);
  return key;
}
