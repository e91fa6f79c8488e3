import { InvalidCriticalAction } from './errors.mjs';

/** DynamoDB takes items of 400 KB. An order that needs more than this belongs in a table of its own, and its number here. */
export const MOST_BODY_BYTES = 16_384;
const MOST_USER_BYTES = 1_024;
const ID = /^[A-Za-z0-9._:-]{1,128}$/;
const KIND = /^[a-z][a-z0-9-]{0,39}$/;

/** @throws InvalidCriticalAction */
export function checkUser(user) {
  if (typeof user !== 'string' || user === '' || Buffer.byteLength(user) > MOST_USER_BYTES)
    throw new InvalidCriticalAction(`user must be a text of 1 to ${MOST_USER_BYTES} bytes`);
}

/** @throws InvalidCriticalAction */
export function checkId(id) {
  if (typeof id !== 'string' || !ID.test(id)) throw new InvalidCriticalAction('id must be 1 to 128 letters, digits, ".", "_", ":" or "-"');
}

/**
 * @returns the body as JSON
 * @throws InvalidCriticalAction
 */
export function checkAction({ id, kind, body, revision = 1 }) {
  checkId(id);
  if (typeof kind !== 'string' || !KIND.test(kind))
    throw new InvalidCriticalAction('kind must be 1 to 40 lower-case letters, digits or "-", such as order');
  if (!Number.isSafeInteger(revision) || revision < 1) throw new InvalidCriticalAction('revision must be a whole number from 1');
  let text;
  try {
    text = JSON.stringify(body);
  } catch {
    text = undefined;
  }
  if (text === undefined) throw new InvalidCriticalAction('body must be a value that JSON can express');
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BODY_BYTES) throw new InvalidCriticalAction(`body has ${bytes} bytes as JSON, and the maximum is ${MOST_BODY_BYTES}`);
  return text;
}
