import { InvalidOption } from './errors.mjs';
import { isEmpty } from './stored-session.mjs';

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
