/**
 * What the store knows about a session besides its content: under a symbol of this file, so that the application does not see it, and no
 * request that fills a session with its own fields can change it.
 *
 * @typedef {object} SessionRecord
 * @property {number} [startedAt] milliseconds since the epoch; undefined for a session that another store has written
 * @property {string} [user] hash of the user whose login began it
 * @property {boolean} written a save was sent, so the next one must find the session
 * @property {boolean} [isTaken] another session has its id: it is never saved
 * @property {string} [text] what is in the store; undefined while a save is on its way, and after one without a reply
 * @property {number} [saves] that were sent
 * @property {'middleware' | 'application' | 'store'} from who began it, or that it was read
 * @property {boolean} [savedBefore] the application has saved it, before it ended its answer
 * @property {{ isEnding: boolean }} [answer] while `isEnding`, a save is express-session's own
 */

/** A property: a WeakMap would have two entries for each request, which the garbage collector has to follow. */
const RECORD = Symbol('record');
/** Few requests have one. @type {WeakMap<object, string>} */
const missingIds = new WeakMap();

/** @returns {SessionRecord | undefined} */
export const recordOf = (session) => session?.[RECORD];

export function keepRecord(session, record) {
  Object.defineProperty(session, RECORD, { configurable: true, enumerable: false, value: record });
  return record;
}

/** The id that a request named, and under which there is no session. */
export const missingIdOf = (req) => missingIds.get(req);
export const keepMissingId = (req, id) => missingIds.set(req, id);

const ANSWER = Symbol('answer');

/**
 * Marks the time in which express-session ends the answer: it saves within that call, and not after it. Called first by its own
 * middleware, so no other one is in between. Express gives the response to its request; without one nobody can tell whose save it is.
 */
export function noteEnd(req, record) {
  const { res } = req;
  if (typeof res?.end !== 'function') return;
  record.answer = res[ANSWER] ?? markEnd(res);
}

/** Whether the request had a session before, which may have ended since. */
export const hadSession = ({ res }) => res?.[ANSWER] !== undefined;

function markEnd(res) {
  const answer = { isEnding: false };
  Object.defineProperty(res, ANSWER, { enumerable: false, value: answer });
  const { end } = res;
  res.end = function markedEnd(...parameters) {
    answer.isEnding = true;
    try {
      return end.apply(this, parameters);
    } finally {
      answer.isEnding = false;
    }
  };
  return answer;
}
