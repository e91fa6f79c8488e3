/**
 * Whether sessions fell more than they do at this time of day. What is kept of each hour is the lowest share of the two hours before, not
 * the number: it holds for a quiet Sunday, in a month with more users, and after a sweep has counted in another way. Pure.
 */
import type { DayOfSessions } from './contract.ts';

const DAY_MS = 86_400_000;
const HOURS = 24;
/** Each day of the week once: the first week is compared with nothing. */
const OTHER_DAYS = 7;
/** Fewer sessions end together by chance. */
export const FEWEST_SESSIONS = 20;

const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS);
const hourOf = (atMs: number): number => Math.floor((atMs % DAY_MS) / 3_600_000);

/** Notes a share, 1 for as many sessions as in the two hours before. If the clock went back, later days are forgotten. */
export function noteShare(days: readonly DayOfSessions[], share: number | undefined, atMs: number): readonly DayOfSessions[] {
  const day = dayOf(atMs);
  const earlier = days.filter((one) => one.day < day && one.day >= day - OTHER_DAYS);
  const today = days.find((one) => one.day === day) ?? { day, lowest: Array.from({ length: HOURS }, () => null) };
  const lower = (known: number | null) => (share === undefined ? known : Math.min(known ?? 1, Math.floor(share * 1_000) / 1_000));
  const at = hourOf(atMs);
  return [...earlier, { day, lowest: today.lowest.map((known, hour) => (hour === at ? lower(known) : known)) }];
}

/**
 * The share at this hour, or in the next one: the users of an office do not leave on the minute. It is the lower one of the same day a week
 * ago and the second-lowest of the other days, so that an outage hides another one at its hour on that weekday only.
 * @returns undefined before a week is known, or where no other day had enough sessions at this hour
 */
export function usualShare(days: readonly DayOfSessions[], atMs: number): number | undefined {
  const day = dayOf(atMs);
  const others = days.filter((one) => one.day < day);
  if (!others.some((one) => one.day <= day - OTHER_DAYS)) return undefined;
  const hour = hourOf(atMs);
  const lowestOf = (one: DayOfSessions) => {
    const next = hour + 1 < HOURS ? one.lowest[hour + 1] : days.find((other) => other.day === one.day + 1)?.lowest[0];
    const known = [one.lowest[hour], next].filter((share) => typeof share === 'number');
    return known.length === 0 ? [] : [Math.min(...known)];
  };
  const weekAgo = others.filter((one) => one.day === day - OTHER_DAYS).flatMap(lowestOf);
  const rest = others.filter((one) => one.day !== day - OTHER_DAYS).flatMap(lowestOf);
  const known = [...weekAgo, ...rest.toSorted((one, other) => one - other).slice(rest.length > 1 ? 1 : 0)];
  return known.length === 0 ? undefined : Math.min(...known);
}
