/** Whether servers and store understand each other. Pure. */
import type { Evidence } from '../../contract/evidence.ts';
import { anyOf, firmIf, type Judged, judgeSource, no, yes } from '../judged.ts';
import { firstLineMs, wordsAbout } from './application-logs.ts';
import { mostCutOff, storeGone } from './store-reach.ts';

/** What comes later than this after the first sign did not bring it about. */
const LATER_MS = 5 * 60_000;

/** The store is gone, most servers cannot reach it, or their logs have errors of it: words are hints, also while a PING is answered. */
export const storeTrouble = (evidence: Evidence): Judged =>
  anyOf(
    storeGone(evidence),
    mostCutOff(evidence),
    wordsAbout(evidence, 'storeConnection', 'connections to the store'),
    wordsAbout(evidence, 'readOnly', 'writes that a node refuses'),
    wordsAbout(evidence, 'outOfMemory', 'writes that a full store refuses'),
  );

/** The servers' logs have errors of the store, and the first came too late to explain the first sign. */
export const errorsBeganLater = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const whole = complete && servers.every(({ application }) => application !== undefined && !application.partial);
  const times = (['storeConnection', 'readOnly', 'outOfMemory'] as const).flatMap((category) => firstLineMs(evidence, category) ?? []);
  if (times.length === 0) return firmIf(whole, no('servers', "the servers' logs show no errors of the store that began later"));
  return Math.min(...times) > evidence.firstSignMs + LATER_MS
    ? firmIf(whole, yes('servers', "the store's errors began later than users were logged out"))
    : no('servers', "the store's errors were there when users were logged out");
});
