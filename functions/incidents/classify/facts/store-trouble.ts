/** Whether servers and store understand each other. Pure. */
import { LINES_OF_STORE } from '../../trouble/store-channels.ts';
import { anyOf, firmIf, judgeSource, no, yes } from '../judged.ts';
import { everyLogRead, firstLineMs, wordsAbout } from './application-logs.ts';
import { mostCutOff, storeGone } from './store-reach.ts';

/** What comes later than this after the first sign did not bring it about. */
const LATER_MS = 5 * 60_000;

/** The store is gone, most servers cannot reach it, or their logs have errors of it: words are hints, also while a PING is answered. */
export const storeTrouble = anyOf(storeGone, mostCutOff, ...LINES_OF_STORE.map(wordsAbout));

/** The servers' logs have errors of the store, and the first came too late to explain the first sign. */
export const errorsBeganLater = judgeSource('servers', (_, { evidence }) => {
  const firstMs = firstLineMs(evidence, LINES_OF_STORE);
  if (firstMs === undefined)
    return firmIf(everyLogRead(evidence), no('servers', "the servers' logs show no errors of the store that began later"));
  return firstMs > evidence.firstSignMs + LATER_MS
    ? firmIf(everyLogRead(evidence), yes('servers', "the store's errors began later than users were logged out"))
    : no('servers', "the store's errors were there when users were logged out");
});
