/** Sessions that stay in the store long after anybody uses them. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import { spanText } from '../../../shared/duration-text.ts';
import type { DialectFacts } from '../../contract/store-facts.ts';
import { firmIf, judgeSource, no, open, yes } from '../judged.ts';
import { cookieLife, everyCookieRead, sampledWith, type With } from './session-life.ts';

const DAY_SECONDS = 86_400;
/** With a life of a month, a tenth of the sessions of people who never return is younger than three days. */
const LONG_SECONDS = 30 * DAY_SECONDS;
const UNUSED_SECONDS = 7 * DAY_SECONDS;
/** A cookie that is gone brings its session back no more: a session that has been unused for so long is of no use to anybody. */
const TIMES_COOKIE = 4;
/** Those of another application can share the store, and are none of the cookie's. */
const FEWEST_PERCENT = 10;

/** The dialect with the most keys among those whose sessions live long. */
export const livesAreLong = judgeSource('store', ({ dialects }, { complete, evidence }) => {
  const known = sampledWith('livesSeconds', dialects);
  if (known.length === 0) return firmIf(complete, no('store', 'the sampled sessions show no life of weeks'));
  const cookie = cookieLife(evidence);
  const all = sumOf(known, ({ keys }) => keys);
  const isPastCookie = ({ keys, livesSeconds: { median }, unusedSeconds }: With<'livesSeconds'>) =>
    cookie !== undefined &&
    keys * 100 >= all * FEWEST_PERCENT &&
    median >= DAY_SECONDS &&
    median >= TIMES_COOKIE * cookie &&
    (unusedSeconds ?? cookie) >= cookie;
  const long = known.filter(({ livesSeconds }) => livesSeconds.median >= LONG_SECONDS);
  const unused = long.find(({ unusedSeconds }) => (unusedSeconds ?? 0) >= UNUSED_SECONDS);
  if (unused) return firmIf(complete, yes('store', lifeText(unused, cookie)));
  const past = known.find(isPastCookie);
  const whole = complete && everyCookieRead(evidence);
  if (past) return firmIf(whole && typeof past.unusedSeconds === 'number', yes('store', lifeText(past, cookie)));
  const unseen = long.find(({ unusedSeconds, unusedIsAtLeast }) => typeof unusedSeconds !== 'number' || unusedIsAtLeast);
  if (unseen) return open('store', `session store: how long sessions are unused (${lifeText(unseen, cookie)})`);
  return firmIf(whole, no('store', lifeText(known[0] as With<'livesSeconds'>, cookie)));
});

/** `sessions (django) live 365 days; nine in ten have been unused for 30 days; their cookie lives 14 days` */
export function lifeText({ dialect, livesSeconds, unusedSeconds }: DialectFacts, cookieSeconds: number | undefined): string {
  if (!livesSeconds) return '';
  const { median, p90 } = livesSeconds;
  const lives =
    spanText(median) === spanText(p90)
      ? `sessions (${dialect}) live ${spanText(median)}`
      : `half of the sessions (${dialect}) live ${spanText(median)}, nine in ten up to ${spanText(p90)}`;
  const unused = unusedSeconds ? `; nine in ten have been unused for ${spanText(unusedSeconds)}` : '';
  const cookie = cookieSeconds === undefined ? '' : `; their cookie lives ${spanText(cookieSeconds)}`;
  return `${lives}${unused}${cookie}`;
}
