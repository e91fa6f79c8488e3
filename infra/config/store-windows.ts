/** When ElastiCache maintains and saves a created store, in UTC: what it would refuse only in a deployment. Pure. */
import { matching } from './values.ts';

const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]';
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DAY = `(${DAYS.join('|')})`;

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html */
const SHORTEST_MINUTES = 60;

export const maintenanceWindow = matching(
  new RegExp(`^${DAY}:${TIME}-${DAY}:${TIME}$`),
  'must be a weekly time in UTC, such as sun:05:00-sun:06:00: both with a day in three lower-case letters and a time of 24 hours',
);
export const snapshotWindow = matching(
  new RegExp(`^${TIME}-${TIME}$`),
  'must be a daily time in UTC, such as 03:00-04:00: two times of 24 hours',
);

interface Span {
  /** Minutes since Monday 00:00, or since midnight. */
  readonly start: number;
  readonly minutes: number;
}

/** Why ElastiCache would refuse the windows: each is to last an hour, and no snapshot is to begin or run during maintenance. */
export function windowProblems(windows: {
  readonly maintenanceWindow: string;
  readonly snapshotWindow: string;
}): { readonly key: keyof typeof windows; readonly message: string }[] {
  const maintenance = spanOf(windows.maintenanceWindow, WEEK_MINUTES);
  const snapshot = spanOf(windows.snapshotWindow, DAY_MINUTES);
  const short = (key: keyof typeof windows, { minutes }: Span) =>
    minutes < SHORTEST_MINUTES ? [{ key, message: `lasts ${minutes} minutes, and the minimum is ${SHORTEST_MINUTES}` }] : [];
  const tooShort = [...short('maintenanceWindow', maintenance), ...short('snapshotWindow', snapshot)];
  if (tooShort.length > 0 || !overlaps(maintenance, snapshot)) return tooShort;
  return [
    {
      key: 'snapshotWindow',
      message: `overlaps store.maintenanceWindow, ${windows.maintenanceWindow}, which ElastiCache refuses, also without snapshots: move one of them`,
    },
  ];
}

/** `sun:05:00-sun:06:00`, `23:30-00:30`; from the end of the week or the day it goes on at its start. */
function spanOf(window: string, period: number): Span {
  const [start = 0, end = 0] = window.split('-').map(minutesOf);
  return { start, minutes: (end - start + period) % period };
}

function minutesOf(moment: string): number {
  const [minute = '0', hour = '0', day] = moment.split(':').toReversed();
  const days = day === undefined ? 0 : DAYS.indexOf(day as (typeof DAYS)[number]);
  return days * DAY_MINUTES + Number(hour) * 60 + Number(minute);
}

/** Whether the weekly and the daily span have a minute in common. One may begin when the other ends. */
function overlaps(weekly: Span, daily: Span): boolean {
  // From the day before: a snapshot that begins then can go on past midnight.
  return Array.from({ length: 10 }, (_, day) => (day - 1) * DAY_MINUTES + daily.start).some(
    (start) => start < weekly.start + weekly.minutes && weekly.start < start + daily.minutes,
  );
}
