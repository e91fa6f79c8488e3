import { InvalidArgument, InvalidOption, SessionTooLarge, UserSessionsError } from './errors.mjs';

/** The field of a stored session that has what the store knows about it. Stock connect-redis keeps it as any other field. */
const FIELD = 'userSessions';
const LONGEST_NAME = 64;

/** @returns the application's part, and the store's */
export function readSession(text) {
  let parsed;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The error of JSON.parse quotes the text.
  }
  if (typeof parsed?.cookie !== 'object' || parsed.cookie === null)
    throw new UserSessionsError('a session of another format cannot be deserialized');
  const { [FIELD]: own, ...data } = parsed;
  const startedAt = Number.isSafeInteger(own?.startedAt) ? own.startedAt : undefined;
  const user = startedAt !== undefined && typeof own.user === 'string' ? own.user : undefined;
  return { data, startedAt, user };
}

/** express-session compares what it read with what it saves: a field that only the one has makes it save. */
export const makeDifferent = (data) => {
  data[FIELD] = null;
};

/** @throws InvalidArgument */
export function writeSession(session, { startedAt, user }) {
  if (Object.hasOwn(session, FIELD)) throw new InvalidArgument(`the field ${FIELD} of a session is this store's: give yours another name`);
  return JSON.stringify({ ...session, [FIELD]: { startedAt, user } });
}

/** What the application has put into it: without the cookie, whose times change with every request. */
export const contentOf = (session) => JSON.stringify({ ...session, cookie: undefined });

/** A cookie's settings without the time at which it expires, which each request moves. */
const settingsOf = (cookie) => {
  const { expires: _, ...settings } = JSON.parse(JSON.stringify(cookie));
  return JSON.stringify(settings);
};

export const hasCookieOf = (text, { cookie }) => settingsOf(readSession(text).data.cookie) === settingsOf(cookie);

export const isEmpty = (session) => Object.keys(session).every((name) => name === 'cookie');

/** @throws SessionTooLarge */
export function checkSize(text, session, maxBytes) {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return;
  const [largest] = Object.entries(session)
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(JSON.stringify(value) ?? '') }))
    .sort((one, other) => other.bytes - one.bytes);
  throw new SessionTooLarge(
    `the session has ${bytes} bytes, and the maximum is ${maxBytes}; its largest field is ${largest.name.slice(0, LONGEST_NAME)} with ${largest.bytes} bytes`,
  );
}

/** One save that nothing explains can be an application's habit that nobody foresaw: it must not take the site down. */
const PROOF_SAVES = 3;

/**
 * What express-session shows of its options at the end of answers: with both set to false it does not save what has not changed. Each such
 * save fails; after some of them the option counts as on, and no session is read.
 */
export class SeenOptions {
  #saves = { resave: 0, saveUninitialized: 0 };
  #isResaveOff = false;
  #refusal;

  /** @throws InvalidOption */
  check() {
    if (this.#refusal) throw this.#refusal;
  }

  /** Is called at each save of express-session itself. @throws InvalidOption */
  seeSave(session, record, isUnchanged) {
    // What the application's own save had in between, express-session compares with at the end.
    if (record.savedBefore) return;
    if (record.from === 'middleware' && !record.written && isEmpty(session)) this.#refuse('saveUninitialized');
    if (isFromStore(record) && isUnchanged) this.#refuse('resave');
  }

  /** Is called at each touch. With the option resave, express-session saves a session instead of touching it. */
  seeTouch(record) {
    if (record?.answer?.isEnding && !record.savedBefore && isFromStore(record)) this.#isResaveOff = true;
  }

  #refuse(option) {
    const wrong = `express-session's option ${option} must be false with this store`;
    this.#saves[option] += 1;
    if (this.#saves[option] >= PROOF_SAVES && !(option === 'resave' && this.#isResaveOff))
      this.#refusal = new InvalidOption(`${wrong}; no session is read until it is`);
    throw new InvalidOption(`${wrong}; this save has stored nothing`);
  }
}

/** A session that stock connect-redis has written is saved with its first request, whatever the options. */
const isFromStore = ({ from, startedAt }) => from === 'store' && startedAt !== undefined;
