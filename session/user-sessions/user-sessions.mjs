import { createHmac } from 'node:crypto';
import { checkClient, checkWhole, InvalidArgument, InvalidOption, NotLoggedIn, SessionEnded } from './errors.mjs';
import { GuardedRedisStore } from './guarded-redis-store.mjs';
import { missingIdOf, recordOf } from './session-records.mjs';
import { readSession } from './stored-session.mjs';

const MOST_SESSIONS = 100;
const MOST_USER_BYTES = 1_024;
const COMMANDS = ['set', 'get', 'del', 'exists', 'lRange', 'lRem', 'multi'];

/** See index.d.mts. */
export function createUserSessions({ client, store, userKey, max = 1 }) {
  checkClient(client, COMMANDS);
  if (!(store instanceof GuardedRedisStore)) throw new InvalidOption('store must be a GuardedRedisStore');
  checkWhole('max', max, { least: 1, most: MOST_SESSIONS });
  const names = createNames(store.prefix, userKey);
  // The list lives as long as the newest session can have a value in the store.
  const list = createUserList({ client, names, lifeSeconds: store.absoluteSeconds + store.idleSeconds });

  async function login(req, user, keep = []) {
    checkUser(user);
    if (!Array.isArray(keep) || keep.some((name) => typeof name !== 'string')) throw new InvalidArgument('keep must be a list of names');
    const previous = recordOf(sessionOf(req)).written ? req.sessionID : undefined;
    const kept = Object.fromEntries(
      keep.filter((name) => name !== 'cookie' && Object.hasOwn(req.session, name)).map((name) => [name, req.session[name]]),
    );
    const userHash = names.hashOf(user);
    store.begin(req).user = userHash;
    Object.assign(req.session, kept);
    try {
      await store.set(req.sessionID, req.session);
      await endSurplus(userHash, await list.push(userHash, req.sessionID), previous);
    } catch (error) {
      // What was not decided must not become a login: the answer has no session, and the store gets rid of it, at the latest by itself.
      delete req.session;
      client.del(names.sessionOf(req.sessionID)).catch(() => {});
      throw error;
    }
  }

  /** @param members the new session first @param previous the session of the same browser before */
  async function endSurplus(userHash, [, ...members], previous) {
    const others = members.filter((id) => id !== previous);
    // With one session there is nothing to choose: each of the others ends, if it has not ended before.
    const living = max > 1 ? await list.living(others) : others;
    const surplus = living.slice(max - 1);
    await Promise.all([list.end(previous === undefined ? [] : [previous]), list.end(surplus, 'newer-login')]);
    const kept = new Set(living.slice(0, max - 1));
    await list.remove(
      userHash,
      members.filter((id) => !kept.has(id)),
    );
  }

  async function logout(req) {
    const { user, written } = recordOf(sessionOf(req));
    const id = req.sessionID;
    // First, so that the end of this answer saves nothing.
    delete req.session;
    if (!written) return;
    await list.end([id]);
    if (user !== undefined) await list.remove(user, [id]);
  }

  async function endOthers(req) {
    const { user, members } = await deciding(req);
    return endMembers(
      user,
      members.filter((id) => id !== req.sessionID),
    );
  }

  async function end(req, handle) {
    const { user, members } = await deciding(req);
    const id = members.find((member) => names.handleOf(member) === handle);
    if (id === undefined) return false;
    if (id === req.sessionID) delete req.session;
    return (await endMembers(user, [id])) === 1;
  }

  /** A session that had ended before the list was read decides over no other; as a member it can be left over. */
  async function deciding(req) {
    const { user } = loggedIn(req);
    const members = await list.members(user);
    const living = members.includes(req.sessionID) ? await list.living([req.sessionID]) : [];
    if (living.length === 0) throw new SessionEnded('the session was ended while the request was being served');
    return { user, members };
  }

  async function endAll(user) {
    checkUser(user);
    const userHash = names.hashOf(user);
    return endMembers(userHash, await list.members(userHash));
  }

  async function endMembers(userHash, ids) {
    const ended = await list.end(ids, 'ended');
    await list.remove(userHash, ids);
    return ended;
  }

  async function listOf(req) {
    const { user } = loggedIn(req);
    const ids = await list.members(user);
    const texts = await Promise.all(ids.map((id) => client.get(names.sessionOf(id))));
    return ids.flatMap((id, at) => {
      if (texts[at] === null) return [];
      const { startedAt } = readSession(texts[at]);
      if (startedAt === undefined || startedAt + store.absoluteSeconds * 1_000 <= Date.now()) return [];
      return [{ handle: names.handleOf(id), startedAt: new Date(startedAt), current: id === req.sessionID }];
    });
  }

  async function whyEnded(req) {
    const missing = missingIdOf(req);
    // An id that was made a moment ago has not ended.
    if (missing === undefined && recordOf(req.session)?.written === false) return undefined;
    const id = missing ?? req.sessionID;
    return typeof id === 'string' ? ((await client.get(names.endedOf(id))) ?? undefined) : undefined;
  }

  return { login, logout, endOthers, end, endAll, list: listOf, whyEnded };
}

/** @throws InvalidArgument */
function checkUser(user) {
  if (typeof user !== 'string' || user === '' || Buffer.byteLength(user) > MOST_USER_BYTES)
    throw new InvalidArgument(`user must be a text of 1 to ${MOST_USER_BYTES} bytes`);
}

/** @throws InvalidOption */
function sessionOf(req) {
  if (recordOf(req?.session) === undefined)
    throw new InvalidOption('the request has no session of this store: express-session with the store comes first, and a log-out last');
  return req.session;
}

/** @throws NotLoggedIn */
function loggedIn(req) {
  const record = recordOf(sessionOf(req));
  if (record.user === undefined) throw new NotLoggedIn('the session of this request has no user: login has not begun it');
  return record;
}

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

/** How long a request with an ended session can learn why. */
const REASON_SECONDS = 300;

/**
 * A user's sessions, newest first, in a list. Each command has one key, so that a cluster takes it; the server decides the order.
 * Members can be left over from a session that timed out, or from a server that died: they count as ended.
 */
export function createUserList({ client, names, lifeSeconds }) {
  /** @returns every member, this one first */
  async function push(userHash, id) {
    const list = names.listOf(userHash);
    const [, members] = await client.multi().lPush(list, id).lRange(list, 0, -1).expire(list, lifeSeconds).exec();
    return members;
  }

  const members = (userHash) => client.lRange(names.listOf(userHash), 0, -1);

  /** Those whose session exists. One without a session never gets one again: a session is stored before it becomes a member. */
  async function living(ids) {
    const exist = await Promise.all(ids.map((id) => client.exists(names.sessionOf(id))));
    return ids.filter((_, at) => exist[at] === 1);
  }

  /** @param reason undefined: a request with the session learns none @returns the number of sessions that lived until now */
  async function end(ids, reason) {
    const deleted = await Promise.all(ids.map((id) => client.del(names.sessionOf(id))));
    const ended = ids.filter((_, at) => deleted[at] === 1);
    if (reason !== undefined) {
      const expiration = { type: 'EX', value: REASON_SECONDS };
      await Promise.all(ended.map((id) => client.set(names.endedOf(id), reason, { expiration })));
    }
    return ended.length;
  }

  /** Call it after the sessions have ended: one that is removed from the list first could live on, and nothing would end it. */
  const remove = (userHash, ids) => Promise.all(ids.map((id) => client.lRem(names.listOf(userHash), 0, id)));

  return { push, members, living, end, remove };
}
