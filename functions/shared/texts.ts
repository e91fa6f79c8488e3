/** Numbers, counts and times as texts; times in UTC, since readers are in different places. Pure. */

/** `1 server`, `2 servers`, `1 reply`, `2 replies`: a number and what it counts. */
export const counted = (count: number, one: string): string => `${count} ${nounFor(count, one)}`;

/** `server`, `servers`: what a number counts that is written in another way. */
export const nounFor = (count: number, one: string): string =>
  count === 1 ? one : /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`;

export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** `store-alarms` as `StoreAlarms`, the way constructs are named. */
export const pascalCase = (name: string): string => name.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

/** `03:12:05` */
export const clockText = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);
/** `03:12 UTC` */
export const minuteText = (atMs: number): string => `${clockText(atMs).slice(0, 5)} UTC`;
/** `2026-11-22` */
export const dateText = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
/** `2026-11-22 03:12:05` */
export const dateTimeText = (atMs: number): string => `${dateText(atMs)} ${clockText(atMs)}`;
/** `2026-11-22 03:12:05 UTC` */
export const dateTimeWithZone = (atMs: number): string => `${dateTimeText(atMs)} UTC`;
/** `12 m 03 s` */
export const durationFor = (fromMs: number, untilMs: number): string => durationText(Math.max(0, untilMs - fromMs));

/** `12.3 s`, `3 m 05 s`, `1 h 02 m` */
export function durationText(ms: number): string {
  if (ms < 59_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
}

const DAY_SECONDS = 86_400;

/** `365 days`, `36 hours`, `30 minutes`, `20 seconds`: of less than two days or hours, or one minute, in the smaller unit. */
export function spanText(seconds: number): string {
  if (seconds >= 2 * DAY_SECONDS) return counted(Math.round(seconds / DAY_SECONDS), 'day');
  if (seconds >= 7_200) return counted(Math.round(seconds / 3_600), 'hour');
  return seconds >= 60 ? counted(Math.round(seconds / 60), 'minute') : counted(Math.round(seconds), 'second');
}
