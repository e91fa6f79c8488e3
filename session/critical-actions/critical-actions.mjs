import { createHmac } from 'node:crypto';
import { PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CriticalActionConflict, CriticalActionError, CriticalActionsUnavailable, InvalidCriticalAction } from './errors.mjs';

const DAY_SECONDS = 86_400;
/** One call, its retries included. A user waits for it while an order is saved. */
const TIMEOUT_MS = 2_000;
/** A user with more than 200 actions in a day is no user; a page of DynamoDB's has 1 MB, or 64 of the largest. */
const MOST_PAGES = 4;
const MOST_OFFERED = 100;

/** See index.d.mts. */
export function createCriticalActions({ client, table, userKey, lifeSeconds = DAY_SECONDS, timeoutMs = TIMEOUT_MS, now = Date.now }) {
  const hashOf = createUserHash(userKey);
  const nowSeconds = () => Math.floor(now() / 1_000);

  /** @throws CriticalActionsUnavailable for whatever is not the caller's own */
  async function within(work) {
    const abortSignal = AbortSignal.timeout(timeoutMs);
    let stop;
    const late = new Promise((_, reject) => {
      stop = () => reject(new Error(`no answer within ${timeoutMs} ms`));
      abortSignal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([work(abortSignal), late]);
    } catch (error) {
      if (error instanceof CriticalActionError || error.name === 'ConditionalCheckFailedException') throw error;
      throw new CriticalActionsUnavailable(`the table of critical actions: ${error.name}`, { cause: error });
    } finally {
      abortSignal.removeEventListener('abort', stop);
    }
  }

  /** @returns the item that was in the way; undefined when the write was made */
  async function write(command, abortSignal) {
    try {
      await client.send(command, { abortSignal });
      return undefined;
    } catch (error) {
      if (error.name !== 'ConditionalCheckFailedException') throw error;
      return error.Item ?? {};
    }
  }

  async function save(user, action) {
    checkUser(user);
    const body = checkAction(action);
    const { id, kind, revision = 1 } = action;
    return within(async (abortSignal) => {
      const hash = await hashOf(user);
      const at = nowSeconds();
      const Item = {
        user: { S: hash },
        action: { S: id },
        kind: { S: kind },
        body: { S: body },
        revision: { N: String(revision) },
        state: { S: 'pending' },
        // The index's key: the first digit, so that writes spread over 16 partitions.
        pending: { S: hash[0] },
        savedAt: { N: String(at) },
        expiresAt: { N: String(at + lifeSeconds) },
      };
      const found = await write(
        new PutItemCommand({
          TableName: table,
          Item,
          // What has expired and is not deleted yet counts as absent.
          ConditionExpression: 'attribute_not_exists(#user) OR #expiresAt <= :now OR (#state = :pending AND #revision < :revision)',
          ExpressionAttributeNames: { '#user': 'user', '#expiresAt': 'expiresAt', '#state': 'state', '#revision': 'revision' },
          ExpressionAttributeValues: { ':now': { N: String(at) }, ':pending': { S: 'pending' }, ':revision': { N: String(revision) } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
        abortSignal,
      );
      if (found === undefined) return 'pending';
      if (found.state?.S === 'finished') return 'finished';
      // The same write again, after an answer that was lost.
      if (Number(found.revision?.N) === revision && found.body?.S === body && found.kind?.S === kind) return 'pending';
      throw new CriticalActionConflict(`the critical action has revision ${found.revision?.N}, and this write has ${revision}`);
    });
  }

  async function finish(user, id) {
    checkUser(user);
    checkId(id);
    return within(async (abortSignal) => {
      const found = await write(
        new UpdateItemCommand({
          TableName: table,
          Key: { user: { S: await hashOf(user) }, action: { S: id } },
          // The item stays until it expires, without its content: the same action, sent again, is not carried out twice.
          UpdateExpression: 'SET #state = :finished REMOVE #pending, #body',
          ConditionExpression: '#state = :pending',
          ExpressionAttributeNames: { '#state': 'state', '#pending': 'pending', '#body': 'body' },
          ExpressionAttributeValues: { ':finished': { S: 'finished' }, ':pending': { S: 'pending' } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
        abortSignal,
      );
      return found === undefined || found.state?.S === 'finished' ? 'finished' : 'absent';
    });
  }

  async function pending(user) {
    checkUser(user);
    return within(async (abortSignal) => {
      const hash = await hashOf(user);
      const found = [];
      let ExclusiveStartKey;
      for (let page = 0; page < MOST_PAGES && (page === 0 || ExclusiveStartKey); page += 1) {
        const reply = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: '#user = :user',
            FilterExpression: '#state = :pending AND #expiresAt > :now',
            ExpressionAttributeNames: { '#user': 'user', '#state': 'state', '#expiresAt': 'expiresAt' },
            ExpressionAttributeValues: { ':user': { S: hash }, ':pending': { S: 'pending' }, ':now': { N: String(nowSeconds()) } },
            ExclusiveStartKey,
          }),
          { abortSignal },
        );
        found.push(...(reply.Items ?? []));
        ExclusiveStartKey = reply.LastEvaluatedKey;
      }
      return found
        .map(readAction)
        .sort((a, b) => a.savedAt - b.savedAt)
        .slice(0, MOST_OFFERED);
    });
  }

  return { save, finish, pending };
}

const readAction = ({ action, kind, body, revision, savedAt }) => ({
  id: action.S,
  kind: kind.S,
  body: JSON.parse(body.S),
  revision: Number(revision.N),
  savedAt: new Date(Number(savedAt.N) * 1_000),
});

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

/** @returns the body as JSON @throws InvalidCriticalAction */
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
