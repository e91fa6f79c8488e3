/** Times at which many sessions went from the store at once, by the collector's readings of each minute. Pure. */
import type { MinuteSample } from '../../collect/contract.ts';
import { medianOf } from '../../shared/arithmetic.ts';
import { clockText } from '../../shared/times.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { failoversOf } from './failovers.ts';

export interface Fall {
  readonly before: MinuteSample;
  readonly after: MinuteSample;
  /** Not from one reading to the next. */
  readonly isSlow?: true;
}

/** So long before the first sign sessions can have gone with which the trouble began. */
export const SUDDEN_MS = 15 * 60_000;

/** From one reading to the next, which is a minute later, users who are sent away log in again: so many can be there once more. */
const LEFT_AT_NEXT = 0.4;
const NEXT_READING_SECONDS = 150;
const FEWEST_AT_ONCE = 20;
/** Meanwhile more of them log in again. Fewer than so many end within minutes by chance. */
const LEFT_SLOWLY = 0.6;
const SLOWLY_SECONDS = 330;
const FEWEST_SLOWLY = 40;

const goneIn = ({ before, after }: Fall): number => before[1] - after[1];
/** Its keys have to go with the sessions: a full sweep counts the same keys in another way. */
const isOfKeys = (fall: Fall): boolean => fall.before[2] - fall.after[2] >= goneIn(fall) / 2;

/**
 * Falls of the sessions from one reading to the next, where one is since a quarter of an hour before the first sign; else the deepest one of
 * that time that took minutes. Oldest first.
 */
export function fallsOf(evidence: Evidence): readonly Fall[] {
  const minutes = factsOf(evidence, 'readings')?.minutes ?? [];
  const isNear = ({ after }: Fall) => after[0] * 1_000 >= evidence.firstSignMs - SUDDEN_MS;
  const sudden = minutes.slice(1).flatMap((after, index): Fall[] => {
    const fall = { before: minutes[index] as MinuteSample, after };
    const isDeep = fall.before[1] >= FEWEST_AT_ONCE && after[1] <= fall.before[1] * LEFT_AT_NEXT;
    return isDeep && isNextTo(fall) && isOfKeys(fall) ? [fall] : [];
  });
  if (sudden.some(isNear)) return sudden;
  const slow = minutes.flatMap((after, index) => slowFalls(after, minutes.slice(0, index))).filter((fall) => isNear(fall));
  const [deepest] = slow.toSorted((one, other) => goneIn(other) - goneIn(one));
  return deepest === undefined || isOfFailover(deepest, evidence) ? [] : [deepest];
}

const isNextTo = ({ before, after }: Fall): boolean => after[0] - before[0] <= NEXT_READING_SECONDS;

/** From readings of the minutes before to this one, with one in each minute between and nothing deleted to make room. */
function slowFalls(after: MinuteSample, earlier: readonly MinuteSample[]): readonly Fall[] {
  const first = earlier.findLastIndex((one, at) => !isNextTo({ before: one, after: earlier[at + 1] ?? after }));
  const near = earlier.slice(first + 1).filter(([atSeconds]) => after[0] - atSeconds <= SLOWLY_SECONDS);
  if ([...near.slice(1), after].some(([, , , , evictions]) => evictions !== 0)) return [];
  return near
    .map((before): Fall => ({ before, after, isSlow: true }))
    .filter((fall) => goneIn(fall) >= FEWEST_SLOWLY && after[1] <= fall.before[1] * LEFT_SLOWLY && isOfKeys(fall));
}

/** What a new primary had not received was deleted by nobody. */
const isOfFailover = ({ before, after }: Fall, evidence: Evidence): boolean =>
  failoversOf(evidence).some((atMs) => atMs >= before[0] * 1_000 - 60_000 && atMs <= after[0] * 1_000 + 60_000);

const clock = ([atSeconds]: MinuteSample): string => clockText(atSeconds * 1_000).slice(0, 5);

/** Fewer are no rhythm. */
const FEWEST_REPEATED = 3;
/** Readings are a minute apart. */
const SLACK_SECONDS = 90;

/** `20 times from 10:10 until 10:48 UTC, every 2 minutes`; undefined of one. */
export function rhythmOf(falls: readonly Fall[]): string | undefined {
  const [first, last] = [falls[0], falls.at(-1)];
  if (first === undefined || last === undefined || falls.length < 2) return undefined;
  const gaps = falls.slice(1).map(({ after }, index) => after[0] - (falls[index]?.after[0] ?? 0));
  const usual = medianOf(gaps) ?? 0;
  const isRegular = falls.length >= FEWEST_REPEATED && gaps.every((gap) => Math.abs(gap - usual) <= SLACK_SECONDS);
  const every = isRegular ? `, every ${Math.round(usual / 60) === 1 ? 'minute' : `${Math.round(usual / 60)} minutes`}` : '';
  return `${falls.length} times from ${clock(first.after)} until ${clock(last.after)} UTC${every}`;
}

/** What the readings show, as a clause. */
export function fallText(falls: readonly [Fall, ...Fall[]]): string {
  const { before, after, isSlow } = falls.at(-1) ?? falls[0];
  const left = `${after[1]} of ${before[1]} sessions were left`;
  const rhythm = rhythmOf(falls);
  if (rhythm !== undefined) return `most sessions were gone ${rhythm}: the last time ${left}`;
  return isSlow
    ? `${left} after ${Math.round((after[0] - before[0]) / 60)} minutes, and none was deleted to make room`
    : `${left} from one reading to the next`;
}

/** Why users are logged out by it, as a clause. */
export function emptiedText([fall, ...others]: readonly Fall[]): string {
  const rhythm = fall && rhythmOf([fall, ...others]);
  if (rhythm !== undefined) return `the store was emptied ${rhythm}, as by a job that runs again and again`;
  if (fall?.isSlow)
    return `somebody or a job deleted sessions from the store, which fell from ${fall.before[1]} to ${fall.after[1]} between ${clock(fall.before)} and ${clock(fall.after)} UTC`;
  return 'the store was emptied: nearly all sessions are gone from it at once';
}
