import { RedisStore } from 'connect-redis';
import { checkClient, checkWhole, InvalidArgument, InvalidOption, SessionEnded, UserSessionsError } from './errors.mjs';
import { hadSession, keepMissingId, keepRecord, noteEnd, recordOf } from './session-records.mjs';
import { checkSize, contentOf, hasCookieOf, makeDifferent, readSession, SeenOptions, writeSession } from './stored-session.mjs';

const DAY_SECONDS = 86_400;
const LONGEST_SECONDS = 400 * DAY_SECONDS;
const DEFAULT_MAX_BYTES = 65_536;
/** What one string of Redis can hold. */
const MOST_BYTES = 512 * 1_024 * 1_024;
const COMMANDS = ['getEx', 'set', 'del'];

/** See index.d.mts. */
export class GuardedRedisStore extends RedisStore {
  #generate;
  /** While express-session's callback runs: the id without a session, which it replaces by a new one. */
  #missing;
  #options = new SeenOptions();

  constructor({ client, prefix, idleSeconds, absoluteSeconds, maxBytes = DEFAULT_MAX_BYTES }) {
    checkClient(client, COMMANDS);
    if (typeof prefix !== 'string' || !/^[^\s]*[^\s:]:$/.test(prefix))
      throw new InvalidOption(`prefix is ${JSON.stringify(prefix)}; it must end in a colon, as in "sess:shop:"`);
    checkWhole('idleSeconds', idleSeconds, { least: 1, most: LONGEST_SECONDS });
    checkWhole('absoluteSeconds', absoluteSeconds, { least: idleSeconds, most: LONGEST_SECONDS });
    checkWhole('maxBytes', maxBytes, { least: 256, most: MOST_BYTES });
    super({ client, prefix, ttl: idleSeconds });
    this.idleSeconds = idleSeconds;
    this.absoluteSeconds = absoluteSeconds;
    this.maxBytes = maxBytes;
  }

  /** One command reads the session and renews its time. */
  get(id, done) {
    const passOn =
      done &&
      ((error, data) => {
        this.#missing = error || data ? undefined : id;
        try {
          done(error && notMissing(error), data);
        } finally {
          this.#missing = undefined;
        }
      });
    return settle(this.#read(id), passOn);
  }

  async #read(id) {
    this.#options.check();
    if (!isId(id)) return null;
    const text = await this.client.getEx(this.prefix + id, { type: 'EX', value: this.idleSeconds });
    if (text === null) return null;
    const { data, startedAt, user } = readSession(text);
    if (startedAt !== undefined && this.#remainingSeconds(startedAt) <= 0) {
      await this.client.del(this.prefix + id);
      return null;
    }
    keepRecord(data, { startedAt, user, written: true, text, from: 'store' });
    return data;
  }

  /** A new session is created, any other has to exist: a save that comes late never brings an ended session back. */
  set(id, session, done) {
    return settle(this.#write(id, session), done);
  }

  async #write(id, session) {
    const record = recordOf(session);
    if (record === undefined) throw new InvalidArgument('the session is not one that this store has begun or read');
    if (!isId(id)) throw new InvalidOption('genid gives ids with a colon, which separates the names of keys');
    if (record.isTaken) this.#refuseTaken();
    const isItsOwn = record.answer?.isEnding === true;
    const isUnchanged = record.text !== undefined && contentOf(readSession(record.text).data) === contentOf(session);
    if (isItsOwn) this.#options.seeSave(session, record, isUnchanged);
    else record.savedBefore = true;
    if (record.startedAt !== undefined && isUnchanged && (isItsOwn || hasCookieOf(record.text, session))) return;
    const startedAt = record.startedAt ?? Date.now();
    const text = writeSession(session, { ...record, startedAt });
    // A session that another store has written was not made larger by this request.
    if (!isUnchanged) checkSize(text, session, this.maxBytes);
    const seconds = Math.min(this.idleSeconds, this.#remainingSeconds(startedAt));
    if (seconds <= 0) return this.#endedWhile(isItsOwn);
    const condition = record.written ? 'XX' : 'NX';
    // Before the answer: if that is lost, the session may have been created, and ended since. Until it comes, nobody knows what is stored.
    const number = (record.saves ?? 0) + 1;
    Object.assign(record, { written: true, text: undefined, saves: number });
    const reply = await this.client.set(this.prefix + id, text, { condition, expiration: { type: 'EX', value: seconds } });
    if (reply !== null) Object.assign(record, { startedAt, text: record.saves === number ? text : undefined });
    else if (condition === 'XX') this.#endedWhile(isItsOwn);
    else {
      record.isTaken = true;
      this.#refuseTaken();
    }
  }

  #refuseTaken() {
    throw new InvalidOption('genid gave an id that another session has');
  }

  /** A change in a session that has ended is lost with it: only the application's own save reports an error. */
  #endedWhile(isItsOwn) {
    if (!isItsOwn) throw new SessionEnded('the session was ended while the request was being served');
  }

  /** GETEX has renewed it. */
  touch(_id, session, done) {
    this.#options.seeTouch(recordOf(session));
    done?.(null);
  }

  destroy(id, done) {
    return settle(isId(id) ? this.client.del(this.prefix + id) : Promise.resolve(), done);
  }

  /** express-session sets this, and calls it for each new session. */
  set generate(generate) {
    this.#generate = generate;
  }

  get generate() {
    // express-session calls it for a request that has none yet; a later call is the application's.
    return (req) => this.#begin(req, hadSession(req) ? 'application' : 'middleware');
  }

  /** @param from `application`: a new id within a request, as at a login */
  #begin(req, from) {
    const missing = this.#missing;
    this.#missing = undefined;
    if (missing !== undefined) keepMissingId(req, missing);
    this.#generate(req);
    const record = keepRecord(req.session, { startedAt: Date.now(), written: false, from });
    noteEnd(req, record);
    return record;
  }

  /** A new session with a new id, which is not stored yet. The previous one is not ended. @returns its record */
  begin(req) {
    return this.#begin(req, 'application');
  }

  regenerate(req, done) {
    // Applications fill what it gives with the same user. It would be in no list: no limit and no endAll would reach it.
    if (recordOf(req.session)?.user !== undefined) {
      done(new UserSessionsError('regenerate leaves the list of the user: call login for a new id, and logout at a log-out'));
      return;
    }
    this.destroy(req.sessionID, (error) => {
      this.begin(req);
      done(error);
    });
  }

  createSession(req, data) {
    const isReload = req.session !== undefined || hadSession(req);
    const session = super.createSession(req, data);
    const record = keepRecord(session, { ...recordOf(data), from: isReload ? 'application' : 'store', written: true });
    noteEnd(req, record);
    if (record.startedAt === undefined) this.#adopt(req, session, data);
    return session;
  }

  /**
   * A session that stock connect-redis has written is saved with its first request, which gives it its start. If its cookie expires, that
   * answer replaces it by the cookie that is configured now: express-session sends one because the session of then has an expiry.
   */
  #adopt(req, { cookie }, data) {
    makeDifferent(data);
    const get = () => {
      const like = Object.create(req);
      this.#generate(like);
      return like.session.cookie.data;
    };
    Object.defineProperty(cookie, 'data', { configurable: true, enumerable: false, get });
  }

  #remainingSeconds(startedAt) {
    return Math.ceil((startedAt + this.absoluteSeconds * 1_000 - Date.now()) / 1_000);
  }

  all(done) {
    return this.#cannotList(done);
  }

  ids(done) {
    return this.#cannotList(done);
  }

  length(done) {
    return this.#cannotList(done);
  }

  clear(done) {
    return this.#cannotList(done);
  }

  /** Lists of users begin with the prefix as well, and the application's user of the store cannot list keys. */
  #cannotList(done) {
    return settle(
      Promise.reject(new UserSessionsError('this store does not list or clear all sessions: use list and endAll of a user')),
      done,
    );
  }
}

/** Keys of users' lists and of reasons have a colon behind the prefix: no cookie can name one of them. */
const isId = (id) => typeof id === 'string' && id !== '' && !id.includes(':');

/** express-session takes ENOENT, as of a socket's file that is missing, for "no such session": every user would be logged out. */
const notMissing = (error) =>
  error.code === 'ENOENT' ? new UserSessionsError('the store is not available (ENOENT)', { cause: error }) : error;

/** Answers as connect-redis does: by the callback where there is one, else by the promise. */
async function settle(work, done) {
  let value;
  try {
    value = await work;
  } catch (error) {
    if (!done) throw error;
    return done(error);
  }
  return done ? done(null, value) : value;
}
